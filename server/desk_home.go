package server

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"vestnik/documents"
	"vestnik/documents/lang"
	"vestnik/notifier"
)

type homePage struct {
	page
	Held       string
	MayRelease bool
	Steps      []link
	Waiting    []link
	Documents  []deskEntry
	Noticed    []noticeRow
	MayCreate  bool
}

type deskEntry struct {
	Href, Title, Lang, Upcoming string
	Status                      tag
	Draft, DraftHref            string
}

type noticeRow struct {
	Href, Name, State, Class string
	Figures                  []fact
}

func (d desk) home(v *shift) error {
	p := &homePage{page: v.page(v.w.T("desk-title")), MayCreate: may(v.by, "author"), MayRelease: may(v.by, "administrator")}
	held, err := d.Notifier.Held(v.ctx)
	if err != nil {
		return err
	}
	p.Held = v.why(held)
	docs, err := d.Library.Documents(v.ctx)
	if err != nil {
		return err
	}
	titles := map[string]string{}
	for _, doc := range docs {
		if err := v.homeEntry(p, doc); err != nil {
			return err
		}
		titles[doc.ID], _ = title(doc.Titles, v.w.Lang, doc.Prevailing, doc.ID)
	}
	if one, err := v.requestsWait(); err != nil {
		return err
	} else if one.Href != "" {
		p.Waiting = append(p.Waiting, one)
	}
	notices, err := d.Notifier.Notices(v.ctx)
	if err != nil {
		return err
	}
	for _, n := range notices {
		p.Noticed = append(p.Noticed, v.noticeRow(n, or(titles[n.Document], n.Document)))
	}
	if err := v.steps(p, len(docs)); err != nil {
		return err
	}
	return v.show("desk-home.html", p)
}

func (v *shift) homeEntry(p *homePage, doc documents.Document) error {
	t, err := v.Library.Timeline(v.ctx, doc.ID, time.Time{})
	if err != nil {
		return err
	}
	text, tagged := title(doc.Titles, v.w.Lang, doc.Prevailing, doc.ID)
	href := v.base() + "/desk/documents/" + doc.ID
	e := deskEntry{Href: href, Title: text, Lang: tagged, Status: standing(v.w, t, v.now)}
	if next := t.Upcoming(v.now); len(next) > 0 {
		e.Upcoming = v.w.T("upcoming-line", "version", versionName(v.w, next[0].Number), "date", effectiveDate(v.w, next[0].Effective))
	}
	draft, open, err := v.openDraft(doc.ID, t)
	if err != nil {
		return err
	}
	if open {
		e.Draft, e.DraftHref = v.w.T("draft-state-"+string(draft.State)), href+"/draft"
		v.waiting(p, doc, draft, text)
	}
	p.Documents = append(p.Documents, e)
	return nil
}

// openDraft is the latest draft, if it has not become a version yet.
func (v *shift) openDraft(document string, t documents.Timeline) (documents.Draft, bool, error) {
	d, err := v.Library.Draft(v.ctx, document, 0)
	if errors.Is(err, documents.ErrNotFound) {
		return d, false, nil
	}
	if err != nil {
		return d, false, err
	}
	return d, d.Based >= len(t.Versions), nil
}

// waiting says what of a draft this person could do next.
func (v *shift) waiting(p *homePage, doc documents.Document, d documents.Draft, title string) {
	href := v.base() + "/desk/documents/" + doc.ID
	switch {
	case d.State == documents.InReview && may(v.by, "approver") && d.SavedBy != v.by.Name:
		p.Waiting = append(p.Waiting, link{Href: href + "/review", Text: v.w.T("waits-review", "document", title)})
	case d.State == documents.Returned && d.SavedBy == v.by.Name:
		p.Waiting = append(p.Waiting, link{Href: href + "/draft", Text: v.w.T("waits-returned", "document", title)})
	case d.State == documents.Approved && may(v.by, "publisher"):
		p.Waiting = append(p.Waiting, link{Href: href + "/review", Text: v.w.T("waits-publish", "document", title)})
	}
}

// steps are what a new installation still lacks; none once all is done.
func (v *shift) steps(p *homePage, docs int) error {
	if !may(v.by, "administrator") || v.Demo {
		return nil
	}
	list, err := v.Store.StaffList(v.ctx)
	if err != nil {
		return err
	}
	base := v.base() + "/desk/"
	p.Steps = []link{
		{Href: base + "settings", Text: v.w.T("step-organisation"), Current: v.settings.Organisation != "" && v.settings.Postal != ""},
		{Href: base + "settings#reply-to", Text: v.w.T("step-sender"), Current: v.settings.ReplyTo != ""},
		{Href: base + "new-document", Text: v.w.T("step-document"), Current: docs > 0},
		{Href: base + "staff", Text: v.w.T("step-staff"), Current: len(list) > 1},
	}
	if !slices.ContainsFunc(p.Steps, func(l link) bool { return !l.Current }) {
		p.Steps = nil
	}
	return nil
}

