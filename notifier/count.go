package notifier

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	countBatch = 10_000 // rows in one transaction
	// lateJoin is how long after its effect a notice still takes in people whom a
	// sync brings late; as long as the links in it live.
	lateJoin = tokenLife
)

// Reasons why a delivery is excluded: catalogue keys.
const (
	ReasonErased      = "erased"
	ReasonLeft        = "left"
	ReasonUnreachable = "unreachable"
	ReasonTold        = "told-already"
	ReasonNotAllowed  = "not-allowed"
	ReasonCancelled   = "cancelled"
	ReasonClosed      = "closed-by-hand"
)

// latest is a recipient number after which there was none a moment ago: a second
// notice need not ask again.
type latest struct {
	number int64
	known  bool
}

func (l *latest) is(number int64) bool { return l.known && number >= l.number }

// count makes the rows of a notice's next recipients, and reports whether there
// were any. Their numbers grow and become visible in order, so the count goes on
// where it stood, after a crash as after an import.
func (n *Notifier) count(ctx context.Context, notice Notice, end *latest) (bool, error) {
	if notice.State == Cancelled || notice.CountedAll && (end.is(notice.Counted) || time.Now().After(notice.Audience.Before.Add(lateJoin))) {
		return false, nil
	}
	rs, err := n.Store.Recipients(ctx, notice.Counted, countBatch)
	if err != nil {
		return false, err
	}
	if len(rs) == 0 && notice.CountedAll {
		end.number, end.known = notice.Counted, true
		return false, nil
	}
	set, err := n.Settings(ctx)
	if err != nil {
		return false, err
	}
	rows := make([]Delivery, 0, len(rs))
	var keyless []Recipient
	for _, r := range rs {
		if reason, due := n.owed(notice, r, set); due {
			rows = append(rows, row(notice, r, reason))
			if reason == "" && len(r.Key) == 0 {
				r.Key, r.Revision = newPersonKey(), r.Revision+1
				keyless = append(keyless, r)
			}
		}
		notice.Counted = r.Number
	}
	// Here, because for one person at a time it would halve the rate of sending.
	if len(keyless) > 0 {
		if _, err := n.Store.PutRecipients(ctx, keyless); err != nil {
			return false, fmt.Errorf("count notice %d: %w", notice.Seq, err)
		}
	}
	notice.CountedAll = len(rs) < countBatch
	notice.Revision++
	if err := n.Store.PutNotice(ctx, notice, rows); err != nil {
		return false, fmt.Errorf("count notice %d: %w", notice.Seq, err)
	}
	return true, nil
}

// owed tells whether a notice is due to r, and why it will not be mailed. Whom
// the document does not concern it is not due to.
func (n *Notifier) owed(notice Notice, r Recipient, set Settings) (reason string, due bool) {
	if !r.RegisteredAt.Before(notice.Audience.Before) || !concerns(notice.Audience.Groups, r.Groups) {
		return "", false
	}
	if r.Known[notice.Document] >= notice.Version {
		return ReasonTold, true
	}
	return n.unmailable(r, set), true
}

// unmailable says why nothing may be mailed to r, or "".
func (n *Notifier) unmailable(r Recipient, set Settings) string {
	switch {
	case r.State == Erased:
		return ReasonErased
	case r.State == Left:
		return ReasonLeft
	case r.State == Unreachable:
		return ReasonUnreachable
	case n.notTheirs(r):
		return ReasonNotMine
	case !allowed(set.Allow, r.Address):
		return ReasonNotAllowed
	}
	return ""
}

func concerns(audience, groups []string) bool {
	return len(audience) == 0 || slices.ContainsFunc(groups, func(g string) bool { return slices.Contains(audience, g) })
}

// allowed tells whether an allow-list of addresses and @domains has the address.
func allowed(list []string, address string) bool {
	if len(list) == 0 {
		return true
	}
	_, domain, _ := strings.Cut(address, "@")
	return slices.ContainsFunc(list, func(entry string) bool {
		return strings.EqualFold(entry, address) || strings.EqualFold(entry, "@"+domain)
	})
}

func row(notice Notice, r Recipient, reason string) Delivery {
	d := Delivery{Notice: notice.Seq, Recipient: r.Number, State: Waiting, Next: notice.SendAfter, Revision: 1}
	if reason != "" {
		d = moved(d, Excluded, reason)
		d.Revision = 1
	}
	return d
}
