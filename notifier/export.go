package notifier

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"vestnik/documents"
)

// PersonalExport is everything that is held here about a person, for them.
type PersonalExport struct {
	Made         time.Time         `json:"made"`
	Organisation string            `json:"organisation"`
	Person       ExportedPerson    `json:"person"`
	Notices      []ExportedNotice  `json:"notices"`
	Requests     []ExportedRequest `json:"requests"`
}

// ExportedPerson is the entry in the list of recipients.
type ExportedPerson struct {
	Number       int64             `json:"number"`
	ExternalID   string            `json:"external_id"`
	Address      string            `json:"address"`
	Name         string            `json:"name,omitempty"`
	Language     string            `json:"language,omitempty"`
	Groups       []string          `json:"groups,omitempty"`
	RegisteredAt time.Time         `json:"registered_at"`
	Known        map[string]int    `json:"known,omitempty"`
	State        RecipientState    `json:"state"`
	NotMine      bool              `json:"not_mine,omitempty"`
	Corrected    map[string]string `json:"corrected,omitempty"` // what the operator's system said
}

// ExportedNotice is one notice that was owed to them.
type ExportedNotice struct {
	Seq       documents.Seq    `json:"seq"`
	Document  string           `json:"document"`
	Version   int              `json:"version"`
	Published time.Time        `json:"published"`
	Effective time.Time        `json:"effective"`
	State     DeliveryState    `json:"state"`
	Reason    string           `json:"reason,omitempty"`
	Language  string           `json:"language,omitempty"`
	Since     int              `json:"since,omitempty"`
	Address   string           `json:"address,omitempty"` // that it was sent to
	At        time.Time        `json:"at,omitzero"`
	Relay     string           `json:"relay,omitempty"`
	Answer    string           `json:"answer,omitempty"`
	MessageID string           `json:"message_id,omitempty"`
	Digest    documents.Digest `json:"digest,omitzero"`
	History   []Moved          `json:"history,omitempty"`
}

// ExportedRequest is one request of theirs.
type ExportedRequest struct {
	Code     string       `json:"code"`
	Kind     RequestKind  `json:"kind"`
	State    RequestState `json:"state"`
	Language string       `json:"language"`
	Received time.Time    `json:"received"`
	Due      time.Time    `json:"due,omitzero"`
	Settled  time.Time    `json:"settled,omitzero"`
	Ground   string       `json:"ground,omitempty"`
	Words    string       `json:"words,omitempty"`
	Answer   string       `json:"answer,omitempty"`
}

func (n *Notifier) export(ctx context.Context, r Recipient) (x PersonalExport, err error) {
	set, err := n.Settings(ctx)
	if err != nil {
		return x, err
	}
	x = PersonalExport{Made: now(), Organisation: set.Organisation.In(n.Words(r.Language).Lang), Notices: []ExportedNotice{}, Requests: []ExportedRequest{}}
	x.Person = ExportedPerson{
		Number: r.Number, ExternalID: r.ExternalID, Address: r.Address, Name: r.Name, Language: r.Language, Groups: r.Groups,
		RegisteredAt: r.RegisteredAt, Known: r.Known, State: r.State, NotMine: n.notTheirs(r), Corrected: r.Corrected,
	}
	told, err := n.toldTo(ctx, r)
	if err != nil {
		return x, err
	}
	for _, t := range told {
		one, err := exportedNotice(r, t)
		if err != nil {
			return x, err
		}
		x.Notices = append(x.Notices, one)
	}
	x.Requests, err = n.exportedRequests(ctx, r)
	return x, err
}

func exportedNotice(r Recipient, t Told) (ExportedNotice, error) {
	d, e := t.Delivery, t.Delivery.Evidence
	p, err := sentTo(r, d)
	if err != nil && !errors.Is(err, documents.ErrNotFound) {
		return ExportedNotice{}, err
	}
	if p.Answer == "" {
		p.Answer = e.Answer
	}
	return ExportedNotice{
		Seq: d.Notice, Document: t.Notice.Document, Version: t.Notice.Version, Published: t.Notice.Published, Effective: t.Notice.Effective,
		State: d.State, Reason: d.Reason, Language: d.Language, Since: d.Since, Address: p.To, At: e.At, Relay: e.Relay, Answer: p.Answer,
		MessageID: d.MessageID, Digest: e.Digest, History: unsealed(d.History),
	}, nil
}

// unsealed is h without what only this service can read.
func unsealed(h []Moved) []Moved {
	h = slices.Clone(h)
	for i := range h {
		if h[i].Evidence != nil {
			e := *h[i].Evidence
			e.Sealed, h[i].Evidence = nil, &e
		}
	}
	return h
}

func (n *Notifier) exportedRequests(ctx context.Context, r Recipient) ([]ExportedRequest, error) {
	out := []ExportedRequest{}
	for before := int64(0); ; {
		page, err := n.Store.Requests(ctx, RequestQuery{Recipient: r.Number, Before: before, Limit: ofPerson})
		if err != nil {
			return nil, err
		}
		for _, q := range page {
			s, err := sidesOf(r, q)
			if err != nil {
				return nil, err
			}
			out = append(out, ExportedRequest{q.Code, q.Kind, q.State, q.Language, q.Received, q.Due, q.Settled, q.Ground, s.Words, s.Answer})
			before = q.ID
		}
		if len(page) < ofPerson {
			return out, nil
		}
	}
}

// maskedName is a name for a page that a stranger may see: А••• С•••.
func maskedName(name string) string {
	var out []string
	for word := range strings.FieldsSeq(name) {
		for _, first := range word {
			out = append(out, string(first)+"•••")
			break
		}
	}
	return strings.Join(out, " ")
}
