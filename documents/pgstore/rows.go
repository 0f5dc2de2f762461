package pgstore

import (
	"slices"

	"vestnik/documents"
	"vestnik/documents/postgres"
	"vestnik/documents/value"
)

// rows are to be added, all in one round trip.
type rows struct{ postgres.Batch }

func (w *rows) document(d documents.Document) {
	w.Add("INSERT INTO documents (id, revision, record) VALUES ($1, $2, $3)", d.ID, d.Revision, value.Encode(key("documents", d.ID), d))
}

func (w *rows) draft(d documents.Draft) {
	texts := slices.Clone(d.Texts)
	for i, t := range d.Texts {
		w.Add("INSERT INTO draft_texts (document, revision, lang, source) VALUES ($1, $2, $3, $4)",
			d.Document, d.Revision, t.Lang, value.Seal(key("draft_texts", d.Document, d.Revision, t.Lang), []byte(t.Source)))
		texts[i].Source = ""
	}
	d.Texts = texts
	w.Add("INSERT INTO drafts (document, revision, record, standing) VALUES ($1, $2, $3, $4)", d.Document, d.Revision,
		value.Encode(key("drafts", d.Document, d.Revision), d),
		value.Encode(key("standing", d.Document, d.Revision), standing{d.State, d.Comment}))
}

func (w *rows) approval(a documents.Approval) {
	w.Add("INSERT INTO approvals (document, revision, record) VALUES ($1, $2, $3)",
		a.Document, a.Revision, value.Encode(key("approvals", a.Document, a.Revision), a))
}

func (w *rows) version(v documents.Version) {
	texts := slices.Clone(v.Texts)
	for i, t := range v.Texts {
		w.Add("INSERT INTO texts (document, number, lang, source, clauses, trace) VALUES ($1, $2, $3, $4, $5, $6)", v.Document, v.Number, t.Lang,
			value.Seal(key("texts", v.Document, v.Number, t.Lang), []byte(t.Source)),
			value.Encode(key("clauses", v.Document, v.Number, t.Lang), t.Clauses),
			value.Seal(key("trace", v.Document, v.Number, t.Lang), documents.TraceOf(v.Number, t).Encode()))
		texts[i].Source, texts[i].Clauses = "", nil
	}
	v.Texts = texts
	w.Add("INSERT INTO versions (document, number, record) VALUES ($1, $2, $3)",
		v.Document, v.Number, value.Encode(key("versions", v.Document, v.Number), v))
}

func (w *rows) event(e documents.Event) {
	w.Add("INSERT INTO events (seq, document, origin, record) VALUES ($1, $2, $3, $4)",
		e.Seq, e.Document, e.Origin, value.Encode(key("events", e.Seq), e))
}

func (w *rows) audit(a documents.PublicationAudit) {
	w.Add("INSERT INTO publication_audits (first, record) VALUES ($1, $2)", a.Seq, value.Encode(key("audits", a.Seq), a))
}

func (w *rows) used(u documents.UsedKey) {
	w.Add("INSERT INTO publication_keys (key, record) VALUES ($1, $2)", []byte(u.Key), value.Encode(key("keys", u.Key), u))
}
