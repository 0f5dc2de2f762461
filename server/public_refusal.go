package server

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"vestnik/documents"
	"vestnik/documents/lang"
)

// errMalformed: what a reader typed into an address cannot be read.
var errMalformed = errors.New("malformed")

// noPage: the document is there, but not what its address asks for.
type noPage struct {
	what      string // language, version, clause, day, range or withheld: its words are error-what-title and error-what
	subject   subject
	malformed bool
}

func (e *noPage) Error() string { return "no " + e.what }

func (e *noPage) Unwrap() error {
	if e.malformed {
		return errMalformed
	}
	return documents.ErrNotFound
}

// no is why there is no such page of s.
func (s subject) no(what string) error { return &noPage{what: what, subject: s} }

// unread is why an address below s cannot be read.
func (s subject) unread(what string) error { return &noPage{what: what, subject: s, malformed: true} }

// dayError: /on/ was asked for a day of which nothing can be said.
type dayError struct {
	subject subject
	unknown bool // the day has not ended; else it was before the first version
	now     time.Time
}

func (e *dayError) Error() string {
	if e.unknown {
		return "not yet known"
	}
	return "before the first version"
}

func (e *dayError) Unwrap() error { return documents.ErrNotFound }

// hrefOf is an address of a subject, in its own language where the one asked for is
// none of its.
func (p *site) hrefOf(s subject, tail ...string) string {
	tag := s.tag
	if tag == "" || !s.speaks(tag) {
		tag = s.Prevailing
	}
	return p.base() + "/" + strings.Join(append([]string{s.ID, tag}, tail...), "/")
}

// noPageTongue says what is missing, and where the document has what is there.
func (p *site) noPageTongue(w lang.Words, no *noPage) tongue {
	s, key := no.subject, "error-"+no.what
	last := s.t.Versions[len(s.t.Versions)-1].Number
	out := tongue{Lang: w.Lang, Title: w.T(key + "-title"), Sentence: w.T(key, "version", versionName(w, last))}
	if no.what == "language" {
		for _, tag := range sortedKeys(s.Titles) {
			out.Links = append(out.Links, link{Href: p.base() + "/" + s.ID + "/" + tag, Text: lang.Name(tag), Lang: tag})
		}
		return out
	}
	out.Links = []link{{Href: p.hrefOf(s), Text: w.T("to-current")}, {Href: p.hrefOf(s, "versions"), Text: w.T("compare-all")}}
	return out
}

func (p *site) dayTongue(w lang.Words, day *dayError) tongue {
	s := day.subject
	out := tongue{Lang: w.Lang, Links: []link{{Href: p.hrefOf(s), Text: w.T("to-current")}}}
	if !day.unknown {
		out.Title = w.T("error-before-title")
		for _, o := range s.t.Versions {
			if !o.Withdrawn {
				out.Sentence = w.T("error-before", "date", effectiveDate(w, o.Effective))
				break
			}
		}
		return out
	}
	out.Title, out.Sentence, out.Scheduled = w.T("error-unknown-title"), w.T("error-unknown"), w.T("error-scheduled-none")
	var parts []string
	for _, o := range s.t.Upcoming(day.now) {
		name := versionName(w, o.Number)
		parts = append(parts, w.T("error-scheduled-one", "version", name, "date", effectiveDate(w, o.Effective)))
		out.Links = append(out.Links, link{Href: p.hrefOf(s, "v", strconv.Itoa(o.Number)), Text: name})
	}
	if len(parts) > 0 {
		out.Scheduled = w.T("error-scheduled", "list", strings.Join(parts, w.T("list-separator")))
	}
	return out
}
