package server

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"vestnik/documents"
)

// manyPeople is the number above which whoever publishes must say how many
// people will be written to.
const manyPeople = 1000

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

type publishVersion struct {
	DocumentPath
	Key     string `header:"Idempotency-Key" maxLength:"200" doc:"The same key with the same body gives the same answer and publishes once"`
	RawBody []byte
	Body    struct {
		Texts      map[string]string   `json:"texts,omitempty" doc:"Markdown by language, in one act: only where one person is enough"`
		Titles     map[string]string   `json:"titles,omitempty" doc:"By language; absent: the text's own"`
		Notes      map[string]NoteView `json:"notes,omitempty" doc:"By language; needed unless the class is editorial"`
		Class      string              `json:"class,omitempty" doc:"editorial, notice or consent"`
		Reason     string              `json:"reason,omitempty" doc:"Public"`
		Effective  string              `json:"effective,omitempty" doc:"RFC 3339, a date, now; absent: the default of the class"`
		Urgent     bool                `json:"urgent,omitempty"`
		Recipients *int64              `json:"recipients,omitempty" doc:"Above 1,000 people: how many, exactly"`
		Basis      BasisView           `json:"basis,omitempty"`
		Based      *int                `json:"based,omitempty" doc:"The version that you saw as the last one"`
		Revision   int                 `json:"revision,omitempty" doc:"An approved revision of the draft, instead of texts"`
		Digest     string              `json:"digest,omitempty" doc:"The digest that was approved"`
	}
}

// VersionPublished is the answer to publishing.
type VersionPublished struct {
	Document  string        `json:"document"`
	Event     int64         `json:"event" doc:"Its place in the public log"`
	Seq       int64         `json:"seq" doc:"The same as event"`
	Version   int           `json:"version"`
	Effective EffectiveView `json:"effective"`
	Class     string        `json:"class"`
}

func (a *api) versionOperations() {
	add(a, access{"publisher"}, huma.Operation{OperationID: "publish-version", Method: http.MethodPost, Path: "/documents/{id}/versions", DefaultStatus: http.StatusCreated, MaxBodyBytes: maxTexts,
		Summary: "Publish a version"}, a.publish)
	versionActs(a, "postpone", "Let an upcoming version take effect later", func(ctx context.Context, in *versionAct, by documents.Actor) (documents.Event, error) {
		return a.s.Library.Postpone(ctx, in.ID, in.Number, in.Body.Effective, in.Body.Reason, by)
	})
	versionActs(a, "withdraw", "Withdraw an upcoming version", func(ctx context.Context, in *versionAct, by documents.Actor) (documents.Event, error) {
		return a.s.Library.Withdraw(ctx, in.ID, in.Number, in.Body.Reason, by)
	})
	versionActs(a, "reclassify", "Give a version another class", func(ctx context.Context, in *versionAct, by documents.Actor) (documents.Event, error) {
		return a.s.Library.Reclassify(ctx, in.ID, in.Number, documents.Class(in.Body.Class), in.Body.Reason, by)
	})
	versionActs(a, "correct", "Correct the notes of a version", func(ctx context.Context, in *versionAct, by documents.Actor) (documents.Event, error) {
		return a.s.Library.Correct(ctx, in.ID, in.Number, notesIn(in.Body.Notes), by)
	})
}

func (a *api) publish(ctx context.Context, in *publishVersion) (*output[VersionPublished], error) {
	p := documents.Publication{Document: in.ID, Based: -1, Key: in.Key, Request: requestDigest("publish", in.ID, in.RawBody)}
	if in.Body.Based != nil {
		p.Based = *in.Body.Based
	}
	switch {
	case in.Body.Revision > 0 && len(in.Body.Texts) > 0:
		return nil, documents.Invalid("revision", "revision-and-texts", "Give either texts, or the revision of a saved draft with its digest.")
	case in.Body.Revision > 0:
		digest, err := parseDigest(in.Body.Digest)
		if err != nil {
			return nil, err
		}
		p.Revision, p.Digest = in.Body.Revision, digest
	default:
		p.Draft = &documents.Draft{
			Document: in.ID, Texts: draftTexts(in.Body.Texts, in.Body.Titles), Basis: documents.Basis(in.Body.Basis), Effective: in.Body.Effective,
			Change: documents.Change{Class: documents.Class(in.Body.Class), Urgent: in.Body.Urgent, Reason: in.Body.Reason, Notes: notesIn(in.Body.Notes)},
		}
	}
	if _, err := a.s.Library.Document(ctx, in.ID); errors.Is(err, documents.ErrNotFound) {
		p := problem(err, "")
		p.Detail = fmt.Sprintf("There is no document %q. Make it with PUT /documents/%s or at the desk, or import its history.", in.ID, in.ID)
		return nil, p
	}
	e, err := a.s.publish(ctx, p, in.Body.Recipients, actorOf(ctx))
	if err != nil {
		return nil, err
	}
	return body(VersionPublished{Document: e.Document, Event: int64(e.Seq), Seq: int64(e.Seq), Version: e.Version, Effective: effectiveView(e.Effective), Class: string(e.Class)}, nil)
}

