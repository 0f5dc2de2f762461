package server

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"vestnik/notifier"
)

// RequestPath names a request.
type RequestPath struct {
	Request int64 `path:"request" minimum:"1"`
}

// RequestItem is what a registered user asked for or did.
type RequestItem struct {
	ID         int64      `json:"id"`
	Code       string     `json:"code" doc:"What the person has as a receipt"`
	Kind       string     `json:"kind" enum:"export,name,language,address,not-mine,erase,access,correct,restrict,object,withdraw,delete,other" doc:"The first six are done at once, the others wait for an answer"`
	State      string     `json:"state" enum:"open,done,refused"`
	Recipient  int64      `json:"recipient" doc:"The number of the person; it is never another one's"`
	ExternalID string     `json:"external_id,omitempty" doc:"Of somebody who is erased: a pseudonym"`
	Language   string     `json:"language" doc:"That the person is spoken to in"`
	Received   time.Time  `json:"received"`
	Due        *time.Time `json:"due,omitempty" doc:"The end of the last working day for an answer"`
	Unsure     bool       `json:"unsure,omitempty" doc:"The table of holidays ends before: only weekends are left out"`
	Settled    *time.Time `json:"settled,omitempty"`
	By         string     `json:"by,omitempty" doc:"The member of staff who answered"`
	Ground     string     `json:"ground,omitempty" doc:"Of a refusal"`
}

func requestItem(q notifier.Request, externalID string) RequestItem {
	return RequestItem{ID: q.ID, Code: q.Code, Kind: string(q.Kind), State: string(q.State), Recipient: q.Recipient, ExternalID: externalID,
		Language: q.Language, Received: q.Received, Due: when(q.Due), Settled: when(q.Settled), By: q.By, Ground: q.Ground}
}

// RequestWords is a request with what both sides said.
type RequestWords struct {
	RequestItem
	Words  string `json:"words,omitempty"`
	Answer string `json:"answer,omitempty"`
}

// RequestList is a page of requests, newest first.
type RequestList struct {
	Requests []RequestItem `json:"requests"`
	Next     int64         `json:"next,omitempty" doc:"Give it as before for the next page"`
	Open     int           `json:"open" doc:"How many wait for an answer in all"`
	Overdue  int           `json:"overdue" doc:"Of these: how many too long"`
}

// ActItem is a request for the operator's own system.
type ActItem struct {
	RequestItem
	Value string `json:"value,omitempty" doc:"Of a name, a language or an address that the person put right: what stands here now"`
}

// ActList is a page of acts, oldest first.
type ActList struct {
	Acts []ActItem `json:"acts"`
	Next int64     `json:"next,omitempty" doc:"Give it as after for the next page, or later; absent: as you gave it"`
}

func (a *api) requestOperations() {
	add(a, people, huma.Operation{OperationID: "list-requests", Method: http.MethodGet, Path: "/requests", Summary: "Requests of registered users, newest first"}, a.requests)
	add(a, people, huma.Operation{OperationID: "get-request", Method: http.MethodGet, Path: "/requests/{request}", Summary: "One request, with its words"}, a.request)
	add(a, people, huma.Operation{OperationID: "answer-request", Method: http.MethodPost, Path: "/requests/{request}/answer", Summary: "Answer a request: done as asked, or refused with a ground",
		Description: "The words go to the person by mail."}, a.answerRequest)
	add(a, people, huma.Operation{OperationID: "list-acts", Method: http.MethodGet, Path: "/acts", Summary: "What registered users did or asked for, oldest first, for your own system to follow",
		Description: "Take over what they put right: until your system says so too, each synchronisation keeps theirs. Who was erased is known by the number, which PUT and GET of /recipients told before."}, a.acts)
}

type requestQuery struct {
	State     string `query:"state" enum:"open,done,refused" doc:"All if absent"`
	Recipient int64  `query:"recipient" minimum:"1" doc:"The number of a person; all if absent"`
	Before    int64  `query:"before" minimum:"1" doc:"The last id that you have"`
	Limit     int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

func (a *api) requests(ctx context.Context, in *requestQuery) (*output[RequestList], error) {
	list, err := a.s.Notifier.ListRequests(ctx, notifier.RequestQuery{Recipient: in.Recipient, State: notifier.RequestState(in.State), Before: in.Before, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := RequestList{Requests: []RequestItem{}}
	for _, v := range list {
		one := requestItem(v.Request, v.ExternalID)
		one.Unsure = v.Unsure
		out.Requests = append(out.Requests, one)
	}
	if len(list) == in.Limit {
		out.Next = list[len(list)-1].ID
	}
	out.Open, out.Overdue, err = a.s.Notifier.Unanswered(ctx)
	return body(out, err)
}

func (a *api) request(ctx context.Context, in *RequestPath) (*output[RequestWords], error) {
	v, err := a.s.Notifier.ShowRequest(ctx, in.Request)
	out := RequestWords{requestItem(v.Request, v.ExternalID), v.Words, v.Answer}
	out.Unsure = v.Unsure
	return body(out, err)
}

type answerRequest struct {
	RequestPath
	Body struct {
		State  string `json:"state" enum:"done,refused"`
		Ground string `json:"ground,omitempty" doc:"Of a refusal: not-held, identity, unfounded, retention, obligation, life, offences, justice, public-interest, statistics, state, third-parties or not-ours"`
		Words  string `json:"words" doc:"Plain text, to the person; at most 4,000 characters"`
	}
}

func (a *api) answerRequest(ctx context.Context, in *answerRequest) (*output[RequestWords], error) {
	by := actorOf(ctx)
	if _, err := a.s.Notifier.Answer(ctx, in.Request, notifier.RequestState(in.Body.State), in.Body.Ground, in.Body.Words, by); err != nil {
		return nil, err
	}
	if err := a.s.audit(ctx, by, "request."+in.Body.State, fmt.Sprint(in.Request)); err != nil {
		return nil, err
	}
	return a.request(ctx, &in.RequestPath)
}

type actsPage struct {
	After int64 `query:"after" minimum:"0" doc:"The last id that you have"`
	Limit int   `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

func (a *api) acts(ctx context.Context, in *actsPage) (*output[ActList], error) {
	list, err := a.s.Notifier.Acts(ctx, in.After, in.Limit)
	out := ActList{Acts: []ActItem{}}
	for _, one := range list {
		out.Acts = append(out.Acts, ActItem{requestItem(one.Request, one.ExternalID), one.Value})
		out.Next = one.ID
	}
	return body(out, err)
}
