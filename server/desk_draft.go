package server

import (
	"errors"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"

	"vestnik/documents"
	"vestnik/documents/lang"
	"vestnik/documents/markdown"
	"vestnik/documents/redline"
)

type draftPage struct {
	page
	Heading, TextLang    string
	DocumentHref, Action string
	DraftLine, Comment   string
	Saved                string
	Conflict             string
	Conflicts            []conflict
	Revision, Based      int
	Texts                []draftText
	Class, Reason        *field
	Effective, Urgent    *field
	Basis                []*field
	Revisions            []link
}

// conflict shows, in one language, what was saved meanwhile against what was
// typed here.
type conflict struct {
	Lang, Dir, Title string
	HTML             template.HTML
}

type draftText struct {
	Lang, Name    string
	Title, Source *field
	Slots         []*field
}

// manuscript is the document that a request is about, with its latest draft.
type manuscript struct {
	documents.Document
	t     documents.Timeline
	draft documents.Draft // the latest revision, closed or open; zero if there is none
	open  bool
	title string
	lang  string
}

func (v *shift) manuscript() (manuscript, error) {
	doc, err := v.Library.Document(v.ctx, v.r.PathValue("document"))
	if err != nil {
		return manuscript{}, err
	}
	m := manuscript{Document: doc}
	m.title, m.lang = title(doc.Titles, v.w.Lang, doc.Prevailing, doc.ID)
	if m.t, err = v.Library.Timeline(v.ctx, doc.ID, time.Time{}); err != nil {
		return m, err
	}
	m.draft, m.open, err = v.openDraft(doc.ID, m.t)
	return m, err
}

func (m manuscript) path() string { return "/desk/documents/" + m.ID }

// last is the number of the last version.
func (m manuscript) last() int { return len(m.t.Versions) }

func (d desk) showDraft(v *shift) error {
	m, err := v.manuscript()
	if err != nil {
		return err
	}
	draft, saved := m.draft, ""
	switch n, _ := strconv.Atoi(v.r.URL.Query().Get("revision")); {
	case n > 0 && n != m.draft.Revision:
		if draft, err = d.Library.Draft(v.ctx, m.ID, n); err != nil {
			return err
		}
		draft.Revision, saved = m.draft.Revision, v.w.T("revision-opened", "n", n)
	case !m.open:
		if draft, err = v.begun(m); err != nil {
			return err
		}
	case v.r.URL.Query().Has("saved"):
		saved = v.w.T("saved", "revision", m.draft.Revision)
	}
	p, err := v.draftForm(m, draft)
	if err != nil {
		return err
	}
	p.Saved = saved
	return v.show("desk-draft.html", p)
}

// begun is what a new draft starts from: the texts of the last version.
func (v *shift) begun(m manuscript) (documents.Draft, error) {
	out := documents.Draft{Document: m.ID, Revision: m.draft.Revision, Based: m.last()}
	if m.last() == 0 {
		return out, nil
	}
	ver, err := v.Library.Version(v.ctx, m.ID, m.last())
	for _, t := range ver.Texts {
		out.Texts = append(out.Texts, documents.DraftText{Lang: t.Lang, Title: t.Title, Source: t.Source})
	}
	return out, err
}

func (d desk) saveDraft(v *shift) error {
	m, err := v.manuscript()
	if err != nil {
		return untouched(err)
	}
	typed := v.typedDraft(m)
	saved, err := d.Library.SaveDraft(v.ctx, typed, v.by)
	if err != nil {
		return v.draftRefused(m, typed, err)
	}
	if err := d.audit(v.ctx, v.by, "draft.saved", m.ID, "revision", fmt.Sprint(saved.Revision)); err != nil {
		return err
	}
	if v.line("then") == "review" {
		return v.to(m.path() + "/review")
	}
	return v.to(m.path() + "/draft?saved=1")
}

