package server

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"
	"unicode"

	"vestnik/documents"
	"vestnik/documents/lang"
	"vestnik/documents/redline"
)

type clausePage struct {
	page
	Heading           string
	TextLang, TextDir string
	DocumentHref      string
	ClauseName        string
	Status            tag
	Sentence          string
	HTML              template.HTML
	InText            string
	InTextName        string
	History           []clauseLine
	Earlier           string // the address of the rest of History
	Missing           string
	Permanent         string
}

type clauseLine struct {
	Href, Name, Number, Effective, What string
	Status                              tag
	Compare                             string
	Redline                             template.HTML // was and now, if the page has room
}

// sighting is a clause in one version.
type sighting struct {
	version documents.Standing
	clause  documents.Clause
	source  string
	text    documents.Text
	now     bool // the version is the one in force
}

const (
	clauseStates = 20          // how many states of a clause a page lists
	historyFor   = time.Second // how long versions are compared for it; then it lists fewer
)

// clauseHistory is ClauseHistory in its turn: it compares as many versions as there
// are states.
func (s *Server) clauseHistory(ctx context.Context, q documents.ClauseQuery) (documents.ClauseHistory, error) {
	if err := s.dear.enter(ctx); err != nil {
		return documents.ClauseHistory{}, err
	}
	defer s.dear.leave()
	soon, cancel := context.WithTimeout(ctx, historyFor)
	defer cancel()
	h, err := s.Library.ClauseHistory(soon, q)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		err = errBusy
	}
	return h, err
}

// clause says what became of a clause: where it stands now, or where it last
// did, and in which versions it became another.
func (p *site) clause(v *visit) (view, error) {
	s, err := v.subject()
	if err != nil {
		return view{}, err
	}
	before := 0
	if asked := v.r.URL.Query().Get("before"); asked != "" {
		if before, err = numberIn(asked); err != nil {
			return view{}, err
		}
	}
	id := v.r.PathValue("id")
	h, err := v.Server.clauseHistory(v.ctx, documents.ClauseQuery{Document: s.ID, Lang: s.tag, ID: id, Before: before, Limit: clauseStates, Texts: true})
	var show sighting
	if err == nil {
		show, err = v.sighting(s, h, before)
	}
	if notFound(err) {
		return view{}, s.no("clause")
	}
	if err != nil {
		return view{}, err
	}
	out := &clausePage{page: v.page("")}
	v.clauseHead(out, s, show)
	out.Permanent = v.absolute(v.href(s.ID, s.tag, "clause", id))
	out.Canonical = out.Permanent
	v.clauseHistory(out, s, h)
	out.HTML, err = clauseHTML(show)
	return view{"clause.html", out, s.t.Next(v.now)}, err
}

// sighting finds a clause in the version in force, else in the last one that has
// it.
func (v *visit) sighting(s subject, h documents.ClauseHistory, before int) (sighting, error) {
	if s.hasForce {
		one, err := v.sightingIn(s, s.inForce, h.ID)
		if err == nil || !notFound(err) {
			one.now = true
			return one, err
		}
	}
	if before > 0 {
		var err error
		if h, err = v.Library.ClauseHistory(v.ctx, documents.ClauseQuery{Document: s.ID, Lang: s.tag, ID: h.ID, Limit: clauseStates}); err != nil {
			return sighting{}, err
		}
	}
	if len(h.States) == 0 {
		return sighting{}, errNoPage
	}
	last, _ := s.t.Standing(lastWith(s.t, h))
	return v.sightingIn(s, last, h.ID)
}

// lastWith is the last version that has a clause, one that was withdrawn only if
// no other has it.
func lastWith(t documents.Timeline, h documents.ClauseHistory) int {
	state := h.States[0]
	if i := slices.IndexFunc(h.States, func(s documents.ClauseState) bool { return !s.Standing.Withdrawn }); i >= 0 {
		state = h.States[i]
	}
	if state.Kind == redline.Removed {
		return state.Before
	}
	last := state.Standing.Number
	for _, o := range t.Versions {
		if o.Number > last && !o.Withdrawn && !slices.Contains(h.Missing, o.Number) {
			last = o.Number
		}
	}
	return last
}

func (v *visit) sightingIn(s subject, in documents.Standing, id string) (sighting, error) {
	ver, err := v.Library.Version(v.ctx, s.ID, in.Number)
	if err != nil {
		return sighting{}, err
	}
	t, _ := ver.Text(s.tag)
	for _, c := range t.Clauses {
		if c.ID == id && !in.Withheld {
			return sighting{version: in, clause: c, source: linesOf(t.Source, c.First, c.Last), text: t}, nil
		}
	}
	return sighting{}, errNoPage
}

// linesOf returns lines first to last of a source, 1-based and inclusive.
func linesOf(source string, first, last int) string {
	lines := strings.SplitAfter(source, "\n")
	first, last = max(first, 1), min(last, len(lines))
	if first > last {
		return ""
	}
	return strings.Join(lines[first-1:last], "")
}