// publish is how the desk and the API publish: whoever tells more than a
// thousand people says how many they are.
func (s *Server) publish(ctx context.Context, p documents.Publication, recipients *int64, by documents.Actor) (documents.Event, error) {
	class := documents.Class("")
	if p.Draft != nil {
		class = p.Draft.Change.Class
	} else if d, err := s.Library.Draft(ctx, p.Document, p.Revision); err == nil {
		class = d.Change.Class
	}
	used, err := s.replayed(ctx, p.Key)
	if err != nil {
		return documents.Event{}, err
	}
	if used {
		return s.Library.Publish(ctx, p, by)
	}
	if class != documents.Editorial {
		estimate, err := s.counted(ctx, p, recipients)
		if err != nil {
			return documents.Event{}, err
		}
		p.Estimated = estimate
	}
	e, err := s.Library.Publish(ctx, p, by)
	if err != nil {
		return e, err
	}
	return e, s.audit(ctx, by, "version.published", fmt.Sprintf("%s/%d", e.Document, e.Version), "event", fmt.Sprint(e.Seq))
}

// replayed tells whether an idempotency key came before. Its answer is then the
// first one's, however many people there are by now.
func (s *Server) replayed(ctx context.Context, key string) (bool, error) {
	if key == "" {
		return false, nil
	}
	_, err := s.Library.Store.Used(ctx, "key/"+key)
	if errors.Is(err, documents.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// VersionPath names a version.
type VersionPath struct {
	DocumentPath
	Number int `path:"n" minimum:"1" doc:"The version's number"`
}

type versionAct struct {
	VersionPath
	Body struct {
		Effective string              `json:"effective,omitempty" doc:"postpone: RFC 3339 or a date"`
		Class     string              `json:"class,omitempty" doc:"reclassify: the new class"`
		Notes     map[string]NoteView `json:"notes,omitempty" doc:"correct: by language"`
		Reason    string              `json:"reason,omitempty" doc:"Public"`
	}
}

func versionActs(a *api, name, summary string, f func(context.Context, *versionAct, documents.Actor) (documents.Event, error)) {
	op := huma.Operation{OperationID: name + "-version", Method: http.MethodPost, Path: "/documents/{id}/versions/{n}/" + name, Summary: summary}
	add(a, access{"publisher"}, op, func(ctx context.Context, in *versionAct) (*output[EventView], error) {
		by := actorOf(ctx)
		e, err := f(ctx, in, by)
		if err != nil {
			return nil, err
		}
		return body(eventView(e), a.s.audit(ctx, by, "version."+string(e.Kind), fmt.Sprintf("%s/%d", in.ID, in.Number), "event", fmt.Sprint(e.Seq)))
	})
}

// manyError: more than a thousand people would be told, and whoever publishes
// has not said how many.
type manyError struct {
	due    int64
	reason *documents.InvalidError
}

func (e *manyError) Error() string { return e.reason.Reason }
func (e *manyError) Unwrap() error { return e.reason }

// counted compares what the publisher says with who would be told, and returns
// how long the mailing would take. A document's first version tells nobody.
func (s *Server) counted(ctx context.Context, p documents.Publication, recipients *int64) (time.Duration, error) {
	last, err := s.Library.Last(ctx, p.Document)
	if err != nil || last == 0 {
		return 0, err
	}
	reach, err := s.Notifier.Reach(ctx, p.Document)
	if err != nil {
		return 0, err
	}
	if reach.Due > manyPeople && (recipients == nil || *recipients != reach.Due) {
		return 0, &manyError{reach.Due, documents.Invalid("recipients", "recipients-count",
			"This goes to %d people. If that is right, say so: recipients %d.", reach.Due, reach.Due)}
	}
	return reach.Estimate, nil
}

func parseDigest(v string) (d documents.Digest, err error) {
	b, err := hex.DecodeString(v)
	if err != nil || len(b) != len(d) {
		return d, documents.Invalid("digest", "digest-malformed", "Give digest as the 64 hex digits that the draft shows.")
	}
	copy(d[:], b)
	return d, nil
}