// typedDraft is what the form holds.
func (v *shift) typedDraft(m manuscript) documents.Draft {
	revision, _ := strconv.Atoi(v.line("revision"))
	based, _ := strconv.Atoi(v.line("based"))
	d := documents.Draft{Document: m.ID, Revision: revision, Based: based, Effective: v.line("effective"),
		Change: documents.Change{Urgent: v.line("urgent") != "", Reason: strings.TrimSpace(v.text("reason")), Notes: map[string]documents.Note{}},
		Basis:  documents.Basis{Number: v.line("basis-number"), Date: v.line("basis-date"), Signatory: v.line("basis-signatory")},
	}
	switch v.line("class") {
	case "yes":
		d.Change.Class = documents.Notice
	case "no":
		d.Change.Class = documents.Editorial
	}
	for _, tag := range sortedKeys(m.Titles) {
		if t := (documents.DraftText{Lang: tag, Title: v.line("title-" + tag), Source: v.text("source-" + tag)}); t.Title != "" || strings.TrimSpace(t.Source) != "" {
			d.Texts = append(d.Texts, t)
		}
		n := documents.Note{What: v.slot("what", tag), Whom: v.slot("whom", tag), Means: v.slot("means", tag), Do: v.slot("do", tag)}
		if n != (documents.Note{}) {
			d.Change.Notes[tag] = n
		}
	}
	return d
}

func (v *shift) slot(name, tag string) string { return strings.TrimSpace(v.text(name + "-" + tag)) }

// draftRefused shows the form again with everything that was typed. If somebody
// saved meanwhile, the difference stands above it, and saving once more goes on
// from theirs.
func (v *shift) draftRefused(m manuscript, typed documents.Draft, err error) error {
	if errors.Is(err, documents.ErrConflict) {
		stale := typed
		typed.Revision = m.draft.Revision
		p, formErr := v.draftForm(m, typed)
		if formErr != nil {
			return formErr
		}
		p.Conflict = v.w.T("conflict")
		p.Conflicts = conflicts(m.draft, stale)
		return v.showAs(status(err), "desk-draft.html", p)
	}
	p, formErr := v.draftForm(m, typed)
	if formErr != nil {
		return formErr
	}
	if !v.refused(&p.page, err, p.fields()...) {
		return err
	}
	return v.showAs(status(err), "desk-draft.html", p)
}

// conflicts compares two drafts, language by language. A text that cannot be
// parsed is left out: it stands in the form anyway.
func conflicts(saved, typed documents.Draft) (out []conflict) {
	sources := map[string]string{}
	for _, t := range saved.Texts {
		sources[t.Lang] = t.Source
	}
	for _, t := range typed.Texts {
		if sources[t.Lang] == t.Source {
			continue
		}
		old, errOld := markdown.Parse([]byte(sources[t.Lang]))
		new, errNew := markdown.Parse([]byte(t.Source))
		if errOld != nil || errNew != nil {
			continue
		}
		out = append(out, conflict{t.Lang, lang.Dir(t.Lang), lang.Name(t.Lang), scoped(redline.Compare(old, new).HTML(t.Lang), "conflict-"+t.Lang+"-")})
	}
	return out
}

func (p *draftPage) fields() []*field {
	out := []*field{p.Class, p.Reason, p.Effective, p.Urgent}
	for _, t := range p.Texts {
		out = append(append(out, t.Title, t.Source), t.Slots...)
	}
	return append(out, p.Basis...)
}