func (v *visit) clauseHead(out *clausePage, s subject, show sighting) {
	heading, tagged := title(show.version.Titles, s.tag, s.Prevailing, s.ID)
	out.Heading, out.TextLang, out.TextDir, out.DocumentHref = heading, tagged, dirOf(s.tag), v.href(s.ID, s.tag)
	name := clauseName(show.clause)
	out.ClauseName = namedClause(v.w, show.clause)
	out.Title = out.ClauseName + ", " + heading
	v.addresses(&out.page, s, show.version, true)
	for i := range out.Alternates {
		out.Alternates[i].Href = v.absolute(v.href(s.ID, out.Alternates[i].Lang, "clause", show.clause.ID))
	}
	out.Alternates = out.Alternates[:max(0, len(out.Alternates)-1)]
	version := versionName(v.w, show.version.Number)
	out.InText, out.InTextName = v.href(s.ID, s.tag, "v", show.version.Number)+"#"+show.clause.ID, v.w.T("clause-read-last")
	switch {
	case show.now:
		out.Status, out.Sentence = tag{"in-force", v.w.T("clause-stands")}, v.w.T("clause-is", "number", name)
		if show.clause.Number == "" {
			out.Sentence = v.w.T("clause-is-unnumbered")
		}
		out.InText, out.InTextName = v.href(s.ID, s.tag)+"#"+show.clause.ID, v.w.T("clause-read")
	case show.version.Effective.Instant.After(v.now) && !show.version.Withdrawn:
		out.Status, out.Sentence = tag{"upcoming", v.w.T("not-yet")}, v.w.T("clause-upcoming", "version", version)
		out.InTextName = v.w.T("clause-read")
	default:
		out.Status, out.Sentence = tag{"past", v.w.T("clause-not")}, v.w.T("clause-gone", "version", version)
	}
}

// namedClause names a clause where nothing around it says what it is: "Article 7"
// does so itself.
func namedClause(w lang.Words, c documents.Clause) string {
	if c.Number != "" && strings.IndexFunc(strings.Trim(c.Number, "()."), unicode.IsLetter) < 0 {
		return w.T("clause-named", "number", clauseName(c))
	}
	return clauseName(c)
}

func (v *visit) clauseHistory(out *clausePage, s subject, h documents.ClauseHistory) {
	for _, state := range h.States {
		out.History = append(out.History, v.clauseLine(s, state))
	}
	if h.Next > 0 {
		out.Earlier = fmt.Sprintf("%s?before=%d", v.href(s.ID, s.tag, "clause", h.ID), h.Next)
	}
	if len(h.Missing) > 0 {
		out.Missing = v.w.T("clause-missing", "list", strings.Join(v.spans(h.Missing), v.w.T("list-separator")))
	}
}

// spansMost is how many numbers, or spans of them, a sentence names.
const spansMost = 20

// spans says ascending numbers in short: 1–40, 43, and an ellipsis if there are more.
func (v *visit) spans(numbers []int) (out []string) {
	for i := 0; i < len(numbers); {
		j := i
		for j+1 < len(numbers) && numbers[j+1] == numbers[j]+1 {
			j++
		}
		if len(out) == spansMost {
			return append(out, "…")
		}
		switch said := lang.Number(v.w.Lang, numbers[i]); j - i {
		case 0:
			out = append(out, said)
		case 1:
			out = append(out, said, lang.Number(v.w.Lang, numbers[j]))
		default:
			out = append(out, said+"–"+lang.Number(v.w.Lang, numbers[j]))
		}
		i = j + 1
	}
	return out
}

func (v *visit) clauseLine(s subject, state documents.ClauseState) clauseLine {
	o := state.Standing
	line := clauseLine{Href: v.href(s.ID, s.tag, "v", o.Number), Name: versionName(v.w, o.Number), Effective: effectiveDate(v.w, o.Effective), What: becameOf(v.w, state)}
	if state.Kind != redline.Removed {
		line.Href, line.Number = line.Href+"#"+state.Clause.ID, state.Clause.Number
	}
	if state.Before > 0 {
		line.Compare = hrefCompare(v.base(), s.ID, s.tag, state.Before, o.Number)
	}
	if state.Redline != nil && !state.Redline.Equal() {
		line.Redline = scoped(state.Redline.HTML(s.tag), fmt.Sprintf("v%d-", o.Number))
	}
	if status := shortStatus(v.w, s.t, o, v.now); o.Withdrawn || status.Class == "upcoming" {
		line.Status = status
	}
	return line
}

// becameOf says what one version did to a clause.
func becameOf(w lang.Words, s documents.ClauseState) string {
	if s.Returned {
		return w.T("clause-returned")
	}
	return clauseChanged(w, s.ClauseChange)
}

func clauseChanged(w lang.Words, c documents.ClauseChange) string {
	kind := map[redline.Kind]string{
		redline.Added: "clause-came", redline.Removed: "clause-removed", redline.Changed: "clause-changed", redline.Moved: "clause-moved", redline.Renumbered: "clause-renumbered",
	}[c.Kind]
	if c.Kind == redline.Renumbered && c.Was == c.Clause.Number {
		kind = "clause-references"
	}
	said := []string{w.T(kind)}
	if c.Moved {
		said = append(said, w.T("clause-moved"))
	}
	if c.Renumbered {
		said = append(said, w.T("clause-renumbered"))
	}
	return strings.Join(said, "; ")
}

// clauseHTML renders the clause's own lines. Alone they are a text like any
// other; its clauses keep the ids that they have in the whole.
func clauseHTML(one sighting) (template.HTML, error) {
	part := documents.Text{Lang: one.text.Lang, Source: one.source}
	for _, c := range one.text.Clauses {
		if c.First >= one.clause.First && c.Last <= one.clause.Last {
			c.First, c.Last = c.First-one.clause.First+1, c.Last-one.clause.First+1
			part.Clauses = append(part.Clauses, c)
		}
	}
	if strings.TrimSpace(part.Source) == "" {
		return "", nil
	}
	out, err := render(part)
	return out.HTML, err
}
