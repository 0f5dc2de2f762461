package server

import (
	"html/template"
	"strings"
	"unicode"

	"vestnik/documents"
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
	Permanent         string
}

type clauseLine struct{ Href, Name, Number, Effective, What string }

// sighting is a clause in one version; Found is false where it is not.
type sighting struct {
	version documents.Standing
	clause  documents.Clause
	source  string
	text    documents.Text
	found   bool
}

// clause says what became of a clause: where it stands now, or where it last
// did, and what happened to it in each version.
func (p *site) clause(v *visit) (view, error) {
	s, err := v.subject()
	if err != nil {
		return view{}, err
	}
	id := v.r.PathValue("id")
	seen, err := v.sightings(s, id)
	if err != nil {
		return view{}, err
	}
	last, now := -1, -1
	for i, one := range seen {
		if !one.found {
			continue
		}
		last = i
		if s.hasForce && one.version.Number == s.inForce.Number {
			now = i
		}
	}
	if last < 0 {
		return view{}, errNoPage
	}
	out := &clausePage{page: v.page("")}
	show := seen[last]
	if now >= 0 {
		show = seen[now]
	}
	v.clauseHead(out, s, show, now >= 0)
	out.Permanent = v.absolute(v.href(s.ID, s.tag, "clause", id))
	out.Canonical = out.Permanent
	out.History = v.clauseHistory(s, seen)
	body, err := clauseHTML(show)
	if err != nil {
		return view{}, err
	}
	out.HTML = body
	return view{"clause.html", out, s.t.Next(v.now)}, nil
}

func (v *visit) sightings(s subject, id string) ([]sighting, error) {
	var out []sighting
	for _, o := range s.t.Versions {
		if o.Withheld {
			continue
		}
		ver, err := v.Library.Version(v.ctx, s.ID, o.Number)
		if err != nil {
			return nil, err
		}
		t, ok := ver.Text(s.tag)
		if !ok {
			continue
		}
		one := sighting{version: o, text: t}
		for _, c := range t.Clauses {
			if c.ID == id {
				one.clause, one.found, one.source = c, true, linesOf(t.Source, c.First, c.Last)
			}
		}
		out = append(out, one)
	}
	return out, nil
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

func (v *visit) clauseHead(out *clausePage, s subject, show sighting, now bool) {
	heading, tagged := title(show.version.Titles, s.tag, s.Prevailing, s.ID)
	out.Heading, out.TextLang, out.TextDir, out.DocumentHref = heading, tagged, dirOf(s.tag), v.href(s.ID, s.tag)
	name := clauseName(show.clause)
	if n := show.clause.Number; n != "" && strings.IndexFunc(strings.Trim(n, "()."), unicode.IsLetter) < 0 { // "Article 7" says what it is
		out.ClauseName = v.w.T("clause-named", "number", name)
	} else {
		out.ClauseName = name
	}
	out.Title = out.ClauseName + ", " + heading
	v.addresses(&out.page, s, show.version, true)
	for i := range out.Alternates {
		out.Alternates[i].Href = v.absolute(v.href(s.ID, out.Alternates[i].Lang, "clause", show.clause.ID))
	}
	out.Alternates = out.Alternates[:max(0, len(out.Alternates)-1)]
	version := versionName(v.w, show.version.Number)
	out.InText, out.InTextName = v.href(s.ID, s.tag, "v", show.version.Number)+"#"+show.clause.ID, v.w.T("clause-read-last")
	switch {
	case now:
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

func (v *visit) clauseHistory(s subject, seen []sighting) (out []clauseLine) {
	before := sighting{}
	for _, one := range seen {
		if one.version.Withdrawn {
			continue
		}
		what := ""
		switch {
		case one.found && !before.found:
			what = v.w.T("clause-came")
		case !one.found && before.found:
			what = v.w.T("clause-removed")
		case !one.found:
		case one.clause.Number != before.clause.Number:
			what = v.w.T("clause-renumbered")
		case one.source != before.source:
			what = v.w.T("clause-changed")
		default:
			what = v.w.T("clause-same")
		}
		before = one
		if what == "" {
			continue
		}
		line := clauseLine{Href: v.href(s.ID, s.tag, "v", one.version.Number), Name: versionName(v.w, one.version.Number), Number: one.clause.Number, Effective: effectiveDate(v.w, one.version.Effective), What: what}
		if one.found {
			line.Href += "#" + one.clause.ID
		}
		out = append([]clauseLine{line}, out...)
	}
	return out
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
