package server

import (
	"fmt"
	"net/url"
	"slices"
	"time"

	"vestnik/documents"
)

type registerPage struct {
	page
	Heading           string
	TextLang, TextDir string
	DocumentHref      string
	FeedHref          string
	Count             string
	Action            string
	Documents, Kinds  []link // to choose from; Documents is empty where there is one
	Events            []eventRow
	None              string // why there are no Events
	All               string // leads from a choice to all events
	Newest, Older     string
}

const (
	registerPageSize = 100 // events on one page
	registerFew      = 5   // of which nobody needs to choose
)

// registerKinds are the kinds that a reader can choose, and last any other.
var registerKinds = []documents.Kind{
	documents.Published, documents.Imported, documents.Corrected, documents.Reclassified, documents.Postponed, documents.Withdrawn,
	documents.Withheld, documents.Closed, documents.Rerendered, documents.Restored, otherKind,
}

// otherKind stands for all that this program does not know.
const otherKind documents.Kind = "other"

// registerChoice is which events a page of the register shows.
type registerChoice struct {
	path     string // of the register
	document string // of ?document=
	kind     documents.Kind
	before   documents.Seq // they have a lower one; 0: all
}

// chosen reads a choice, and refuses what no form of ours sends.
func (v *visit) chosen(path string) (c registerChoice, err error) {
	q := v.r.URL.Query()
	c = registerChoice{path: path, document: q.Get("document"), kind: documents.Kind(q.Get("kind"))}
	if c.kind != "" && !slices.Contains(registerKinds, c.kind) {
		return c, errNoPage
	}
	if asked := q.Get("before"); asked != "" {
		n, err := numberIn(asked)
		if err != nil {
			return c, err
		}
		c.before = documents.Seq(n)
	}
	return c, nil
}

// href is the page of c in a language.
func (c registerChoice) href(base, tag string) string {
	q := url.Values{"lang": {tag}}
	for name, value := range map[string]string{"document": c.document, "kind": string(c.kind)} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if c.before > 0 {
		q.Set("before", fmt.Sprint(c.before))
	}
	return base + c.path + "?" + q.Encode()
}

func (c registerChoice) wants(e documents.Event) bool {
	switch {
	case c.before > 0 && e.Seq >= c.before:
		return false
	case c.kind == otherKind:
		return !slices.Contains(registerKinds, e.Kind)
	}
	return c.kind == "" || e.Kind == c.kind
}

// register lists every event of a document, the latest first.
func (p *site) register(v *visit) (view, error) {
	s, err := v.subject()
	if err != nil {
		return view{}, err
	}
	c, err := v.chosen("/" + s.ID + "/register")
	if err != nil {
		return view{}, err
	}
	c.document = ""
	return v.registerOf(s, c)
}

// registerOfAll lists the events of all documents, or of the one of ?document=.
func (p *site) registerOfAll(v *visit) (view, error) {
	c, err := v.chosen("/register")
	if err != nil {
		return view{}, err
	}
	if c.document == "" {
		return v.registerOf(subject{}, c)
	}
	s, err := v.subjectOf(map[string]subject{}, c.document)
	if err == nil && len(s.t.Versions) == 0 {
		err = errNoPage
	}
	if err != nil {
		return view{}, err
	}
	return v.registerOf(s, c)
}

// registerOf shows what c chooses, of s if that is a document.
func (v *visit) registerOf(s subject, c registerChoice) (view, error) {
	events, more, err := v.chosenEvents(s, c)
	if err != nil {
		return view{}, err
	}
	out := &registerPage{page: v.page(v.w.T("register")), Action: v.base() + c.path}
	out.NoIndex = c.kind != "" || c.before > 0
	out.Canonical = v.absolute(v.base() + "/register")
	for _, one := range v.switched(c.path) {
		one.Href = c.href(v.base(), one.Lang)
		out.Languages = append(out.Languages, one)
	}
	if s.ID != "" {
		v.registerHead(out, s)
	}
	if out.NoIndex || len(events) > registerFew {
		if err := v.registerForm(out, c); err != nil {
			return view{}, err
		}
	}
	if c.before > 0 {
		first := c
		first.before = 0
		out.Newest = first.href(v.base(), v.w.Lang)
	}
	if len(events) == 0 {
		out.None = v.w.T("register-empty")
		if out.NoIndex {
			out.None, out.All = v.w.T("register-none"), registerChoice{path: c.path}.href(v.base(), v.w.Lang)
		}
	}
	if more {
		older := c
		older.before = events[len(events)-1].Seq
		out.Older = older.href(v.base(), v.w.Lang)
	}
	out.Events, err = v.eventRows(s, c.path, events)
	return view{"register.html", out, time.Time{}}, err
}

