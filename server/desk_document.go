package server

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"vestnik/documents"
	"vestnik/documents/lang"
)

type deskDocumentPage struct {
	page
	Heading, TextLang, TextDir string
	Status                     tag
	Saved                      string
	Facts                      []fact
	DraftLine, Comment         string
	DraftLinks                 []link
	Versions                   []deskVersion
	Noticed                    []noticeRow
}

type deskVersion struct {
	Number     int
	Href, Name string
	Status     tag
	Facts      []fact
	Alone      string
	Acts       []act
	Open       bool
}

func (d desk) showDocument(v *shift) error {
	p, err := v.documentPage()
	if err != nil {
		return err
	}
	return v.show("desk-document.html", p)
}

func (v *shift) documentPage() (*deskDocumentPage, error) {
	m, err := v.manuscript()
	if err != nil {
		return nil, err
	}
	p := &deskDocumentPage{page: v.page(m.title), Heading: m.title, TextLang: m.lang, TextDir: lang.Dir(m.lang), Status: standing(v.w, m.t, v.now), DraftLine: v.draftLine(m)}
	if n, _ := strconv.Atoi(v.r.URL.Query().Get("published")); n > 0 && n <= m.last() {
		p.Saved = v.w.T("published-now", "version", versionName(v.w, n))
	}
	// A link alone must not make the page say what the log does not.
	done := v.r.URL.Query().Get("done")
	if did, n := "did-version."+done, len(m.t.Events); n > 0 && string(m.t.Events[n-1].Kind) == done && v.w.Has(did) {
		r := []rune(v.w.T(did))
		p.Saved = string(unicode.ToUpper(r[0])) + string(r[1:]) + "."
	}
	groups := v.w.T("groups-all")
	if len(m.Groups) > 0 {
		groups = strings.Join(m.Groups, ", ")
	}
	p.Facts = []fact{
		{Text: v.w.T("languages"), More: languageNames(v.w, ordered(m.Titles, v.settings.Languages))},
		{Text: v.w.T("prevailing"), More: languageName(v.w, m.Prevailing)}, {Text: v.w.T("groups"), More: groups},
	}
	if m.last() > 0 {
		p.Facts = append(p.Facts, fact{Text: v.w.T("public-page"), More: v.absolute(v.base() + "/" + m.ID), Href: v.base() + "/" + m.ID})
	}
	v.draftLinks(p, m)
	for _, s := range slices.Backward(m.t.Versions) {
		one, err := v.deskVersion(m, s)
		if err != nil {
			return nil, err
		}
		p.Versions = append(p.Versions, one)
	}
	notices, err := v.Notifier.Notices(v.ctx)
	for _, n := range notices {
		if n.Document == m.ID {
			p.Noticed = append(p.Noticed, v.noticeRow(n, m.title))
		}
	}
	return p, err
}

func (v *shift) draftLinks(p *deskDocumentPage, m manuscript) {
	href := v.base() + m.path()
	switch {
	case m.open:
		p.DraftLinks = []link{{Href: href + "/draft", Text: v.w.T("edit-draft"), Current: true}, {Href: href + "/review", Text: v.w.T("review-draft")}}
	case may(v.by, "author"):
		p.DraftLinks = []link{{Href: href + "/draft", Text: v.w.T("start-draft"), Current: true}}
	}
	if m.open && m.draft.State == documents.Returned {
		p.Comment = m.draft.Comment
	}
}

func (v *shift) deskVersion(m manuscript, s documents.Standing) (deskVersion, error) {
	out := deskVersion{Number: s.Number, Href: fmt.Sprintf("%s/%s/%s/v/%d", v.base(), m.ID, m.Prevailing, s.Number), Name: versionName(v.w, s.Number), Status: statusOf(v.w, m.t, s, v.now)}
	out.Facts = []fact{{Text: v.w.T("effective-date"), More: effectiveMoment(v.w, s.Effective)}}
	if s.Class != "" {
		out.Facts = append(out.Facts, fact{Text: v.w.T("change"), More: className(v.w, s.Class)})
	}
	if s.ReasonText != "" {
		out.Facts = append(out.Facts, fact{Text: v.w.T("reason"), More: s.ReasonText})
	}
	if !s.Imported {
		a, err := v.Library.Audit(v.ctx, s.Seq)
		if err != nil {
			return out, err
		}
		if a.Alone {
			out.Alone = v.w.T("published-alone")
		}
	}
	if may(v.by, "publisher") && !s.Withdrawn {
		out.Acts = v.amendments(m, s)
	}
	return out, nil
}