func (d desk) release(v *shift) error {
	choice := v.line("choice")
	if err := d.Notifier.Release(v.ctx, choice, v.by); err != nil {
		return err
	}
	if err := d.audit(v.ctx, v.by, "sending.released", "", "choice", choice); err != nil {
		return err
	}
	return v.to("/desk/")
}

func (v *shift) noticeRow(n notifier.Notice, document string) noticeRow {
	return noticeRow{
		Href: fmt.Sprintf("%s/desk/notices/%d", v.base(), n.Seq), Name: v.w.T("notice-of", "document", document, "version", versionName(v.w, n.Version)),
		State: v.w.T("notice-state-" + string(n.State)), Class: noticeClass(n.State), Figures: v.figures(n.Figures),
	}
}

func noticeClass(s notifier.NoticeState) string {
	switch s {
	case notifier.Finished:
		return "in-force"
	case notifier.Stopped, notifier.Cancelled:
		return "gone"
	}
	return "upcoming"
}

func (v *shift) figures(f notifier.Figures) []fact {
	return []fact{
		{Text: v.w.T("fig-due"), More: number(v.w, f.Due), Current: true},
		{Text: v.w.T("fig-open"), More: number(v.w, f.Open)},
		{Text: v.w.T("fig-accepted"), More: number(v.w, f.Accepted)},
		{Text: v.w.T("fig-failed"), More: number(v.w, f.Failed)},
		{Text: v.w.T("fig-excluded"), More: number(v.w, f.Excluded)},
		{Text: v.w.T("fig-covered"), More: number(v.w, f.Covered)},
	}
}

func (d desk) newDocument(v *shift) error { return v.documentForm(nil) }

type formPage struct {
	page
	Heading, Action, Submit string
	Fields                  []*field
	Hidden                  []link
}

// documentForm asks for a new document, with what was typed before if it was
// refused.
func (v *shift) documentForm(refusedBy error) error {
	p := &formPage{page: v.page(v.w.T("new-document")), Heading: v.w.T("new-document"), Action: v.base() + "/desk/new-document", Submit: v.w.T("create")}
	p.Fields = append(p.Fields, &field{ID: "id", Name: "id", Label: v.w.T("new-id"), Hint: v.w.T("new-id-hint"), Value: v.line("id"), Short: true, Autocomplete: "off"})
	prevailing := &field{ID: "prevailing", Name: "prevailing", Kind: "select", Label: v.w.T("prevailing-choice")}
	for _, tag := range v.settings.Languages {
		p.Fields = append(p.Fields, &field{ID: "title-" + tag, Name: "title-" + tag, Label: v.w.T("title-in", "language", languageName(v.w, tag)), Hint: v.w.T("title-in-hint"), Value: v.line("title-" + tag), Lang: tag, Dir: lang.Dir(tag)})
		prevailing.Options = append(prevailing.Options, link{Value: tag, Text: lang.Name(tag), Current: v.line("prevailing") == tag})
	}
	p.Fields = append(p.Fields, prevailing, &field{ID: "groups", Name: "groups", Label: v.w.T("groups"), Hint: v.w.T("groups-hint"), Value: v.line("groups")})
	if refusedBy == nil {
		return v.show("desk-new.html", p)
	}
	if !v.refused(&p.page, refusedBy, p.Fields...) {
		return refusedBy
	}
	return v.showAs(status(refusedBy), "desk-new.html", p)
}

func (d desk) createDocument(v *shift) error {
	doc := documents.Document{ID: v.line("id"), Titles: map[string]string{}, Prevailing: v.line("prevailing"), Groups: listed(v.line("groups"))}
	for _, tag := range v.settings.Languages {
		if t := v.line("title-" + tag); t != "" {
			doc.Titles[tag] = t
		}
	}
	if _, err := d.Library.Create(v.ctx, doc, v.by); err != nil {
		return v.documentForm(err)
	}
	if err := d.audit(v.ctx, v.by, "document.created", doc.ID); err != nil {
		return err
	}
	return v.to("/desk/documents/" + doc.ID + "/draft")
}
