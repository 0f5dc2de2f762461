package server

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"vestnik/documents"
	"vestnik/documents/lang"
)

type registerPage struct {
	page
	Heading           string
	TextLang, TextDir string
	DocumentHref      string
	FeedHref          string
	Events            []eventRow
	More              string
}

type eventRow struct {
	Seq                        int64
	Time, When                 string
	Document, DocumentHref     string
	Kind, Version, VersionHref string
	Reason                     said
	Class, ClassTag            string
	Lines                      []string
	Links                      []link
}

// register lists every event of a document, the latest first.
func (p *site) register(v *visit) (view, error) {
	s, err := v.subject()
	if err != nil {
		return view{}, err
	}
	heading, tagged := title(s.Titles, v.w.Lang, s.Prevailing, s.ID)
	out := &registerPage{page: v.page(v.w.T("register") + ": " + heading), Heading: heading, TextLang: tagged, TextDir: dirOf(tagged)}
	out.Languages = v.switched("/" + s.ID + "/register")
	out.Canonical = v.absolute(v.href(s.ID, "register"))
	out.DocumentHref, out.FeedHref = v.href(s.ID, tagged), v.href(s.ID, "feed.atom")
	out.Feeds = []link{{Href: out.FeedHref, Text: v.w.T("feed-link")}}
	before, err := v.before(s.t.Events[len(s.t.Events)-1].Seq + 1)
	if err != nil {
		return view{}, err
	}
	for _, e := range slices.Backward(s.t.Events) {
		if e.Seq >= before {
			continue
		}
		if len(out.Events) == registerPageSize {
			out.More = fmt.Sprintf("%s?before=%d&lang=%s", v.href(s.ID, "register"), int64(e.Seq)+1, v.w.Lang)
			break
		}
		out.Events = append(out.Events, v.eventRow(s, e))
	}
	return view{"register.html", out, time.Time{}}, nil
}

// before is where a page of the register begins, at end unless ?before= says so.
func (v *visit) before(end documents.Seq) (documents.Seq, error) {
	asked := v.r.URL.Query().Get("before")
	if asked == "" {
		return end, nil
	}
	n, err := numberIn(asked)
	return min(end, documents.Seq(n)), err
}

// registerPageSize is how many events one page has.
const registerPageSize = 200

// registerOfAll lists the events of all documents, the latest first; ?before= is
// where a page begins.
func (p *site) registerOfAll(v *visit) (view, error) {
	last, err := p.Library.Last(v.ctx, "")
	if err != nil {
		return view{}, err
	}
	before, err := v.before(last + 1)
	if err != nil {
		return view{}, err
	}
	after := max(0, before-1-registerPageSize)
	out := &registerPage{page: v.page(v.w.T("register"))}
	out.Languages, out.Canonical = v.switched("/register"), v.absolute(v.base()+"/register")
	events, err := p.Library.Events(v.ctx, "", after, int(before-1-after))
	if err != nil {
		return view{}, err
	}
	subjects := map[string]subject{}
	for i := len(events) - 1; i >= 0; i-- {
		s, err := v.subjectOf(subjects, events[i].Document)
		if err != nil {
			return view{}, err
		}
		out.Events = append(out.Events, v.eventRow(s, events[i]))
	}
	if after > 0 {
		out.More = fmt.Sprintf("%s/register?before=%d&lang=%s", v.base(), after+1, v.w.Lang)
	}
	return view{"register.html", out, time.Time{}}, nil
}

// subjectOf finds an event's document; some events have none.
func (v *visit) subjectOf(known map[string]subject, id string) (subject, error) {
	if s, ok := known[id]; ok || id == "" {
		return s, nil
	}
	d, err := v.Library.Document(v.ctx, id)
	if notFound(err) {
		return subject{}, nil
	}
	if err != nil {
		return subject{}, err
	}
	t, err := v.timeline(id)
	s := subject{Document: d, t: t}
	known[id] = s
	return s, err
}

func (v *visit) eventRow(s subject, e documents.Event) eventRow {
	when := e.Time.In(v.zone)
	row := eventRow{Seq: int64(e.Seq), Time: when.Format(time.RFC3339), When: lang.Moment(v.w.Lang, when), Kind: kindName(v.w, e.Kind), Reason: saidTo(v.w, e.ReasonText)}
	tagged := s.Prevailing
	if s.ID != "" {
		row.Document, tagged = title(s.Titles, v.w.Lang, s.Prevailing, s.ID)
		row.DocumentHref = v.href(s.ID, tagged)
	}
	if e.Version > 0 {
		row.Version, row.VersionHref = versionName(v.w, e.Version), v.href(e.Document, tagged, "v", e.Version)
	}
	if e.Class != "" {
		row.Class = className(v.w, e.Class)
		if e.Class != documents.Editorial {
			row.ClassTag = "material"
		}
	}
	row.Lines = v.eventLines(e)
	proof := link{Href: fmt.Sprintf("%s/log/proof/%d", v.base(), e.Seq), Text: v.w.T("proof-link"), More: v.w.T("event-n", "n", int64(e.Seq))}
	if here, ok := s.t.Standing(e.Version); ok && (e.Kind == documents.Published || e.Kind == documents.Imported) {
		if before, ok := predecessor(s.t, here); ok {
			row.Links = append(row.Links, link{Href: hrefCompare(v.base(), s.ID, tagged, before.Number, here.Number), Text: v.w.T("redline-link"), More: row.Version})
		}
	}
	row.Links = append(row.Links, proof)
	return row
}

// eventLines is what else an event says.
func (v *visit) eventLines(e documents.Event) (out []string) {
	if e.Urgent {
		out = append(out, v.w.T("urgent"))
	}
	if !e.Effective.Instant.IsZero() {
		out = append(out, v.w.T("takes-effect", "date", effectiveMoment(v.w, e.Effective)))
	}
	if e.Kind == documents.Published {
		if a, err := v.Library.Audit(v.ctx, e.Seq); err == nil && a.Alone {
			out = append(out, v.w.T("published-alone"))
		}
	}
	if e.Kind == documents.Corrected {
		for _, tagged := range sortedKeys(e.Notes) {
			for _, f := range noteFacts(catalogue.In(tagged), e.Notes[tagged]) {
				out = append(out, lang.Name(tagged)+". "+f.Text+": "+f.More)
			}
		}
	}
	if e.Figures != "" {
		out = append(out, closedFigures(v.w, e.Figures))
	}
	if e.LostFirst > 0 {
		out = append(out, v.w.T("restored-lost", "first", int64(e.LostFirst), "last", int64(e.LostLast)))
	}
	return out
}

// closedFigures says "due=12 accepted=12 …" in words; what it cannot read it
// shows as written.
func closedFigures(w lang.Words, figures string) string {
	var args []any
	for pair := range strings.FieldsSeq(figures) {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return figures
		}
		args = append(args, name, value)
	}
	said := w.T("closed-figures", args...)
	if strings.Contains(said, "{") {
		return figures
	}
	return said
}

func kindName(w lang.Words, k documents.Kind) string {
	if key := "kind-" + string(k); w.Has(key) {
		return w.T(key)
	}
	return w.T("kind-other", "kind", string(k))
}
