package server

import (
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"vestnik/documents"
	"vestnik/documents/lang"
)

type reviewPage struct {
	page
	Heading, TextLang       string
	DocumentHref, DraftHref string
	DraftLine, Refusal      string
	Facts                   []fact
	Warnings                []warning
	Sides                   []reviewSide
	Reach                   []fact
	Acts                    []act
	Waits                   []string
}

type warning struct {
	Text  string
	Lines []string
}

// reviewSide is the proposal in one language.
type reviewSide struct {
	Lang, Dir, Name       string
	Note                  []fact
	Redline, HTML         template.HTML
	Summary               string
	Pointers              *pointers
	MailSubject, MailText string
	MailHref              string // of its HTML
}

func (d desk) showReview(v *shift) error {
	p, err := v.review()
	if err != nil {
		return err
	}
	return v.showFramed(http.StatusOK, "desk-review.html", p)
}

// review builds what author, approver and publisher look at before they act.
func (v *shift) review() (*reviewPage, error) {
	m, err := v.manuscript()
	if err != nil {
		return nil, err
	}
	if !m.open {
		return nil, errNoPage
	}
	p := &reviewPage{page: v.page(v.w.T("review-title") + ": " + m.title), Heading: m.title, TextLang: m.lang, DocumentHref: v.base() + m.path(), DraftHref: v.base() + m.path() + "/draft", DraftLine: v.draftLine(m)}
	proposal, err := v.Library.Propose(v.ctx, m.draft)
	if text, _, ok := refusal(v.w, err); ok {
		p.Refusal = text
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	p.Refusal, _, _ = refusal(v.w, proposal.Refused)
	v.reviewFacts(p, m, proposal)
	v.warn(p, proposal)
	for _, tag := range ordered(m.Titles, v.settings.Languages) {
		t, ok := proposal.Version.Text(tag)
		if !ok {
			continue
		}
		side, err := v.side(proposal, t)
		if err != nil {
			return nil, err
		}
		p.Sides = append(p.Sides, side)
	}
	due := int64(0)
	if tells(m, proposal.Version) {
		if due, err = v.reach(p, m); err != nil {
			return nil, err
		}
	}
	p.Acts, p.Waits = v.reviewActs(m, proposal, due)
	return p, nil
}

// tells: a document's first version and an editorial one are mailed to nobody.
func tells(m manuscript, ver documents.Version) bool {
	return m.last() > 0 && ver.Change.Class != documents.Editorial
}

func (v *shift) reviewFacts(p *reviewPage, m manuscript, proposal documents.Proposal) {
	ver := proposal.Version
	p.Facts = []fact{
		{Text: v.w.T("version"), More: versionName(v.w, ver.Number)},
		{Text: v.w.T("change"), More: className(v.w, ver.Change.Class)},
	}
	if proposal.Refused == nil {
		p.Facts = append(p.Facts, fact{Text: v.w.T("effective-date"), More: effectiveMoment(v.w, ver.Effective)})
	}
	if ver.Change.Reason != "" {
		p.Facts = append(p.Facts, fact{Text: v.w.T("reason"), More: ver.Change.Reason})
	}
	if b := basisLine(v.w, ver.Basis); b != "" {
		p.Facts = append(p.Facts, fact{Text: v.w.T("basis"), More: b})
	}
	p.Facts = append(p.Facts, fact{Text: v.w.T("draft-digest"), More: m.draft.Digest().String(), Date: "digest"})
	if m.last() == 0 {
		p.Warnings = append(p.Warnings, warning{Text: v.w.T("review-first")})
	}
}

// warn names what the author should look at again: what the page will not show,
// clauses that may not be the ones they seem, languages that differ.
func (v *shift) warn(p *reviewPage, proposal documents.Proposal) {
	var dropped, doubts []string
	for _, tag := range sortedKeys(proposal.Dropped) {
		for _, one := range proposal.Dropped[tag] {
			dropped = append(dropped, v.w.T("dropped-line", "language", languageName(v.w, tag), "line", one.Line, "what", one.What))
		}
	}
	for _, one := range proposal.Doubts {
		why := one.Why
		if v.w.Has(why) {
			why = v.w.T(why)
		}
		doubts = append(doubts, v.w.T("doubts-line", "language", languageName(v.w, one.Lang), "number", one.Number, "why", why))
	}
	for _, one := range []warning{{v.w.T("dropped-title"), dropped}, {v.w.T("doubts-title"), doubts}, {v.w.T("parity-title"), v.parity(proposal)}} {
		if len(one.Lines) > 0 {
			p.Warnings = append(p.Warnings, one)
		}
	}
}

// parity names clauses that not every language has, and clauses that changed in
// one language only.
func (v *shift) parity(proposal documents.Proposal) (out []string) {
	texts := proposal.Version.Texts
	if len(texts) < 2 {
		return nil
	}
	has, changed := map[string]int{}, map[string]int{}
	touched := map[string]map[string]bool{}
	for _, t := range texts {
		touched[t.Lang] = touchedClauses(proposal, t)
		for _, c := range t.Clauses {
			has[c.ID]++
			if touched[t.Lang][c.ID] {
				changed[c.ID]++
			}
		}
	}
	for _, t := range texts {
		var alone, only []string
		for _, c := range t.Clauses {
			switch {
			case has[c.ID] < len(texts):
				alone = append(alone, clauseName(c))
			case changed[c.ID] == 1 && touched[t.Lang][c.ID]:
				only = append(only, clauseName(c))
			}
		}
		if len(alone) > 0 {
			out = append(out, v.w.T("parity-line", "language", languageName(v.w, t.Lang), "list", strings.Join(alone, ", ")))
		}
		if len(only) > 0 {
			out = append(out, v.w.T("parity-one", "language", languageName(v.w, t.Lang), "list", strings.Join(only, ", ")))
		}
	}
	return out
}

// touchedClauses are the ids of the clauses in which something changed.
func touchedClauses(proposal documents.Proposal, t documents.Text) map[string]bool {
	out := map[string]bool{}
	line := proposal.Redlines[t.Lang]
	if line == nil {
		return out
	}
	for _, e := range line.Changes {
		if e.Kind == "same" || e.Kind == "reformatted" || e.NewLines == nil {
			continue
		}
		for _, c := range slices.Backward(t.Clauses) {
			if c.First <= e.NewLines[0] {
				out[c.ID] = true
				break
			}
		}
	}
	return out
}

func (v *shift) side(proposal documents.Proposal, t documents.Text) (reviewSide, error) {
	out := reviewSide{Lang: t.Lang, Dir: lang.Dir(t.Lang), Name: lang.Name(t.Lang), Note: noteFacts(catalogue.In(t.Lang), proposal.Version.Change.Notes[t.Lang])}
	body, err := render(t)
	if err != nil {
		return out, err
	}
	out.HTML = scoped(string(body.HTML), "text-"+t.Lang+"-")
	if line := proposal.Redlines[t.Lang]; line != nil {
		out.Redline, out.Summary = scoped(line.HTML(t.Lang), "redline-"+t.Lang+"-"), line.Sentence(v.w.Lang)
		out.Pointers = v.pointers(line, "redline-"+t.Lang+"-", proposal.Version.Change.Class)
	}
	if proposal.Version.Change.Class == documents.Editorial || proposal.Version.Number == 1 {
		return out, nil
	}
	out.MailHref = fmt.Sprintf("%s/desk/documents/%s/review/mail/%s", v.base(), proposal.Version.Document, t.Lang)
	out.MailSubject, out.MailText, _, err = v.Notifier.Preview(v.ctx, proposal, t.Lang)
	return out, err
}

// reach says who would be told, and returns how many.
func (v *shift) reach(p *reviewPage, m manuscript) (int64, error) {
	r, err := v.Notifier.Reach(v.ctx, m.ID)
	if err != nil {
		return 0, err
	}
	p.Reach = []fact{{Text: v.w.T("reach-due"), More: v.w.N("n-recipients", int(r.Due))}}
	for _, tags := range sortedKeys(r.Languages) {
		p.Reach = append(p.Reach, fact{Text: v.w.T("reach-language", "language", languageNames(v.w, strings.Split(tags, "+"))), More: number(v.w, r.Languages[tags])})
	}
	for _, reason := range sortedKeys(r.Excluded) {
		p.Reach = append(p.Reach, fact{Text: v.w.T("reach-excluded", "reason", v.why(reason)), More: number(v.w, r.Excluded[reason])})
	}
	imported := v.w.T("reach-never")
	if !r.LastImport.IsZero() {
		imported = lang.Moment(v.w.Lang, r.LastImport.In(v.zone))
	}
	minutes := int(r.Estimate.Minutes()) + 1
	p.Reach = append(p.Reach, fact{Text: v.w.T("reach-import"), More: imported}, fact{Text: v.w.T("reach-takes"), More: v.w.T("minutes", "n", minutes)})
	return r.Due, nil
}

// why is a reason that the notifier gives in words; one that the catalogue lacks
// stays as it is.
func (v *shift) why(reason string) string {
	for _, key := range []string{reason, "reason-" + reason} {
		if reason != "" && v.w.Has(key) {
			return v.w.T(key)
		}
	}
	return reason
}
