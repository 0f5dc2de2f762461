package server

import (
	"html/template"
	"net/http"
	"slices"
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
	Sides             []compareSide
	Swap              string
	Told, Backward    string
	Summary           string
	Chooser           chooser
	AllVersions       string
	View              string
	Views             []link
	Unfold            link
	Word              string // where the file for Word is
	Note              []fact
	Long              bool // the note does not fit the first screen of a telephone
	Since             *sinceList
	Refused           string // why there is no redline, in words
	Elsewhere         []link // the same comparison in languages that have it
	Equal             bool
	HTML              template.HTML
	Jumps             jumps
	Permanent         string
}

// compareSide is one of the two versions.
type compareSide struct {
	Label, Name, Href, Effective, Date string
	Checksum, SHA256                   string
	Status                             tag
}

// comparison is what the page of two versions shows.
type comparison struct {
	subject
	a, b documents.Standing
	open unfolding
}

// chooseComparison leads from the form to the comparison's own address.
func (p *site) chooseComparison(v *visit, w http.ResponseWriter) error {
	s, err := v.subject()
	if err != nil {
		return err
	}
	q := v.r.URL.Query()
	from, wrong := numberIn(q.Get("from"))
	to, err := numberIn(q.Get("to"))
	if wrong != nil || err != nil {
		return s.unread("range")
	}
	href := hrefCompare(v.base(), s.ID, s.tag, from, to)
	http.Redirect(w, v.r, href+viewQuery(viewAsked(v.r)), http.StatusSeeOther)
	return nil
}

// pair reads a range such as 3...4.
func (s subject) pair(value string) (a, b documents.Standing, err error) {
	left, right, ok := strings.Cut(value, "...")
	from, wrong := numberIn(left)
	to, err := numberIn(right)
	if !ok || wrong != nil || err != nil {
		return a, b, s.unread("range")
	}
	a, okA := s.t.Standing(from)
	b, okB := s.t.Standing(to)
	if !okA || !okB {
		return a, b, s.no("version")
	}
	return a, b, nil
}

// compared reads what the address asks for.
func (v *visit) compared() (c comparison, err error) {
	if c.subject, err = v.subject(); err != nil {
		return c, err
	}
	c.a, c.b, err = c.pair(v.r.PathValue("range"))
	c.open = unfoldAsked(v.r)
	return c, err
}

// redline is nil if one of the texts is not shown, or not there in the language.
func (v *visit) redline(c comparison) (*redline.Redline, error) {
	if c.a.Withheld || c.b.Withheld {
		return nil, nil
	}
	line, err := v.Server.redline(v.ctx, c.ID, c.a.Number, c.b.Number, c.tag)
	if notFound(err) {
		return nil, nil
	}
	return line, err
}

func (p *site) compare(v *visit) (view, error) {
	c, err := v.compared()
	if err != nil {
		return view{}, err
	}
	line, err := v.redline(c)
	if err != nil {
		return view{}, err
	}
	out := &comparePage{page: v.page(""), View: viewAsked(v.r)}
	v.compareHead(out, c)
	until := c.t.Next(v.now)
	if line == nil {
		v.refuseComparison(out, c)
		return view{"compare.html", out, until}, nil
	}
	since, soon, err := v.since(c.subject, c.a, c.b)
	if err != nil {
		return view{}, err
	}
	out.Since = since
	v.compareBody(out, c, line)
	return view{"compare.html", out, sooner(until, soon)}, nil
}

