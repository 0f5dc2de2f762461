package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"vestnik/documents"
	"vestnik/notifier"
)

// RecipientPath names a registered user.
type RecipientPath struct {
	ExternalID string `path:"external_id" doc:"Your own name for the person; never an address or a telephone number"`
}

// RecipientBody is what a recipient is made of.
type RecipientBody struct {
	Address      string         `json:"address" doc:"Where mail goes; spouses may share one"`
	Language     string         `json:"language,omitempty" doc:"BCP 47; absent: not known"`
	Name         string         `json:"name,omitempty"`
	Groups       []string       `json:"groups,omitempty"`
	RegisteredAt string         `json:"registered_at,omitempty" doc:"RFC 3339 or a date; absent: as it is known, or now"`
	Known        map[string]int `json:"known,omitempty" doc:"By document: the version that the person is known to have been told of"`
}

type putRecipient struct {
	RecipientPath
	Body RecipientBody
}

// RecipientView is a registered user.
type RecipientView struct {
	ExternalID   string         `json:"external_id"`
	Number       int64          `json:"number"`
	Address      string         `json:"address,omitempty"`
	Language     string         `json:"language,omitempty"`
	Name         string         `json:"name,omitempty"`
	Groups       []string       `json:"groups,omitempty"`
	RegisteredAt time.Time      `json:"registered_at"`
	Known        map[string]int `json:"known,omitempty"`
	State        string         `json:"state"`
}

func recipientView(r notifier.Recipient) RecipientView {
	return RecipientView{ExternalID: r.ExternalID, Number: r.Number, Address: r.Address, Language: r.Language, Name: r.Name, Groups: r.Groups,
		RegisteredAt: r.RegisteredAt, Known: r.Known, State: string(r.State)}
}

// people: whoever may publish may keep the list of those who are told.
var people = access{"publisher"}

func (a *api) recipientOperations() {
	add(a, people, huma.Operation{OperationID: "put-recipient", Method: http.MethodPut, Path: "/recipients/{external_id}", Summary: "Add a registered user, or bring one up to date"}, a.putRecipient)
	add(a, people, huma.Operation{OperationID: "get-recipient", Method: http.MethodGet, Path: "/recipients/{external_id}", Summary: "One registered user"},
		func(ctx context.Context, in *RecipientPath) (*output[RecipientView], error) {
			r, err := a.s.Notifier.Recipient(ctx, in.ExternalID)
			return body(recipientView(r), err)
		})
	add(a, people, huma.Operation{OperationID: "delete-recipient", Method: http.MethodDelete, Path: "/recipients/{external_id}", Summary: "Say that a registered user has left"}, a.deleteRecipient)
	add(a, access{"administrator"}, huma.Operation{OperationID: "export-recipients", Method: http.MethodGet, Path: "/recipients", Summary: "All registered users, as a stream",
		Responses: map[string]*huma.Response{"200": {Description: "One a line", Content: map[string]*huma.MediaType{
			"application/x-ndjson": {Schema: &huma.Schema{Type: "string"}}, "text/csv": {Schema: &huma.Schema{Type: "string"}}}}}}, a.exportRecipients)
	add(a, access{"administrator"}, huma.Operation{OperationID: "import-recipients", Method: http.MethodPost, Path: "/recipients:import", Summary: "Take registered users from a stream",
		Description: "With a broken row nothing is taken, unless keep-good is set; the report names the broken rows.",
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			"application/x-ndjson": {Schema: &huma.Schema{Type: "string"}}, "text/csv": {Schema: &huma.Schema{Type: "string"}}}}}, a.importRecipients)
	add(a, anyRole, huma.Operation{OperationID: "recipient-notices", Method: http.MethodGet, Path: "/recipients/{external_id}/notices", Summary: "What a registered user was told, newest first"}, a.told)
}

func (a *api) putRecipient(ctx context.Context, in *putRecipient) (*output[RecipientView], error) {
	r := notifier.Recipient{ExternalID: in.ExternalID, Address: in.Body.Address, Language: in.Body.Language, Name: in.Body.Name, Groups: in.Body.Groups, Known: in.Body.Known}
	var err error
	if r.RegisteredAt, err = a.registered(ctx, in.ExternalID, in.Body.RegisteredAt); err != nil {
		return nil, err
	}
	changed, err := a.s.Notifier.PutRecipient(ctx, r)
	if err != nil {
		return nil, err
	}
	r, err = a.s.Notifier.Recipient(ctx, in.ExternalID)
	if err == nil && changed {
		// By number: the trail outlives an erasure, and so may name nobody.
		err = a.s.audit(ctx, actorOf(ctx), "recipient.put", fmt.Sprintf("recipient %d", r.Number))
	}
	return body(recipientView(r), err)
}

