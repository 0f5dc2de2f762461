package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"vestnik/documents"
)

type output[T any] struct{ Body T }

// created is an answer of 201 or 200.
type created[T any] struct {
	Status int
	Body   T
}

func body[T any](v T, err error) (*output[T], error) {
	if err != nil {
		return nil, err
	}
	return &output[T]{v}, nil
}

type none struct{}

// DocumentPath names a document. It is exported so that huma fills it in where it
// is embedded, like the other paths.
type DocumentPath struct {
	ID string `path:"id" doc:"The document's id"`
}

type putDocument struct {
	DocumentPath
	Body struct {
		Titles     map[string]string `json:"titles" doc:"By language; these are the languages that every version must have"`
		Prevailing string            `json:"prevailing,omitempty" doc:"Needed where there are several languages"`
		Groups     []string          `json:"groups,omitempty"`
		Revision   int               `json:"revision,omitempty" doc:"The one that you saw; without it the latest is replaced"`
	}
}

func (a *api) documentOperations() {
	add(a, access{"publisher"}, huma.Operation{OperationID: "put-document", Method: http.MethodPut, Path: "/documents/{id}", Summary: "Make a document, or change its titles and groups",
		Responses: map[string]*huma.Response{"201": answers[DocumentView](a, "It was made")}}, a.putDocument)
	add(a, anyone, huma.Operation{OperationID: "get-document", Method: http.MethodGet, Path: "/documents/{id}", Summary: "One document"},
		func(ctx context.Context, in *DocumentPath) (*output[DocumentView], error) {
			d, err := a.document(ctx, in.ID)
			return body(documentView(d), err)
		})
	add(a, anyone, huma.Operation{OperationID: "list-documents", Method: http.MethodGet, Path: "/documents", Summary: "All documents"},
		a.documents)
	add(a, access{"administrator"}, huma.Operation{OperationID: "import-history", Method: http.MethodPost, Path: "/documents/{id}/import", DefaultStatus: http.StatusCreated, MaxBodyBytes: maxHistory,
		Summary: "Move in an existing history", Description: "All versions or none. Nobody is told. Refused once a version was published here."}, a.importHistory)
}

// document is one that the caller may know of. Whoever has no token learns of it
// with its first event.
func (a *api) document(ctx context.Context, id string) (documents.Document, error) {
	d, err := a.s.Library.Document(ctx, id)
	if _, known := callerOf(ctx); known || err != nil {
		return d, err
	}
	if last, err := a.s.Library.Last(ctx, id); err != nil || last > 0 {
		return d, err
	}
	return documents.Document{}, documents.ErrNotFound
}

// DocumentList is all documents.
type DocumentList struct {
	Documents []DocumentView `json:"documents"`
}

func (a *api) documents(ctx context.Context, _ *none) (*output[DocumentList], error) {
	list, err := a.s.Library.Documents(ctx)
	out := DocumentList{Documents: []DocumentView{}}
	for _, d := range list {
		switch _, err := a.document(ctx, d.ID); {
		case err == nil:
			out.Documents = append(out.Documents, documentView(d))
		case !errors.Is(err, documents.ErrNotFound):
			return nil, err
		}
	}
	return body(out, err)
}

func (a *api) putDocument(ctx context.Context, in *putDocument) (*created[DocumentView], error) {
	by := actorOf(ctx)
	d := documents.Document{ID: in.ID, Titles: in.Body.Titles, Prevailing: in.Body.Prevailing, Groups: in.Body.Groups, Revision: in.Body.Revision}
	if d.Prevailing == "" && len(d.Titles) == 1 {
		for lang := range d.Titles {
			d.Prevailing = lang
		}
	}
	had, err := a.s.Library.Document(ctx, in.ID)
	status, what := http.StatusOK, "document.changed"
	switch {
	case errors.Is(err, documents.ErrNotFound):
		status, what = http.StatusCreated, "document.created"
		d.Revision = 1
		d, err = a.s.Library.Create(ctx, d, by)
	case err != nil:
		return nil, err
	default:
		// Update takes the revision that the writer saw.
		if d.Revision == 0 {
			d.Revision = had.Revision
		}
		d, err = a.s.Library.Update(ctx, d, by)
	}
	if err != nil {
		return nil, err
	}
	return &created[DocumentView]{status, documentView(d)}, a.s.audit(ctx, by, what, d.ID)
}

