package server

import (
	"context"

	"vestnik/documents"
	"vestnik/documents/redline"
)

// Comparison is a redline and what happened between its two versions.
type Comparison struct {
	redline.Redline
	History *SinceView `json:"history,omitempty" doc:"Absent if no version lies between"`
}

// SinceView is what happened between two versions, clause by clause.
type SinceView struct {
	Versions []int             `json:"versions" doc:"Those between the two that have this language and were not withdrawn"`
	Clauses  []ClauseSinceView `json:"clauses" doc:"Those of the newer text in its order, then those that are gone"`
	Many     bool              `json:"many,omitempty" doc:"So many versions lie between, or so much happened, that no clause is named: compare versions that are nearer"`
}

// ClauseSinceView is in which versions a clause changed.
type ClauseSinceView struct {
	ID      string             `json:"id" doc:"Permanent; empty for the text before the first clause"`
	Number  *string            `json:"number" doc:"As the newer text has it, else as it was last"`
	Title   string             `json:"title"`
	Undone  bool               `json:"undone,omitempty" doc:"Between the two versions nothing of it differs: what one version did, another took back"`
	Changes []ClauseChangeView `json:"changes"`
}

// ClauseChangeView is what one version did to a clause.
type ClauseChangeView struct {
	Version    int    `json:"version"`
	Before     int    `json:"before,omitempty" doc:"The version that it is compared with; absent for the first"`
	Kind       string `json:"kind" enum:"added,removed,changed,moved,renumbered" doc:"The first that holds; renumbered with the same number if only references in it followed"`
	Moved      bool   `json:"moved,omitempty" doc:"Beside the kind"`
	Renumbered bool   `json:"renumbered,omitempty" doc:"Beside the kind"`
	OldNumber  string `json:"old_number,omitempty" doc:"Its number in the version before, if that was another"`
}

func changeView(version, before int, c documents.ClauseChange) ClauseChangeView {
	out := ClauseChangeView{Version: version, Before: before, Kind: string(c.Kind), Moved: c.Moved, Renumbered: c.Renumbered}
	if c.Was != c.Clause.Number {
		out.OldNumber = c.Was
	}
	return out
}

// sinceView is nil if no version lies between.
func sinceView(s documents.Since) *SinceView {
	if len(s.Versions) == 0 {
		return nil
	}
	out := &SinceView{Versions: s.Versions, Clauses: []ClauseSinceView{}, Many: s.Many}
	for _, c := range s.Clauses {
		v := ClauseSinceView{ID: c.Clause.ID, Number: numberOf(c.Clause), Title: c.Clause.Title, Undone: c.Undone}
		for _, step := range c.Steps {
			v.Changes = append(v.Changes, changeView(step.Version, step.Before, step.ClauseChange))
		}
		out.Clauses = append(out.Clauses, v)
	}
	return out
}

func numberOf(c documents.Clause) *string {
	if c.Number == "" {
		return nil
	}
	return &c.Number
}

// ClauseHistoryView is what became of a clause in one language.
type ClauseHistoryView struct {
	Document string            `json:"document"`
	Clause   string            `json:"clause"`
	Lang     string            `json:"lang"`
	States   []ClauseStateView `json:"states"`
	Missing  []int             `json:"missing" doc:"Versions that are not looked at: they lack this language, or their text is withheld"`
	Next     int               `json:"next,omitempty" doc:"Ask with before=next for the states before these"`
}

// ClauseStateView is a version in which a clause became another.
type ClauseStateView struct {
	ClauseChangeView
	Returned  bool             `json:"returned,omitempty" doc:"It was added again after it had been removed"`
	Number    *string          `json:"number" doc:"Exactly as written; of a clause that is gone, as it was"`
	Title     string           `json:"title"`
	Lines     [2]int           `json:"lines" doc:"In the version, or in the one before if it is gone"`
	Effective EffectiveView    `json:"effective"`
	Withdrawn bool             `json:"withdrawn,omitempty" doc:"The version was withdrawn before it took effect"`
	Text      []string         `json:"text" doc:"What a reader sees of the clause, by paragraph; empty if it is gone"`
	Redline   *redline.Redline `json:"redline,omitempty" doc:"Against the version before, with the changes of this clause alone"`
}

func stateView(s documents.ClauseState) ClauseStateView {
	return ClauseStateView{
		ClauseChangeView: changeView(s.Standing.Number, s.Before, s.ClauseChange), Returned: s.Returned,
		Number: numberOf(s.Clause), Title: s.Clause.Title, Lines: [2]int{s.Clause.First, s.Clause.Last},
		Effective: effectiveView(s.Standing.Effective), Withdrawn: s.Standing.Withdrawn, Text: append([]string{}, s.Blocks...), Redline: s.Redline,
	}
}

type clausePath struct {
	DocumentPath
	Clause string `path:"clause" doc:"The permanent id, such as c-2f5kq7ab"`
	Lang   string `query:"lang" doc:"The prevailing language if absent"`
	Before int    `query:"before" minimum:"0" doc:"Only states in versions before this one"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

func (a *api) clauseHistory(ctx context.Context, in *clausePath) (*output[ClauseHistoryView], error) {
	tag, err := a.languageOr(ctx, in.ID, in.Lang)
	if err != nil {
		return nil, err
	}
	h, err := a.s.clauseHistory(ctx, documents.ClauseQuery{Document: in.ID, Lang: tag, ID: in.Clause, Before: in.Before, Limit: in.Limit, Texts: true})
	if err != nil {
		return nil, err
	}
	out := ClauseHistoryView{Document: in.ID, Clause: in.Clause, Lang: tag, States: []ClauseStateView{}, Missing: append([]int{}, h.Missing...), Next: h.Next}
	for _, s := range h.States {
		out.States = append(out.States, stateView(s))
	}
	return body(out, nil)
}

// languageOr is a language that was asked for, or the one that prevails.
func (a *api) languageOr(ctx context.Context, document, tag string) (string, error) {
	d, err := a.document(ctx, document)
	if tag == "" {
		tag = d.Prevailing
	}
	return tag, err
}