// eventRows are events, each with the address of the page that it always heads.
func (v *visit) eventRows(s subject, path string, events []documents.Event) (out []eventRow, err error) {
	known := map[string]subject{s.ID: s}
	for _, e := range events {
		of, err := v.subjectOf(known, e.Document)
		if err != nil {
			return nil, err
		}
		row, err := v.eventRow(of, e)
		if err != nil {
			return nil, err
		}
		row.Href = registerChoice{path: path, before: e.Seq + 1}.href(v.base(), v.w.Lang) + fmt.Sprintf("#e%d", e.Seq)
		out = append(out, row)
	}
	return out, nil
}

// registerHead names the document.
func (v *visit) registerHead(out *registerPage, s subject) {
	heading, tagged := title(s.Titles, v.w.Lang, s.Prevailing, s.ID)
	out.Title += ": " + heading
	out.Heading, out.TextLang, out.TextDir = heading, tagged, dirOf(tagged)
	out.Canonical = v.absolute(v.href(s.ID, "register"))
	out.DocumentHref, out.FeedHref = v.href(s.ID, tagged), v.href(s.ID, "feed.atom")
	out.Feeds = []link{{Href: out.FeedHref, Text: v.w.T("feed-link")}}
	out.Count = v.w.N("register-count", len(s.t.Events))
}

// registerForm is what can be chosen from.
func (v *visit) registerForm(out *registerPage, c registerChoice) error {
	out.Kinds = []link{{Text: v.w.T("register-all"), Current: c.kind == ""}}
	for _, kind := range registerKinds {
		text := v.w.T("register-kind-other")
		if kind != otherKind {
			text = kindName(v.w, kind)
		}
		out.Kinds = append(out.Kinds, link{Value: string(kind), Text: text, Current: kind == c.kind})
	}
	if c.path != "/register" {
		return nil
	}
	docs, err := v.Library.Documents(v.ctx)
	if err != nil {
		return err
	}
	for _, d := range docs {
		if last, err := v.Library.Last(v.ctx, d.ID); err != nil {
			return err
		} else if last == 0 {
			continue
		}
		text, tagged := title(d.Titles, v.w.Lang, d.Prevailing, d.ID)
		out.Documents = append(out.Documents, link{Value: d.ID, Text: text, Lang: tagged, Current: d.ID == c.document})
	}
	if len(out.Documents) == 1 && c.document == "" {
		out.Documents = nil
	}
	return nil
}

// registerScan is how many events of the log are asked for at once.
const registerScan = 500

// chosenEvents are a page of what c chooses, the latest first, and whether there are
// more.
func (v *visit) chosenEvents(s subject, c registerChoice) (out []documents.Event, more bool, err error) {
	add := func(some []documents.Event) {
		for _, e := range slices.Backward(some) {
			if !c.wants(e) {
				continue
			}
			if more = len(out) == registerPageSize; more {
				return
			}
			out = append(out, e)
		}
	}
	if s.ID != "" {
		add(s.t.Events)
		return out, more, nil
	}
	end, err := v.Library.Last(v.ctx, "")
	if c.before > 0 {
		end = min(end, c.before-1)
	}
	for end > 0 && !more && err == nil {
		var some []documents.Event
		after := max(0, end-registerScan)
		some, err = v.Library.Events(v.ctx, "", after, int(end-after))
		add(some)
		end = after
	}
	return out, more, err
}