type importHistory struct {
	DocumentPath
	Key     string `header:"Idempotency-Key" maxLength:"200"`
	RawBody []byte
	Body    struct {
		Titles     map[string]string `json:"titles,omitempty"`
		Prevailing string            `json:"prevailing,omitempty"`
		Zone       string            `json:"zone,omitempty" doc:"Of dates without a time; the organisation's if absent"`
		Versions   []struct {
			Number    int               `json:"number,omitempty" doc:"The next if absent"`
			Effective string            `json:"effective,omitempty" doc:"RFC 3339 or a date; absent: not stated"`
			Published string            `json:"published,omitempty" doc:"2006-01-02, as stated by the organisation"`
			Texts     map[string]string `json:"texts" doc:"Markdown by language"`
			Class     string            `json:"class,omitempty"`
			Reason    string            `json:"reason,omitempty"`
			Basis     BasisView         `json:"basis,omitempty"`
		} `json:"versions"`
	}
}

// HistoryImported says what an import made.
type HistoryImported struct {
	Document string          `json:"document"`
	Events   []ImportedEvent `json:"events"`
}

// ImportedEvent names one version that moved in.
type ImportedEvent struct {
	Seq     int64 `json:"seq"`
	Version int   `json:"version"`
}

func (a *api) importHistory(ctx context.Context, in *importHistory) (*output[HistoryImported], error) {
	h := documents.History{Document: in.ID, Titles: in.Body.Titles, Prevailing: in.Body.Prevailing, Zone: in.Body.Zone,
		Key: in.Key, Request: requestDigest("import", in.ID, in.RawBody)}
	for _, v := range in.Body.Versions {
		one := documents.ImportedVersion{Number: v.Number, Effective: v.Effective, Published: v.Published, Class: documents.Class(v.Class), Reason: v.Reason, Basis: documents.Basis(v.Basis)}
		one.Texts = draftTexts(v.Texts, nil)
		h.Versions = append(h.Versions, one)
	}
	by := actorOf(ctx)
	events, err := a.s.Library.Import(ctx, h, by)
	if err != nil {
		return nil, err
	}
	out := HistoryImported{Document: in.ID, Events: []ImportedEvent{}}
	for _, e := range events {
		out.Events = append(out.Events, ImportedEvent{int64(e.Seq), e.Version})
	}
	return body(out, a.s.audit(ctx, by, "document.imported", in.ID, "versions", fmt.Sprint(len(events))))
}

// requestDigest is what an idempotency key is bound to: the operation, what it
// acts on, and every byte of the body.
func requestDigest(operation, on string, raw []byte) documents.Digest {
	return documents.SHA256([]byte(operation + "\n" + on + "\n" + string(raw)))
}

func draftTexts(sources, titles map[string]string) []documents.DraftText {
	var out []documents.DraftText
	for _, lang := range sortedKeys(sources) {
		out = append(out, documents.DraftText{Lang: lang, Title: titles[lang], Source: sources[lang]})
	}
	return out
}

// instant reads RFC 3339, or a date as the end of that day in the zone: "on" a
// day means once it is over.
func instant(field, v string, zone *time.Location) (time.Time, error) {
	if day, err := time.ParseInLocation(time.DateOnly, v, zone); err == nil {
		return day.AddDate(0, 0, 1).Add(-time.Microsecond), nil
	}
	// A plus that was not escaped arrives as a space.
	at, err := time.Parse(time.RFC3339Nano, strings.ReplaceAll(v, " ", "+"))
	if err != nil {
		return at, documents.Invalid(field, "time-malformed", "Give %s as 2026-11-22 or 2026-11-22T10:00:00+05:00.", field)
	}
	return at, nil
}
