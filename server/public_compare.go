package server

import (
	"html/template"
	"net/http"
	"slices"
	"strings"

	"vestnik/documents"
	"vestnik/documents/lang"
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
	Word              string // where the file for Word is
	Note              []fact
	Since             *sinceList
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
	http.Redirect(w, v.r, href+viewQuery(viewAsked(v.r)), http.StatusSeeOther)
	return nil
}

// compareViews are the ways to show a redline; the first is the usual one.
var compareViews = [...]string{"inline", "list", "side"}

func viewAsked(r *http.Request) string {
	asked := r.URL.Query().Get("view")
	if slices.Contains(compareViews[:], asked) {
		return asked
	}
	return compareViews[0]
}

func viewQuery(name string) string {
	if name == compareViews[0] {
		return ""
	}
	return "?view=" + name
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
	out := &comparePage{page: v.page(""), Heading: heading, TextLang: tagged, TextDir: dirOf(s.tag)}
	out.Title = v.w.T("compare-title") + ": " + heading + ", " + v.w.T("compare-of", "from", versionName(v.w, a.Number), "to", versionName(v.w, b.Number))
	v.addresses(&out.page, s, b, false)
	here := hrefCompare(v.base(), s.ID, s.tag, a.Number, b.Number)
	out.Canonical, out.NoIndex = v.absolute(here), true
	out.Permanent = out.Canonical
	for i := range out.Alternates {
		out.Alternates[i].Href = v.absolute(hrefCompare(v.base(), s.ID, out.Alternates[i].Lang, a.Number, b.Number))
	}
	out.View = viewAsked(v.r)
	for _, name := range compareViews {
		out.Views = append(out.Views, link{Href: here + viewQuery(name), Text: v.w.T("view-" + name), Current: out.View == name})
	}
	out.Word = here + "?format=docx"
	out.DocumentHref, out.Register = v.href(s.ID, s.tag), v.href(s.ID, "register")
	out.Sentence = v.w.T("compare-sentence", "from", dated(v.w, a), "to", dated(v.w, b))
	out.Summary = line.Sentence(v.w.Lang)
	out.Chooser = v.chooser(s, a.Number, b.Number, out.View)
	out.Note = noteFacts(v.w, b.Notes[s.tag])
	since, until, err := v.since(s, a, b)
	if err != nil {
		return view{}, err
	}
	out.Since = since
	out.Equal = line.Equal()
	out.HTML = template.HTML(line.HTML(s.tag))
	out.Proof = []fact{{Text: v.w.T("checksum-old"), More: line.Old.SHA256}, {Text: v.w.T("checksum-new"), More: line.New.SHA256}}
	return view{"compare.html", out, sooner(s.t.Next(v.now), until)}, nil
}

func dated(w lang.Words, s documents.Standing) string {
	return versionName(w, s.Number) + " — " + effectiveDate(w, s.Effective)
}
