package server

import (
	"fmt"
	"slices"

	"vestnik/documents"
	"vestnik/documents/markdown"
)

func (v *visit) versions(p *documentPage, s subject, show documents.Standing) {
	p.Many = len(s.t.Versions) > 1
	for _, o := range slices.Backward(s.t.Versions) {
		row := versionRow{
			Number: o.Number, Href: v.href(s.ID, s.tag, "v", o.Number), Name: versionName(v.w, o.Number), Current: o.Number == show.Number,
			Effective: effectiveDate(v.w, o.Effective), Date: machineDate(o.Effective), Reason: o.ReasonText, Status: shortStatus(v.w, s.t, o, v.now),
		}
		if before, ok := predecessor(s.t, o); ok {
			row.Compare = hrefCompare(v.base(), s.ID, s.tag, before.Number, o.Number)
		}
		p.Versions = append(p.Versions, row)
	}
	if p.Many {
		from, _ := predecessor(s.t, show)
		p.Chooser = v.chooser(s, max(from.Number, 1), show.Number, "")
	}
	p.DayForm = v.href(s.ID, s.tag, "on")
}

func (v *visit) chooser(s subject, from, to int, shown string) chooser {
	c := chooser{W: v.w, Action: v.href(s.ID, s.tag, "compare"), View: shown}
	for _, o := range slices.Backward(s.t.Versions) {
		text := versionName(v.w, o.Number) + " — " + effectiveDate(v.w, o.Effective)
		c.From = append(c.From, link{Value: fmt.Sprint(o.Number), Text: text, Current: o.Number == from})
		c.To = append(c.To, link{Value: fmt.Sprint(o.Number), Text: text, Current: o.Number == to})
	}
	return c
}

func (v *visit) proofs(s subject, show documents.Standing, text documents.Text) []fact {
	return []fact{
		{Text: v.w.T("permalink"), More: v.absolute(v.href(s.ID, s.tag, "v", show.Number)), Href: v.href(s.ID, s.tag, "v", show.Number)},
		{Text: v.w.T("checksum"), More: text.SourceDigest().String()},
		{Text: v.w.T("proof-seq"), More: v.w.T("proof-file", "seq", int64(show.Seq)), Href: fmt.Sprintf("%s/log/proof/%d", v.base(), show.Seq)},
	}
}

// beginsWith tells whether the first thing that a reader sees of a text is a
// heading, or a paragraph, that says title and no more.
func beginsWith(t *markdown.Text, title string) bool {
	for _, b := range t.Blocks {
		if !b.Hidden() && b.Kind != markdown.Blank {
			return (b.Kind == markdown.Heading || b.Kind == markdown.Paragraph) && b.Text == title
		}
	}
	return false
}

func (v *visit) body(p *documentPage, s subject, show documents.Standing, text documents.Text) error {
	out, err := render(text)
	if err != nil {
		return err
	}
	p.HTML, p.Contents = v.shared(out.HTML, s), out.Contents
	p.Titled = beginsWith(out.parsed, p.Heading)
	lost, err := goneClauses(v.ctx, v.Library, s.ID, text.Lang, show.Number)
	if err != nil {
		return err
	}
	for _, g := range lost {
		p.Gone = append(p.Gone, goneLine{
			ID: g.ID, Text: v.w.T("gone-line", "clause", clauseName(g.Clause), "version", versionName(v.w, g.After)),
			More: clauseName(g.Clause), Href: v.href(s.ID, s.tag, "clause", g.ID),
		})
	}
	return nil
}
