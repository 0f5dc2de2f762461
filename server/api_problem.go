package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"vestnik/documents"
	"vestnik/documents/value"
	"vestnik/notifier"
)

// Problem is an answer of application/problem+json (RFC 9457).
type Problem struct {
	Type      string                `json:"type" format:"uri-reference" doc:"What kind of problem it is"`
	Title     string                `json:"title"`
	Status    int                   `json:"status"`
	Detail    string                `json:"detail,omitempty" doc:"One sentence that says what to do"`
	Field     string                `json:"field,omitempty" doc:"The input that was refused"`
	Code      string                `json:"code,omitempty" doc:"A stable name of the reason"`
	Request   string                `json:"request,omitempty" doc:"Find the request in the service's log by it"`
	Due       *int64                `json:"due,omitempty" doc:"How many people a notice would go to"`
	Scheduled []ScheduledVersion    `json:"scheduled,omitempty" doc:"What is known to come"`
	Refused   []notifier.RefusedRow `json:"refused,omitempty" doc:"The broken rows of an import"`
	_         struct{}              `additionalProperties:"true"`
	away      bool
}

func (p *Problem) Error() string  { return or(p.Detail, p.Title) }
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders tells when to come back (huma.HeadersError).
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.away {
		h.Set("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
	}
	return h
}

// ContentType makes the answer a problem (huma.ContentTypeFilter).
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// kinds names the problems, by the error that they come from.
func kind(err error) (name, title, detail string) {
	var invalid *documents.InvalidError
	switch {
	case errors.Is(err, value.ErrDamaged):
		return "damaged", "Damaged data", "Stored data is damaged. Run vestnik check on the machine."
	case errors.Is(err, errUntouched):
		return "away", "The store does not answer", "Nothing was changed. Try again in a minute."
	case isAway(err):
		return "away", "The store does not answer", "It is not known whether this was done: look before you repeat it, in a minute. With the same Idempotency-Key repeating is safe."
	case errors.Is(err, documents.ErrNotFound):
		return "not-found", "Not found", "There is nothing here by that name."
	case errors.Is(err, documents.ErrExists):
		return "exists", "Exists already", "This name is taken. Choose another one."
	case errors.Is(err, documents.ErrConflict):
		return "conflict", "Changed meanwhile", "Somebody else was faster. Read again and decide anew."
	case errors.Is(err, documents.ErrKeyReused):
		return "key-reused", "Idempotency key reused", "This Idempotency-Key came before with a different request. Use a new key."
	case errors.As(err, &invalid):
		return "invalid", "Refused", invalid.Reason
	case errors.Is(err, errUnauthorized):
		return "unauthorized", "Token needed", "Send Authorization: Bearer with a token that is valid; vestnik token makes one."
	case errors.Is(err, errForbidden):
		return "forbidden", "Not allowed", "This act needs another role than the token has."
	case errors.Is(err, errMethod):
		return "method", "Method not allowed", "Use one of the methods that the Allow header names."
	case errors.Is(err, errTooMany):
		return "too-many", "Too many requests", "Wait a minute and try again."
	case isFull(err):
		return "disk-full", "The disk is full", "Nothing can be written until there is room on the disk. Reading goes on."
	case errors.Is(err, errUnavailable):
		return "unavailable", "Not available now", "Try again later."
	}
	return "", "", ""
}

func problem(err error, request string) *Problem {
	p := &Problem{Status: status(err), Type: "about:blank"}
	name, title, detail := kind(err)
	if name != "" {
		p.Type, p.Title, p.Detail = "/problems/"+name, title, detail
	} else {
		p.Title = or(http.StatusText(p.Status), "Problem")
	}
	var invalid *documents.InvalidError
	if errors.As(err, &invalid) {
		p.Field, p.Code = invalid.Field, invalid.Code
	}
	var many *manyError
	if errors.As(err, &many) {
		p.Due = &many.due
	}
	var unknown *notYetError
	if errors.As(err, &unknown) {
		p.Type, p.Title, p.Detail, p.Scheduled = "/problems/not-yet-known", "Not yet known", unknown.Error(), unknown.scheduled
	}
	var rows *rowsError
	if errors.As(err, &rows) {
		p.Refused = rows.report.Refused
	}
	p.away = isAway(err)
	if p.Status >= 500 {
		p.Request = request
	}
	return p
}

func writeProblem(w http.ResponseWriter, p *Problem) {
	w.Header().Set("Content-Type", "application/problem+json")
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client may be gone
}

// asProblem turns what huma itself refuses (the shape of the request) into the
// same form as everything else.
func asProblem(_ huma.Context, _ string, v any) (any, error) {
	m, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	p := &Problem{Type: "/problems/malformed", Title: or(http.StatusText(m.Status), "Refused"), Status: m.Status, Code: "malformed", Detail: m.Detail}
	if m.Status >= 500 {
		p.Type, p.Code, p.Detail = "about:blank", "", ""
		return p, nil
	}
	if len(m.Errors) > 0 {
		first := m.Errors[0]
		p.Field = strings.TrimPrefix(strings.TrimPrefix(first.Location, "body."), "body")
		p.Detail = fmt.Sprintf("%s: %s.", or(first.Location, "request"), first.Message)
	}
	return p, nil
}

func writeJSON(w http.ResponseWriter, status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, err = w.Write(append(b, '\n'))
	return err
}