// compareHead says which versions are compared, and leads to others.
func (v *visit) compareHead(out *comparePage, c comparison) {
	a, b := c.a, c.b
	out.Heading, out.TextLang = title(b.Titles, c.tag, c.Prevailing, c.ID)
	out.TextDir = dirOf(c.tag)
	out.Title = v.w.T("compare-title") + ": " + out.Heading + ", " + v.w.T("compare-of", "from", versionName(v.w, a.Number), "to", versionName(v.w, b.Number))
	v.addresses(&out.page, c.subject, b, false)
	here := hrefCompare(v.base(), c.ID, c.tag, a.Number, b.Number)
	out.Canonical, out.NoIndex = v.absolute(here), true
	out.Permanent = out.Canonical
	for i := range out.Alternates {
		out.Alternates[i].Href = v.absolute(hrefCompare(v.base(), c.ID, out.Alternates[i].Lang, a.Number, b.Number))
	}
	out.Views = v.compareViews(here, out.View)
	out.DocumentHref, out.Register = v.href(c.ID, c.tag), v.href(c.ID, "register")
	out.Sides = []compareSide{v.compareSide(c, a, "compare-earlier"), v.compareSide(c, b, "compare-later")}
	out.Sides[0].Checksum, out.Sides[1].Checksum = v.w.T("checksum-old"), v.w.T("checksum-new")
	out.Chooser = v.pairChooser(c, out.View)
	if len(c.t.Versions) > chooserMost {
		out.AllVersions = v.href(c.ID, c.tag, "versions")
	}
	if a.Number == b.Number {
		return
	}
	out.Swap = hrefCompare(v.base(), c.ID, c.tag, b.Number, a.Number) + viewQuery(out.View)
	if a.Number > b.Number {
		out.Backward = v.w.T("compare-backward")
	} else {
		out.Told = v.w.T("compare-told", "version", versionName(v.w, a.Number))
	}
}

func (v *visit) compareSide(c comparison, o documents.Standing, label string) compareSide {
	return compareSide{
		Label: v.w.T(label), Name: versionName(v.w, o.Number), Href: v.href(c.ID, c.tag, "v", o.Number),
		Effective: effectiveDate(v.w, o.Effective), Date: machineDate(o.Effective), Status: shortStatus(v.w, c.t, o, v.now),
	}
}

// compareBody shows the redline.
func (v *visit) compareBody(out *comparePage, c comparison, line *redline.Redline) {
	here := hrefCompare(v.base(), c.ID, c.tag, c.a.Number, c.b.Number)
	out.Sides[0].SHA256, out.Sides[1].SHA256 = line.Old.SHA256, line.New.SHA256
	out.Note = noteFacts(v.w, c.b.Notes[c.tag])
	out.Long = slices.ContainsFunc(out.Note, func(f fact) bool { return len([]rune(f.More)) > noteShort })
	out.Summary = line.Sentence(v.w.Lang)
	if out.Equal = line.Equal(); out.Equal {
		out.Summary = v.sameTexts(c)
	} else {
		out.Word = here + "?format=docx"
		out.Jumps = v.jumps(line.Headings(v.w.Lang))
	}
	out.HTML = template.HTML(line.Folded(c.tag, redline.Folding{Most: changesMost, Open: c.open.has, Href: func(n int) string {
		return here + viewQuery(out.View, c.open.turned(n)) + pieceAt(n)
	}}))
	switch {
	case out.View == listView:
	case c.open.all:
		out.Unfold = link{Href: here + viewQuery(out.View), Text: v.w.T("fold-all")}
	case strings.Contains(string(out.HTML), ` rl-piece"`):
		out.Unfold = link{Href: here + viewQuery(out.View, "all"), Text: v.w.T("unfold-all")}
	}
}

// sameTexts says that nothing differs, and why that is no wonder.
func (v *visit) sameTexts(c comparison) string {
	switch {
	case len(c.t.Versions) == 1:
		return v.w.T("only-version")
	case c.a.Number == c.b.Number:
		return v.w.T("compare-itself")
	}
	return v.w.T("compare-equal")
}

// refuseComparison says why two versions cannot be compared in this language.
func (v *visit) refuseComparison(out *comparePage, c comparison) {
	out.Languages = nil
	if c.a.Withheld || c.b.Withheld {
		out.Refused = v.w.T("compare-withheld")
		return
	}
	out.Refused = v.w.T("compare-missing")
	for _, tag := range ordered(c.a.Titles, v.settings.Languages) {
		if _, both := c.b.Titles[tag]; both && tag != c.tag {
			out.Elsewhere = append(out.Elsewhere, link{Href: hrefCompare(v.base(), c.ID, tag, c.a.Number, c.b.Number) + viewQuery(out.View), Text: lang.Name(tag), Lang: tag})
		}
	}
}
