package server

import (
	"html/template"
	"net/http"
	"strings"

	"vestnik/documents"
	"vestnik/documents/lang"
	"vestnik/documents/redline"
)

type comparePage struct {
	page
	Heading           string
	TextLang, TextDir string
	DocumentHref      string
	Register          string
	Sentence, Summary string
	Chooser           chooser
	View              string
	Views             []link
	Note              []fact
	Equal             bool
	HTML              template.HTML
	Proof             []fact
	Permanent         string
}

// chooseComparison leads from the form to the comparison's own address.
func (p *site) chooseComparison(v *visit, w http.ResponseWriter) error {
	s, err := v.subject()
	if err != nil {
		return err
	}
	q := v.r.URL.Query()
	from, err := numberIn(q.Get("from"))
	if err != nil {
		return err
	}
	to, err := numberIn(q.Get("to"))
	if err != nil {
		return err
	}
	href := hrefCompare(v.base(), s.ID, s.tag, from, to)
	if q.Get("view") == "side" {
		href += "?view=side"
	}
	http.Redirect(w, v.r, href, http.StatusSeeOther)
	return nil
}

// pair reads a range such as 3...4.
func (s subject) pair(value string) (a, b documents.Standing, err error) {
	left, right, ok := strings.Cut(value, "...")
	if !ok {
		return a, b, errNoPage
	}
	from, err := numberIn(left)
	if err != nil {
		return a, b, err
	}
	to, err := numberIn(right)
	if err != nil {
		return a, b, err
	}
	a, okA := s.t.Standing(from)
	b, okB := s.t.Standing(to)
	if !okA || !okB || a.Withheld || b.Withheld {
		return a, b, errNoPage
	}
	return a, b, nil
}

func (p *site) compare(v *visit) (view, error) {
	s, err := v.subject()
	if err != nil {
		return view{}, err
	}
	a, b, err := s.pair(v.r.PathValue("range"))
	if err != nil {
		return view{}, err
	}
	line, err := p.Library.Compare(v.ctx, s.ID, a.Number, b.Number, s.tag)
	if err != nil {
		return view{}, err
	}
	heading, tagged := title(b.Titles, s.tag, s.Prevailing, s.ID)
	out := &comparePage{page: v.page(""), Heading: heading, TextLang: tagged, TextDir: dirOf(s.tag), View: "inline"}
	out.Title = v.w.T("compare-title") + ": " + heading + ", " + v.w.T("compare-of", "from", versionName(v.w, a.Number), "to", versionName(v.w, b.Number))
	v.addresses(&out.page, s, b, false)
	here := hrefCompare(v.base(), s.ID, s.tag, a.Number, b.Number)
	out.Canonical, out.NoIndex = v.absolute(here), true
	out.Permanent = out.Canonical
	for i := range out.Alternates {
		out.Alternates[i].Href = v.absolute(hrefCompare(v.base(), s.ID, out.Alternates[i].Lang, a.Number, b.Number))
	}
	if v.r.URL.Query().Get("view") == "side" {
		out.View = "side"
	}
	out.Views = []link{
		{Href: here, Text: v.w.T("view-inline"), Current: out.View == "inline"},
		{Href: here + "?view=side", Text: v.w.T("view-side"), Current: out.View == "side"},
	}
	out.DocumentHref, out.Register = v.href(s.ID, s.tag), v.href(s.ID, "register")
	out.Sentence = v.w.T("compare-sentence", "from", dated(v.w, a), "to", dated(v.w, b))
	out.Summary = summary(v.w, line.Summary)
	out.Chooser = v.chooser(s, a.Number, b.Number, out.View)
	out.Note = noteFacts(v.w, b.Notes[s.tag])
	out.Equal = line.Summary.Same == len(line.Changes)
	out.HTML = template.HTML(line.HTML(s.tag))
	out.Proof = []fact{{Text: v.w.T("checksum-old"), More: line.Old.SHA256}, {Text: v.w.T("checksum-new"), More: line.New.SHA256}}
	return view{"compare.html", out, s.t.Next(v.now)}, nil
}

func dated(w lang.Words, s documents.Standing) string {
	return versionName(w, s.Number) + " — " + effectiveDate(w, s.Effective)
}

// summary says in words how much changed.
func summary(w lang.Words, s redline.Summary) string {
	var parts []string
	for _, c := range []struct {
		key string
		n   int
	}{{"sum-changed", s.Changed}, {"sum-added", s.Added}, {"sum-removed", s.Removed}, {"sum-moved", s.Moved}, {"sum-renumbered", s.Renumbered}, {"sum-same", s.Same + s.Reformatted}} {
		if c.n > 0 {
			parts = append(parts, w.N(c.key, c.n))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return w.T("summary", "list", strings.Join(parts, w.T("list-separator")))
}
