package server

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"vestnik/documents"
	"vestnik/notifier"
)

// NoticePath names a notice.
type NoticePath struct {
	Seq int64 `path:"seq" minimum:"1" doc:"The notice's event"`
}

// NoticeList is all notices.
type NoticeList struct {
	Notices []NoticeView `json:"notices"`
	Held    string       `json:"held,omitempty" doc:"Why nothing is sent at all, until POST /release"`
}

// DeliveryList is a page of a ledger.
type DeliveryList struct {
	Deliveries []DeliveryView `json:"deliveries"`
	Next       int64          `json:"next,omitempty" doc:"Give it as after for the next page"`
}

func (a *api) noticeOperations() {
	add(a, anyRole, huma.Operation{OperationID: "list-notices", Method: http.MethodGet, Path: "/notices", Summary: "All notices"}, a.notices)
	add(a, anyRole, huma.Operation{OperationID: "get-notice", Method: http.MethodGet, Path: "/notices/{seq}", Summary: "One notice, with accepted mails by language"}, a.notice)
	add(a, anyRole, huma.Operation{OperationID: "list-deliveries", Method: http.MethodGet, Path: "/notices/{seq}/deliveries", Summary: "The ledger of a notice, without addresses"}, a.deliveries)
	a.noticeAct("stop", "Stop sending", a.s.Notifier.Stop)
	a.noticeAct("resume", "Go on sending", a.s.Notifier.Resume)
	a.noticeAct("cancel", "Give up what is still open", a.s.Notifier.Cancel)
	type release struct {
		Body struct {
			Choice string `json:"choice" enum:"go-on,in-doubt,close" doc:"go-on; in-doubt: treat what is open as in doubt; close"`
		}
	}
	add(a, access{"administrator"}, huma.Operation{OperationID: "release", Method: http.MethodPost, Path: "/release", DefaultStatus: http.StatusNoContent,
		Summary: "Decide how sending goes on after a restore or a move"},
		func(ctx context.Context, in *release) (*struct{}, error) {
			by := actorOf(ctx)
			if err := a.s.Notifier.Release(ctx, in.Body.Choice, by); err != nil {
				return nil, err
			}
			return nil, a.s.audit(ctx, by, "sending.released", "", "choice", in.Body.Choice)
		})
}

func (a *api) notices(ctx context.Context, _ *none) (*output[NoticeList], error) {
	list, err := a.s.Notifier.Notices(ctx)
	if err != nil {
		return nil, err
	}
	out := NoticeList{Notices: []NoticeView{}}
	for _, n := range list {
		out.Notices = append(out.Notices, noticeView(n))
	}
	out.Held, err = a.s.Notifier.Held(ctx)
	return body(out, err)
}

func (a *api) notice(ctx context.Context, in *NoticePath) (*output[NoticeView], error) {
	n, err := a.s.Notifier.Notice(ctx, documents.Seq(in.Seq))
	if err != nil {
		return nil, err
	}
	v := noticeView(n)
	if away := a.s.relayAway(ctx, n); away != "" {
		v.Why = "The mail relay does not take mail, and sending goes on by itself when it does: " + away
	}
	v.Languages, err = a.s.Notifier.AcceptedByLanguage(ctx, n.Seq)
	return body(v, err)
}

// relayAway says what is wrong with the relay while a notice waits for it, or "".
func (s *Server) relayAway(ctx context.Context, n notifier.Notice) string {
	if n.State != notifier.Sending || n.Figures.Open == 0 {
		return ""
	}
	st, err := s.Notifier.Status(ctx)
	if err != nil {
		return ""
	}
	return st.Relay
}

type ledgerPage struct {
	NoticePath
	After int64  `query:"after" minimum:"0" doc:"The last recipient number that you have"`
	State string `query:"state" enum:"waiting,deferred,in-doubt,accepted,failed,excluded,covered" doc:"All if absent"`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

func (a *api) deliveries(ctx context.Context, in *ledgerPage) (*output[DeliveryList], error) {
	list, err := a.s.Notifier.Deliveries(ctx, documents.Seq(in.Seq), notifier.DeliveryState(in.State), in.After, in.Limit)
	out := DeliveryList{Deliveries: []DeliveryView{}}
	for _, d := range list {
		out.Deliveries = append(out.Deliveries, deliveryView(d))
	}
	if len(list) == in.Limit {
		out.Next = list[len(list)-1].Recipient
	}
	return body(out, err)
}

func (a *api) noticeAct(name, summary string, f func(context.Context, documents.Seq, documents.Actor) (notifier.Notice, error)) {
	op := huma.Operation{OperationID: name + "-notice", Method: http.MethodPost, Path: "/notices/{seq}/" + name, Summary: summary}
	add(a, access{"publisher"}, op, func(ctx context.Context, in *NoticePath) (*output[NoticeView], error) {
		by := actorOf(ctx)
		n, err := f(ctx, documents.Seq(in.Seq), by)
		if err != nil {
			return nil, err
		}
		return body(noticeView(n), a.s.audit(ctx, by, "notice."+name, fmt.Sprint(in.Seq)))
	})
}
