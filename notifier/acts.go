package notifier

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vestnik/documents"
)

// Acted is what a registered user did or asked for, for the operator's own system.
type Acted struct {
	Request
	// ExternalID is the operator's name for the person; of one who is erased a
	// pseudonym, by which nobody but this service knows them.
	ExternalID string
	// Value is, of a name, a language or an address that the person put right, what
	// stands here now.
	Value string
}

// Acts lists up to limit of what registered users did or asked for, with an ID
// above after, the oldest first.
func (n *Notifier) Acts(ctx context.Context, after int64, limit int) ([]Acted, error) {
	newest, err := n.Store.Requests(ctx, RequestQuery{Limit: 1})
	if err != nil || len(newest) == 0 {
		return nil, err
	}
	var out []Acted
	for id := after + 1; id <= newest[0].ID && len(out) < limit; id++ {
		one, err := n.acted(ctx, id)
		if errors.Is(err, documents.ErrNotFound) {
			continue // a number that was taken and not used
		}
		if err != nil {
			return nil, fmt.Errorf("request %d: %w", id, err)
		}
		out = append(out, one)
	}
	return out, nil
}

func (n *Notifier) acted(ctx context.Context, id int64) (a Acted, err error) {
	if a.Request, err = n.Store.Request(ctx, id); err != nil {
		return a, err
	}
	a.Sealed = nil
	r, err := n.Store.Recipient(ctx, a.Recipient)
	if err != nil {
		return a, err
	}
	a.ExternalID = r.ExternalID
	switch a.Kind {
	case RequestName, RequestLanguage, RequestAddress:
		a.Value = *r.field(string(a.Kind))
	}
	return a, nil
}

// Unanswered counts the requests that wait for an answer, and those of them whose
// last day is over.
func (n *Notifier) Unanswered(ctx context.Context) (open, overdue int, err error) {
	for q := (RequestQuery{State: RequestOpen, Limit: ofPerson}); ; {
		page, err := n.Store.Requests(ctx, q)
		if err != nil {
			return 0, 0, err
		}
		for _, one := range page {
			open++
			if one.Due.Before(time.Now()) {
				overdue++
			}
			q.Before = one.ID
		}
		if len(page) < q.Limit {
			return open, overdue, nil
		}
	}
}