func (v *shift) draftForm(m manuscript, d documents.Draft) (*draftPage, error) {
	p := &draftPage{page: v.page(v.w.T("draft") + ": " + m.title), Heading: m.title, TextLang: m.lang, DocumentHref: v.base() + m.path(), Action: v.base() + m.path() + "/draft",
		Revision: d.Revision, Based: d.Based, DraftLine: v.draftLine(m)}
	if m.open && m.draft.State == documents.Returned {
		p.Comment = m.draft.Comment
	}
	w := v.w
	p.Class = &field{ID: "class", Name: "class", Kind: "radio", Label: w.T("class-question"), Options: []link{
		{Value: "yes", Text: w.T("class-yes"), Current: d.Change.Class == documents.Notice || d.Change.Class == documents.Consent},
		{Value: "no", Text: w.T("class-no"), Current: d.Change.Class == documents.Editorial},
	}}
	p.Reason = &field{ID: "reason", Name: "reason", Kind: "slot", Label: w.T("public-reason"), Hint: w.T("reason-hint"), Value: d.Change.Reason}
	p.Effective = &field{ID: "effective", Name: "effective", Label: w.T("effective-date"), Hint: w.T("effective-hint"), Value: d.Effective, Short: true}
	p.Urgent = &field{ID: "urgent", Name: "urgent", Kind: "checkbox", Label: w.T("urgent-choice"), Hint: w.T("urgent-hint"), On: d.Change.Urgent}
	p.Basis = []*field{
		{ID: "basis-number", Name: "basis-number", Label: w.T("basis-number"), Value: d.Basis.Number, Short: true},
		{ID: "basis-date", Name: "basis-date", Label: w.T("basis-date"), Value: d.Basis.Date, Short: true},
		{ID: "basis-signatory", Name: "basis-signatory", Label: w.T("basis-signatory"), Value: d.Basis.Signatory},
	}
	for _, tag := range ordered(m.Titles, v.settings.Languages) {
		p.Texts = append(p.Texts, v.draftText(m, d, tag))
	}
	var err error
	p.Revisions, err = v.revisions(m)
	return p, err
}

func (v *shift) draftText(m manuscript, d documents.Draft, tag string) draftText {
	text := documents.DraftText{Title: m.Titles[tag]}
	if i := slices.IndexFunc(d.Texts, func(t documents.DraftText) bool { return t.Lang == tag }); i >= 0 {
		text = d.Texts[i]
	}
	in := func(name, label, hint, kind, value string) *field {
		return &field{ID: name + "-" + tag, Name: name + "-" + tag, Label: v.w.T(label), Hint: hint, Kind: kind, Value: value, Lang: tag, Dir: lang.Dir(tag)}
	}
	n := d.Change.Notes[tag]
	return draftText{
		Lang: tag, Name: lang.Name(tag), Title: in("title", "text-title", v.w.T("text-title-hint"), "", text.Title), Source: in("source", "text-source", v.w.T("text-source-hint"), "source", text.Source),
		Slots: []*field{in("what", "slot-what", "", "slot", n.What), in("whom", "slot-whom", "", "slot", n.Whom), in("means", "slot-means", "", "slot", n.Means), in("do", "slot-do", v.w.T("do-hint"), "slot", n.Do)},
	}
}

func (v *shift) draftLine(m manuscript) string {
	switch {
	case m.open:
		return v.w.T("draft-line", "state", v.w.T("draft-state-"+string(m.draft.State)), "revision", m.draft.Revision, "date", lang.Moment(v.w.Lang, m.draft.SavedAt.In(v.zone)))
	case m.last() > 0:
		return v.w.T("draft-none")
	}
	return v.w.T("draft-none-first")
}

// revisionsMost is how many earlier saves the draft's page offers.
const revisionsMost = 30

func (v *shift) revisions(m manuscript) ([]link, error) {
	if m.draft.Revision == 0 {
		return nil, nil
	}
	list, err := v.Library.Drafts(v.ctx, m.ID, 0, revisionsMost)
	var out []link
	for _, d := range list {
		out = append(out, link{
			Href: fmt.Sprintf("%s%s/draft?revision=%d", v.base(), m.path(), d.Revision), Text: v.w.T("revision-n", "n", d.Revision),
			More: lang.Moment(v.w.Lang, d.SavedAt.In(v.zone)) + ", " + v.person(d.SavedBy), Current: d.Revision == m.draft.Revision,
		})
	}
	return out, err
}

// person is what an actor is called at the desk.
func (v *shift) person(id string) string {
	one, err := v.Store.Staff(v.ctx, id)
	if err != nil {
		return id
	}
	return or(one.Name, one.Address)
}
