package server

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"vestnik/documents"
	"vestnik/documents/lang"
)

type indexPage struct {
	page
	Groups []indexGroup
	Many   bool // too many to look through: they can be searched, and each says less
	Search string
	Query  string
	Count  string // of what was found
}

// indexGroup is documents under one heading, or under none.
type indexGroup struct {
	Title     string
	Documents []indexEntry
}

type indexEntry struct {
	Href, Title, Lang, Dir, Upcoming, Missing, Register string
	Status                                              tag
	Links                                               []link

	next time.Time // when it changes; zero: that is not known
	all  string    // what a search looks through
}

// indexMany is how many documents need more than a list.
const indexMany = 12

func (p *site) index(v *visit) (view, error) {
	entries, until, err := v.entries()
	if err != nil {
		return view{}, err
	}
	out := indexPage{page: v.page(v.w.T("index-title")), Many: len(entries) > indexMany, Search: p.base() + "/", Query: v.query}
	out.Languages = v.switched("/")
	out.Canonical = p.absolute(out.Base + "/")
	if v.query != "" {
		out.NoIndex = true
		wanted := foldText(v.query, nil).text
		entries = slices.DeleteFunc(entries, func(e indexEntry) bool { return !strings.Contains(e.all, wanted) })
		out.Count = v.w.N("index-found", len(entries))
	}
	out.Groups = []indexGroup{{Documents: entries}}
	if len(entries) > indexMany {
		out.Groups = v.grouped(entries)
	}
	return view{"index.html", out, until}, nil
}

// entries are all documents that have a version, by title, and until when what they
// say stays true.
func (v *visit) entries() (out []indexEntry, until time.Time, err error) {
	docs, err := v.Library.Documents(v.ctx)
	if err != nil {
		return nil, until, err
	}
	for _, d := range docs {
		t, err := v.timeline(d.ID)
		if err != nil {
			return nil, until, err
		}
		if len(t.Versions) == 0 {
			continue
		}
		out = append(out, v.entry(d, t))
		until = sooner(until, turns(t, v.now))
	}
	order := collate.New(language.Make(v.w.Lang), collate.Numeric)
	slices.SortStableFunc(out, func(a, b indexEntry) int { return order.CompareString(a.Title, b.Title) })
	return out, until, nil
}

// grouped puts what will change before the rest, the soonest at the top.
func (v *visit) grouped(entries []indexEntry) (out []indexGroup) {
	var soon, rest []indexEntry
	for _, e := range entries {
		if e.next.IsZero() {
			rest = append(rest, e)
		} else {
			soon = append(soon, e)
		}
	}
	if len(soon) == 0 {
		return []indexGroup{{Documents: rest}}
	}
	slices.SortStableFunc(soon, func(a, b indexEntry) int { return a.next.Compare(b.next) })
	for _, group := range []indexGroup{{v.w.T("index-soon"), soon}, {v.w.T("index-rest"), rest}} {
		if len(group.Documents) > 0 {
			out = append(out, group)
		}
	}
	return out
}

func (v *visit) entry(d documents.Document, t documents.Timeline) indexEntry {
	text, tagged := title(d.Titles, v.w.Lang, d.Prevailing, d.ID)
	e := indexEntry{Title: text, Lang: tagged, Dir: lang.Dir(tagged), Href: v.href(d.ID, tagged), Register: v.href(d.ID, "register"), Status: v.standing(t)}
	show, ok := t.InForce(v.now)
	if next := t.Upcoming(v.now); len(next) > 0 {
		e.next = next[0].Effective.Instant
		e.Upcoming = v.w.T("index-upcoming", "version", versionName(v.w, next[0].Number), "date", effectiveDate(v.w, next[0].Effective), "when", v.countdown(next[0].Effective))
		if !ok {
			show, ok = next[0], true
		}
	}
	if _, here := show.Titles[v.w.Lang]; ok && !here {
		e.Missing = v.w.T("index-missing")
	}
	all := []string{d.ID}
	for _, tag := range ordered(d.Titles, v.settings.Languages) {
		all = append(all, d.Titles[tag])
		e.Links = append(e.Links, link{Href: v.href(d.ID, tag), Text: lang.Name(tag), Lang: tag})
	}
	e.all = foldText(strings.Join(all, "\n"), nil).text
	return e
}
