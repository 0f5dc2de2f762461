package server

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"vestnik/documents"
)

// DraftView is a draft, with the digest that an approval names.
type DraftView struct {
	Document  string              `json:"document"`
	Revision  int                 `json:"revision"`
	Based     int                 `json:"based"`
	State     string              `json:"state"`
	Comment   string              `json:"comment,omitempty"`
	Texts     map[string]string   `json:"texts"`
	Titles    map[string]string   `json:"titles,omitempty"`
	Class     string              `json:"class,omitempty"`
	Urgent    bool                `json:"urgent,omitempty"`
	Reason    string              `json:"reason,omitempty"`
	Notes     map[string]NoteView `json:"notes,omitempty"`
	Basis     BasisView           `json:"basis"`
	Effective string              `json:"effective,omitempty"`
	SavedBy   string              `json:"saved_by,omitempty"`
	SavedAt   time.Time           `json:"saved_at"`
	Digest    string              `json:"digest"`
}

func draftView(d documents.Draft) DraftView {
	v := DraftView{Document: d.Document, Revision: d.Revision, Based: d.Based, State: string(d.State), Comment: d.Comment, Texts: map[string]string{},
		Titles: map[string]string{}, Class: string(d.Change.Class), Urgent: d.Change.Urgent, Reason: d.Change.Reason, Notes: notesOut(d.Change.Notes),
		Basis: BasisView(d.Basis), Effective: d.Effective, SavedBy: d.SavedBy, SavedAt: d.SavedAt, Digest: d.Digest().String()}
	for _, t := range d.Texts {
		v.Texts[t.Lang] = t.Source
		if t.Title != "" {
			v.Titles[t.Lang] = t.Title
		}
	}
	return v
}

type saveDraft struct {
	DocumentPath
	Body struct {
		Revision  int                 `json:"revision,omitempty" doc:"The one that you saw; 0 for the first save"`
		Based     int                 `json:"based,omitempty"`
		Texts     map[string]string   `json:"texts"`
		Titles    map[string]string   `json:"titles,omitempty"`
		Class     string              `json:"class,omitempty"`
		Urgent    bool                `json:"urgent,omitempty"`
		Reason    string              `json:"reason,omitempty"`
		Notes     map[string]NoteView `json:"notes,omitempty"`
		Basis     BasisView           `json:"basis,omitempty"`
		Effective string              `json:"effective,omitempty"`
	}
}

type draftAct struct {
	DocumentPath
	Body struct {
		Revision int    `json:"revision" minimum:"1" doc:"The one that you saw"`
		Comment  string `json:"comment,omitempty" doc:"return: what is to be done"`
		Digest   string `json:"digest,omitempty" doc:"approve: that of the revision, as the draft shows it"`
	}
}

func (a *api) draftOperations() {
	staff := access{"author", "approver", "publisher", "auditor"}
	type get struct {
		DocumentPath
		Revision int `query:"revision" minimum:"0" doc:"The latest if absent"`
	}
	add(a, staff, huma.Operation{OperationID: "get-draft", Method: http.MethodGet, Path: "/documents/{id}/draft", Summary: "The draft of the next version"},
		func(ctx context.Context, in *get) (*output[DraftView], error) {
			d, err := a.s.Library.Draft(ctx, in.ID, in.Revision)
			if err != nil {
				return nil, err
			}
			return body(draftView(d), nil)
		})
	add(a, access{"author"}, huma.Operation{OperationID: "save-draft", Method: http.MethodPut, Path: "/documents/{id}/draft", MaxBodyBytes: maxTexts, Summary: "Save the draft as a new revision"}, a.saveDraft)
	a.draftAct("submit", "author", "Ask for a review", func(ctx context.Context, in *draftAct, by documents.Actor) error {
		return a.s.Library.Submit(ctx, in.ID, in.Body.Revision, by)
	})
	a.draftAct("return", "approver", "Return the draft to its author", func(ctx context.Context, in *draftAct, by documents.Actor) error {
		return a.s.Library.Return(ctx, in.ID, in.Body.Revision, in.Body.Comment, by)
	})
	a.draftAct("approve", "approver", "Approve a revision of the draft", func(ctx context.Context, in *draftAct, by documents.Actor) error {
		digest, err := parseDigest(in.Body.Digest)
		if err != nil {
			return err
		}
		return a.s.Library.Approve(ctx, in.ID, in.Body.Revision, digest, by)
	})
}

func (a *api) saveDraft(ctx context.Context, in *saveDraft) (*output[DraftView], error) {
	by := actorOf(ctx)
	b := in.Body
	d := documents.Draft{Document: in.ID, Revision: b.Revision, Based: b.Based, Texts: draftTexts(b.Texts, b.Titles), Basis: documents.Basis(b.Basis), Effective: b.Effective,
		Change: documents.Change{Class: documents.Class(b.Class), Urgent: b.Urgent, Reason: b.Reason, Notes: notesIn(b.Notes)}}
	d, err := a.s.Library.SaveDraft(ctx, d, by)
	if err != nil {
		return nil, err
	}
	return body(draftView(d), a.s.audit(ctx, by, "draft.saved", in.ID, "revision", fmt.Sprint(d.Revision)))
}

func (a *api) draftAct(name, role, summary string, f func(context.Context, *draftAct, documents.Actor) error) {
	op := huma.Operation{OperationID: name + "-draft", Method: http.MethodPost, Path: "/documents/{id}/draft/" + name, Summary: summary}
	add(a, access{role}, op, func(ctx context.Context, in *draftAct) (*output[DraftView], error) {
		by := actorOf(ctx)
		if err := f(ctx, in, by); err != nil {
			return nil, err
		}
		if err := a.s.audit(ctx, by, "draft."+name, in.ID, "revision", fmt.Sprint(in.Body.Revision)); err != nil {
			return nil, err
		}
		d, err := a.s.Library.Draft(ctx, in.ID, in.Body.Revision)
		if err != nil {
			return nil, err
		}
		return body(draftView(d), nil)
	})
}
