package server

import (
	"fmt"
	"slices"

	"vestnik/documents"
	"vestnik/documents/lang"
)

// versionRow is a version in a list.
type versionRow struct {
	Href, Name, Effective, Date, Compare string
	Reason                               said
	Number                               int
	Status                               tag
	Current                              bool
}

// versionGroup is the versions of a year, or of any.
type versionGroup struct {
	W    lang.Words
	Year string
	Rows []versionRow
}

// chooser leads to the comparison of two versions.
type chooser struct {
	W        lang.Words
	Action   string
	View     string
	From, To []link
	// Most is the highest number where there are too many versions to list them;
	// First and Second are the numbers to begin with.
	Most, First, Second int
}

const (
	versionsShort   = 8   // how many versions the page of a document lists
	versionsPerPage = 100 // and a page of all of them
	chooserMost     = 60  // how many versions a choice may have before numbers are typed
)

// row is a version in a list; show is the number of the one before the reader.
func (v *visit) row(s subject, o documents.Standing, show int) versionRow {
	row := versionRow{
		Number: o.Number, Href: v.href(s.ID, s.tag, "v", o.Number), Name: versionName(v.w, o.Number), Current: o.Number == show,
		Effective: effectiveDate(v.w, o.Effective), Date: machineDate(o.Effective), Reason: saidTo(v.w, o.ReasonText), Status: shortStatus(v.w, s.t, o, v.now),
	}
	if before, ok := predecessor(s.t, o); ok {
		row.Compare = hrefCompare(v.base(), s.ID, s.tag, before.Number, o.Number)
	}
	return row
}

// byYear groups versions, the latest first, by the year that they took effect in.
func (v *visit) byYear(s subject, of []documents.Standing) (out []versionGroup) {
	for _, o := range slices.Backward(of) {
		if year := yearOf(o); len(out) == 0 || out[len(out)-1].Year != year {
			out = append(out, versionGroup{W: v.w, Year: year})
		}
		last := &out[len(out)-1]
		last.Rows = append(last.Rows, v.row(s, o, 0))
	}
	return out
}

// yearOf is "" if the version's date was not stated.
func yearOf(o documents.Standing) string {
	if o.Effective.Date == "" {
		return ""
	}
	return o.Effective.Instant.In(zoneOf(o.Effective)).Format("2006")
}

// shortList is the latest versions, the latest first, and the one shown.
func (s subject) shortList(show documents.Standing) []documents.Standing {
	out := slices.Clone(s.t.Versions[max(0, len(s.t.Versions)-versionsShort):])
	if !slices.ContainsFunc(out, func(o documents.Standing) bool { return o.Number == show.Number }) {
		out[0] = show
	}
	slices.Reverse(out)
	return out
}

// switcher fills what leads to other versions, however many there are.
func (v *visit) switcher(p *documentPage, s subject, show documents.Standing) {
	total := len(s.t.Versions)
	p.Many = total > 1
	p.Edition = v.w.T("version-of", "version", versionName(v.w, show.Number), "total", number(v.w, int64(total)))
	p.Table.W = v.w
	for _, o := range s.shortList(show) {
		p.Table.Rows = append(p.Table.Rows, v.row(s, o, show.Number))
	}
	if total > versionsShort {
		p.AllVersions = link{Href: v.href(s.ID, s.tag, "versions"), Text: v.w.T("versions-all", "n", number(v.w, int64(total)))}
	}
	if p.Many {
		from, to := offered(s.t, show)
		p.Chooser = v.chooser(s, from, to, "")
	}
	p.DayForm = v.href(s.ID, s.tag, "on")
}

// offered are the two versions that a reader of s may want to compare: s with the one
// before it, the first with the one after it.
func offered(t documents.Timeline, s documents.Standing) (from, to int) {
	if before, ok := predecessor(t, s); ok {
		return before.Number, s.Number
	}
	if after := slices.IndexFunc(t.Versions, func(o documents.Standing) bool { return o.Number > s.Number }); after >= 0 {
		return s.Number, t.Versions[after].Number
	}
	return s.Number, s.Number
}