// registered reads a date as the beginning of that day. Nothing said leaves what
// is known of the person; a new one registers now.
func (a *api) registered(ctx context.Context, externalID, v string) (time.Time, error) {
	if v == "" {
		had, err := a.s.Notifier.Recipient(ctx, externalID)
		if errors.Is(err, documents.ErrNotFound) {
			return a.s.now(), nil
		}
		return had.RegisteredAt, err
	}
	settings, err := a.s.book.Read(ctx)
	if err != nil {
		return time.Time{}, err
	}
	if at, err := time.ParseInLocation(time.DateOnly, v, settings.Location()); err == nil {
		return at, nil
	}
	return instant("registered_at", v, settings.Location())
}

func (a *api) deleteRecipient(ctx context.Context, in *RecipientPath) (*struct{}, error) {
	r, err := a.s.Notifier.Recipient(ctx, in.ExternalID)
	if err != nil {
		return nil, err
	}
	if err := a.s.Notifier.Leave(ctx, in.ExternalID); err != nil {
		return nil, err
	}
	return nil, a.s.audit(ctx, actorOf(ctx), "recipient.left", fmt.Sprintf("recipient %d", r.Number))
}

type exportRecipients struct {
	Format string `query:"format" enum:"ndjson,csv" default:"ndjson"`
}

func (a *api) exportRecipients(ctx context.Context, in *exportRecipients) (*huma.StreamResponse, error) {
	if err := a.s.audit(ctx, actorOf(ctx), "recipients.exported", "", "format", in.Format); err != nil {
		return nil, err
	}
	types := map[string]string{"ndjson": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}
	return a.s.streamed(types[in.Format], func(ctx context.Context, w io.Writer) error {
		return a.s.Notifier.Export(ctx, in.Format, w)
	}), nil
}

// streamed sends what f writes. Should f fail after the first bytes, the
// connection is cut: half an answer must not look like a whole one.
func (s *Server) streamed(contentType string, f func(context.Context, io.Writer) error) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		hc.SetHeader("Content-Type", contentType)
		hc.SetHeader("Cache-Control", "no-store")
		if err := f(hc.Context(), hc.BodyWriter()); err != nil {
			s.Log.Error("stream cut", "request", requestID(hc.Context()), "operation", hc.Operation().OperationID, "err", err)
			panic(http.ErrAbortHandler)
		}
	}}
}

type importRecipients struct {
	KeepGood    bool   `query:"keep-good" doc:"Take the rows that are right"`
	Source      string `query:"source" doc:"What the report calls the source; api if absent"`
	ContentType string `header:"Content-Type"`
	reader      io.Reader
}

// Resolve keeps the body as a stream: it may be larger than memory.
func (in *importRecipients) Resolve(ctx huma.Context) []error {
	in.reader = ctx.BodyReader()
	return nil
}

// rowsError is a refusal with the report that explains it.
type rowsError struct {
	report notifier.ImportReport
	err    error
}

func (e *rowsError) Error() string { return e.err.Error() }
func (e *rowsError) Unwrap() error { return e.err }

func (a *api) importRecipients(ctx context.Context, in *importRecipients) (*output[notifier.ImportReport], error) {
	format := "ndjson"
	if t, _, _ := mime.ParseMediaType(in.ContentType); t == "text/csv" {
		format = "csv"
	}
	source := or(strings.TrimSpace(in.Source), "api")
	if err := line("source", source, 200); err != nil {
		return nil, err
	}
	by := actorOf(ctx)
	report, err := a.s.Notifier.Import(ctx, format, source, in.reader, in.KeepGood, by, nil)
	var invalid *documents.InvalidError
	if errors.As(err, &invalid) {
		return nil, &rowsError{report, err}
	}
	if err != nil {
		return nil, err
	}
	return body(report, a.s.audit(ctx, by, "recipients.imported", source, "rows", fmt.Sprint(report.Rows), "added", fmt.Sprint(report.Added), "changed", fmt.Sprint(report.Changed)))
}

// ToldView is one notice as the person it was owed to sees it.
type ToldView struct {
	Notice   NoticeView   `json:"notice"`
	Delivery DeliveryView `json:"delivery"`
}

// ToldList is what a person was told.
type ToldList struct {
	Notices []ToldView `json:"notices"`
}

func (a *api) told(ctx context.Context, in *RecipientPath) (*output[ToldList], error) {
	list, err := a.s.Notifier.ToldTo(ctx, in.ExternalID)
	out := ToldList{Notices: []ToldView{}}
	for _, t := range list {
		out.Notices = append(out.Notices, ToldView{noticeView(t.Notice), deliveryView(t.Delivery)})
	}
	return body(out, err)
}