// amendments are what can be done about a published version: never to its text.
func (v *shift) amendments(m manuscript, s documents.Standing) []act {
	base := fmt.Sprintf("%s%s/versions/%d/", v.base(), m.path(), s.Number)
	form := func(name, class string, fields ...field) act {
		for i := range fields {
			fields[i].ID = fmt.Sprintf("v%d-%s-%s", s.Number, name, fields[i].Name)
		}
		return act{Title: v.w.T("act-" + name), Hint: v.w.T("act-" + name + "-hint"), Submit: v.w.T("act-" + name), Action: base + name, Class: class, Fields: fields}
	}
	reason := field{Name: "reason", Kind: "slot", Label: v.w.T("public-reason")}
	var out []act
	var slots []field
	for _, tag := range ordered(s.Titles, v.settings.Languages) {
		n := s.Notes[tag]
		for _, one := range []struct{ name, value string }{{"what", n.What}, {"whom", n.Whom}, {"means", n.Means}, {"do", n.Do}} {
			slots = append(slots, field{Name: one.name + "-" + tag, Kind: "slot", Label: v.w.T("slot-"+one.name) + " (" + lang.Name(tag) + ")", Value: one.value, Lang: tag, Dir: lang.Dir(tag)})
		}
	}
	if len(s.Notes) > 0 {
		out = append(out, form("correct", "", slots...))
	}
	other := documents.Notice
	if s.Class != documents.Editorial {
		other = documents.Editorial
	}
	if !s.Imported {
		choice := field{Name: "class", Kind: "select", Label: v.w.T("change"), Options: []link{{Value: string(other), Text: className(v.w, other)}}}
		out = append(out, form("reclassify", "", choice, reason))
	}
	if s.Effective.Instant.After(v.now) {
		out = append(out, form("postpone", "", field{Name: "effective", Type: "date", Short: true, Label: v.w.T("new-date")}, reason), form("withdraw", "danger", reason))
	}
	return out
}

// amend appends an event about a published version.
func (d desk) amend(v *shift) error {
	document := v.r.PathValue("document")
	number, err := numberIn(v.r.PathValue("n"))
	if err != nil {
		return err
	}
	reason := strings.TrimSpace(v.text("reason"))
	var e documents.Event
	switch v.r.PathValue("act") {
	case "correct":
		e, err = d.Library.Correct(v.ctx, document, number, v.typedNotes(), v.by)
	case "reclassify":
		e, err = d.Library.Reclassify(v.ctx, document, number, documents.Class(v.line("class")), reason, v.by)
	case "postpone":
		e, err = d.Library.Postpone(v.ctx, document, number, v.line("effective"), reason, v.by)
	case "withdraw":
		e, err = d.Library.Withdraw(v.ctx, document, number, reason, v.by)
	default:
		return errNoPage
	}
	if err != nil {
		return v.amendRefused(number, err)
	}
	if err := d.audit(v.ctx, v.by, "version."+string(e.Kind), fmt.Sprintf("%s/%d", document, number), "event", fmt.Sprint(e.Seq)); err != nil {
		return err
	}
	return v.to("/desk/documents/" + document + "?done=" + string(e.Kind))
}

func (v *shift) typedNotes() map[string]documents.Note {
	out := map[string]documents.Note{}
	for name := range v.r.PostForm {
		if tag, ok := strings.CutPrefix(name, "what-"); ok {
			out[tag] = documents.Note{What: v.slot("what", tag), Whom: v.slot("whom", tag), Means: v.slot("means", tag), Do: v.slot("do", tag)}
		}
	}
	return out
}

// amendRefused shows the page again with the form open and what was typed.
func (v *shift) amendRefused(number int, err error) error {
	p, buildErr := v.documentPage()
	if buildErr != nil {
		return buildErr
	}
	var fields []*field
	for i := range p.Versions {
		one := &p.Versions[i]
		if one.Open = one.Number == number; !one.Open {
			continue
		}
		for j := range one.Acts {
			a := &one.Acts[j]
			if a.Open = strings.HasSuffix(a.Action, "/"+v.r.PathValue("act")); !a.Open {
				continue
			}
			for k := range a.Fields {
				a.Fields[k].Value = v.text(a.Fields[k].Name)
				fields = append(fields, &a.Fields[k])
			}
		}
	}
	if !v.refused(&p.page, err, fields...) {
		return err
	}
	return v.showAs(status(err), "desk-document.html", p)
}