func (v *visit) chooser(s subject, from, to int, shown string) chooser {
	c := chooser{W: v.w, Action: v.href(s.ID, s.tag, "compare"), View: shown, First: from, Second: to}
	if n := len(s.t.Versions); n > chooserMost {
		c.Most = s.t.Versions[n-1].Number
		return c
	}
	for _, o := range slices.Backward(s.t.Versions) {
		text := versionName(v.w, o.Number) + " — " + effectiveDate(v.w, o.Effective)
		c.From = append(c.From, link{Value: fmt.Sprint(o.Number), Text: text, Current: o.Number == from})
		c.To = append(c.To, link{Value: fmt.Sprint(o.Number), Text: text, Current: o.Number == to})
	}
	return c
}

type versionsPage struct {
	page
	Heading           string
	TextLang, TextDir string
	DocumentHref      string
	Lead              string
	Groups            []versionGroup
	Years             []link
	Newer, Older      string
	Chooser           chooser
	DayForm           string
}

// allVersions lists the versions of a document by year, the latest first;
// ?before= is where a page begins.
func (p *site) allVersions(v *visit) (view, error) {
	s, err := v.subject()
	if err != nil {
		return view{}, err
	}
	end, err := v.pageEnd(s.t.Versions)
	if err != nil {
		return view{}, err
	}
	begin := max(0, end-versionsPerPage)
	heading, tagged := title(s.Titles, s.tag, s.Prevailing, s.ID)
	out := &versionsPage{page: v.page(v.w.T("versions-title") + ": " + heading), Heading: heading, TextLang: tagged, TextDir: dirOf(tagged), DocumentHref: v.href(s.ID, s.tag)}
	out.Lead = v.w.N("versions-lead", len(s.t.Versions))
	here := v.href(s.ID, s.tag, "versions")
	v.translated(&out.page, s, "versions")
	out.Canonical = v.absolute(here)
	out.Groups = v.byYear(s, s.t.Versions[begin:end])
	if begin > 0 {
		out.Older = fmt.Sprintf("%s?before=%d", here, s.t.Versions[begin].Number)
	}
	if end < len(s.t.Versions) {
		out.Newer = here
		if next := end + versionsPerPage; next < len(s.t.Versions) {
			out.Newer = fmt.Sprintf("%s?before=%d", here, s.t.Versions[next].Number)
		}
	}
	out.Years = yearsOf(s.t.Versions, here)
	out.Chooser, out.DayForm = v.chooser(s, max(1, len(s.t.Versions)-1), len(s.t.Versions), ""), v.href(s.ID, s.tag, "on")
	return view{"versions.html", out, s.t.Next(v.now)}, nil
}

// pageEnd is behind the last of versions that the page asked for has.
func (v *visit) pageEnd(versions []documents.Standing) (int, error) {
	asked := v.r.URL.Query().Get("before")
	if asked == "" {
		return len(versions), nil
	}
	n, err := numberIn(asked)
	if err != nil {
		return 0, err
	}
	end := len(versions)
	for end > 0 && versions[end-1].Number >= n {
		end--
	}
	if end == 0 {
		return 0, errNoPage
	}
	return end, nil
}

// yearsOf leads to the page on which each year begins, if there is more than one
// page; the latest year first.
func yearsOf(versions []documents.Standing, here string) (out []link) {
	if len(versions) <= versionsPerPage {
		return nil
	}
	last := ""
	for i, o := range slices.Backward(versions) {
		year := yearOf(o)
		if year == last || year == "" {
			continue
		}
		last = year
		href := here
		if i+1 < len(versions) {
			href = fmt.Sprintf("%s?before=%d", here, versions[i+1].Number)
		}
		if !slices.ContainsFunc(out, func(l link) bool { return l.Text == year }) {
			out = append(out, link{Href: href, Text: year})
		}
	}
	return out
}

// translated offers the page below a document in the document's other languages.
func (v *visit) translated(p *page, s subject, below ...any) {
	for _, tag := range ordered(s.Titles, v.settings.Languages) {
		href := v.href(s.ID, append([]any{tag}, below...)...)
		p.Languages = append(p.Languages, link{Href: href, Text: lang.Name(tag), Lang: tag, Current: tag == s.tag})
		p.Alternates = append(p.Alternates, link{Href: v.absolute(href), Lang: tag})
	}
	if len(p.Languages) == 1 {
		p.Languages = nil
	}
}
