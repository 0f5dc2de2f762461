package notifier

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vestnik/documents"
)

// Erasure is what must be remembered of an erasure outside of the store, so that
// an older backup of it brings nobody back. It names nobody.
type Erasure struct {
	Request   int64     `json:"request"`
	Code      string    `json:"code"`
	External  string    `json:"external"` // keyed hash of the external id
	Recipient int64     `json:"recipient"`
	Language  string    `json:"language,omitempty"`
	At        time.Time `json:"at"`
}

func erasureOf(q Request) Erasure {
	return Erasure{q.ID, q.Code, q.External, q.Recipient, q.Language, q.Settled}
}

const (
	erasureBatch = 100
	erasureRest  = 5 * pace // how often a node looks for erasures of others
)

// FollowErasures finishes every erasure in the store behind last, and hands it to
// keep, until ctx ends. keep may get one that it has: where the store is not the
// one that last came from, it begins with the first.
func (n *Notifier) FollowErasures(ctx context.Context, last Erasure, keep func(Erasure) error) {
	const part = "erasures"
	after, known := int64(0), false
	for ctx.Err() == nil {
		bell := n.bell.wait()
		var err error
		if !known {
			after, err = n.erasureCursor(ctx, last)
			known = err == nil
		}
		worked := false
		if err == nil {
			worked, err = n.followErasures(ctx, &after, keep)
		}
		switch {
		case ctx.Err() != nil:
		case err != nil:
			n.fails(part, err)
			rest(ctx, nil, pace)
		case worked:
			n.works(part)
		default:
			n.works(part)
			rest(ctx, bell, erasureRest)
		}
	}
}

func (n *Notifier) erasureCursor(ctx context.Context, last Erasure) (int64, error) {
	q, err := n.Store.Request(ctx, last.Request)
	if errors.Is(err, documents.ErrNotFound) || err == nil && q.Code != last.Code {
		return 0, nil
	}
	return last.Request, err
}

func (n *Notifier) followErasures(ctx context.Context, after *int64, keep func(Erasure) error) (worked bool, err error) {
	all, err := n.Store.Erasures(ctx, *after, erasureBatch)
	if err != nil {
		return false, fmt.Errorf("erasures: %w", err)
	}
	for _, q := range all {
		if err := n.FinishErasure(ctx, q); err != nil {
			return worked, err
		}
		if err := keep(erasureOf(q)); err != nil {
			return worked, fmt.Errorf("remember an erasure: %w", err)
		}
		*after, worked = q.ID, true
	}
	return worked, nil
}

// Reapply erases again whoever is in all and not erased in the store, which is
// older. Of somebody whom it does not know yet it leaves a pseudonym, so that a
// synchronisation does not bring them. It reports how many it changed.
func (n *Notifier) Reapply(ctx context.Context, all []Erasure) (count int, err error) {
	missing, err := n.notErased(ctx, all)
	if err != nil || len(missing) == 0 {
		return 0, err
	}
	numbers, err := n.stillHere(ctx, missing)
	if err != nil {
		return 0, err
	}
	for external, e := range missing {
		q, err := n.eraseAgain(ctx, e, numbers[external])
		if errors.Is(err, documents.ErrNotFound) || errors.Is(err, documents.ErrExists) {
			continue // another node was faster
		}
		if err == nil {
			err = n.FinishErasure(ctx, q)
		}
		if err != nil {
			return count, fmt.Errorf("erase again: %w", err)
		}
		count++
	}
	return count, nil
}

// notErased are those of whom the store has no pseudonym, by External.
func (n *Notifier) notErased(ctx context.Context, all []Erasure) (map[string]Erasure, error) {
	missing := map[string]Erasure{}
	for at := 0; at < len(all); at += importBatch {
		var names []string
		for _, e := range all[at:min(at+importBatch, len(all))] {
			names = append(names, erasedPrefix+e.External)
			missing[e.External] = e
		}
		there, err := n.Store.RecipientsNamed(ctx, names)
		if err != nil {
			return nil, fmt.Errorf("erasures: %w", err)
		}
		for _, r := range there {
			delete(missing, r.ExternalID[len(erasedPrefix):])
		}
	}
	return missing, nil
}

// stillHere finds the numbers of those in missing who are in the store. Their
// numbers may be others by now, so everybody is looked at.
func (n *Notifier) stillHere(ctx context.Context, missing map[string]Erasure) (map[string]int64, error) {
	numbers := map[string]int64{}
	for after := int64(0); ; {
		rs, err := n.Store.Recipients(ctx, after, importBatch)
		if err != nil {
			return nil, fmt.Errorf("erasures: %w", err)
		}
		for _, r := range rs {
			after = r.Number
			if external := n.externalMAC(r.ExternalID); missing[external].External != "" {
				numbers[external] = r.Number
			}
		}
		if len(rs) < importBatch {
			return numbers, nil
		}
	}
}

// eraseAgain repeats an erasure: of the recipient with that number, or of somebody
// who is not there, if it is 0.
func (n *Notifier) eraseAgain(ctx context.Context, e Erasure, number int64) (Request, error) {
	q := Request{
		Code: e.Code, Recipient: number, Kind: RequestErase, State: RequestDone, Language: e.Language,
		Received: e.At, Settled: e.At, Revision: 1, External: e.External,
	}
	if number != 0 {
		return n.act(ctx, number, func(r *Recipient) (Act, error) {
			*r = n.erased(*r)
			return Act{Request: &q}, nil
		})
	}
	gone, err := n.Store.PutRecipients(ctx, []Recipient{{ExternalID: erasedPrefix + e.External, State: Erased, RegisteredAt: e.At, Revision: 1}})
	if err != nil {
		return q, err
	}
	q.Recipient = gone[0].Number
	return n.Store.Act(ctx, Act{Now: now(), Request: &q})
}
