package server

import (
	"fmt"
	"strings"
	"time"

	"vestnik/documents"
	"vestnik/documents/lang"
)

// eventRow is an event in the register.
type eventRow struct {
	Seq                        int64
	Href                       string // of the page on which it always stands
	Time, When                 string
	Document, DocumentHref     string
	DocumentLang               string
	Kind, Version, VersionHref string
	Reason                     said
	Class, ClassTag            string
	Lines                      []string
	Links                      []link
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

func (v *visit) eventRow(s subject, e documents.Event) (row eventRow, err error) {
	when := e.Time.In(v.zone)
	row = eventRow{Seq: int64(e.Seq), Time: when.Format(time.RFC3339), When: lang.Moment(v.w.Lang, when), Kind: kindName(v.w, e.Kind), Reason: saidTo(v.w, e.ReasonText)}
	tagged := s.Prevailing
	if s.ID != "" {
		row.Document, tagged = title(s.Titles, v.w.Lang, s.Prevailing, s.ID)
		row.DocumentHref, row.DocumentLang = v.href(s.ID, tagged), tagged
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
	if row.Lines, err = v.eventLines(e); err != nil {
		return row, err
	}
	proof := link{Href: fmt.Sprintf("%s/log/proof/%d", v.base(), e.Seq), Text: v.w.T("proof-link"), More: v.w.T("event-n", "n", int64(e.Seq))}
	if here, ok := s.t.Standing(e.Version); ok && (e.Kind == documents.Published || e.Kind == documents.Imported) {
		if before, ok := predecessor(s.t, here); ok {
			row.Links = append(row.Links, link{Href: hrefCompare(v.base(), s.ID, tagged, before.Number, here.Number), Text: v.w.T("redline-link"), More: row.Version})
		}
	}
	row.Links = append(row.Links, proof)
	return row, nil
}

// eventLines is what else an event says.
func (v *visit) eventLines(e documents.Event) (out []string, err error) {
	if e.Urgent {
		out = append(out, v.w.T("urgent"))
	}
	if !e.Effective.Instant.IsZero() {
		out = append(out, v.w.T("takes-effect", "date", effectiveMoment(v.w, e.Effective)))
	}
	if e.Kind == documents.Published {
		a, err := v.Library.Audit(v.ctx, e.Seq)
		if err != nil && !notFound(err) {
			return nil, err
		}
		if a.Alone {
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
	return out, nil
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
