package server

import (
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// description is what the operations are added to. Only the OpenAPI document
// itself is served with it: the browsable page of the library loads scripts from
// elsewhere, and its $schema members would be in every answer.
func description(version, base string) huma.Config {
	c := huma.DefaultConfig("Vestnik", or(version, "0"))
	c.Servers = []*huma.Server{{URL: base + apiPrefix}}
	c.Info.Description = "Policies as immutable versions, who was told about them, and the proof of both. " +
		"What the public pages show can be read without a token. Everything else takes a bearer token, which acts for its maker with one role; cookies are never accepted."
	c.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer", Description: "256 bits, made by vestnik token or POST /tokens"}}
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "/openapi", "", ""
	c.CreateHooks = nil
	c.Formats = map[string]huma.Format{"application/json": strictJSON(), "json": strictJSON()}
	c.Transformers = []huma.Transformer{asProblem}
	return c
}

// strictJSON refuses bytes that are not UTF-8. The decoder would replace them,
// and a text would no longer be what was sent.
func strictJSON() huma.Format {
	return huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: func(b []byte, v any) error {
		if !utf8.Valid(b) {
			return errors.New("the body is not UTF-8")
		}
		return huma.DefaultJSONFormat.Unmarshal(b, v)
	}}
}

// describe completes an operation with what all have in common.
func (a *api) describe(op *huma.Operation, who access) {
	if op.OperationID == "" {
		panic("an operation has no id: " + op.Path)
	}
	if op.MaxBodyBytes == 0 {
		op.MaxBodyBytes = maxBody
	}
	op.BodyReadTimeout = -1 // the listener's own timeouts hold; a history may take long on a slow line
	roles := "whoever has a token"
	op.Security = []map[string][]string{{"token": {}}}
	switch {
	case slices.Equal(who, anyone):
		op.Security = append(op.Security, map[string][]string{})
		roles = "anyone; in a rehearsal only with a token"
	case len(who) < len(anyRole):
		roles = strings.Join(append(slices.Clone(who), "administrator"), ", ")
		if slices.Contains(who, "administrator") {
			roles = strings.Join(who, ", ")
		}
	}
	op.Description = strings.TrimSpace(op.Description + "\n\nFor: " + roles + ".")
	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}
	schema := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	op.Responses["default"] = &huma.Response{
		Description: "What was refused, and what to do",
		Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: schema}},
	}
	if op.DefaultStatus == 0 && op.Method == http.MethodDelete {
		op.DefaultStatus = http.StatusNoContent
	}
}

// prune removes the library's own form of errors, which asProblem replaces.
func prune(o *huma.OpenAPI) {
	delete(o.Components.Schemas.Map(), "ErrorModel")
	delete(o.Components.Schemas.Map(), "ErrorDetail")
}

func binary(contentType, text string) map[string]*huma.Response {
	return map[string]*huma.Response{"200": {
		Description: text,
		Content:     map[string]*huma.MediaType{contentType: {Schema: &huma.Schema{Type: "string"}}},
	}}
}

// answers describes a second good status of an operation.
func answers[T any](a *api, text string) *huma.Response {
	schema := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[T](), true, "")
	return &huma.Response{Description: text, Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}}
}
