package pgstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"vestnik/documents"
	"vestnik/documents/value"
	"vestnik/notifier"
)

// clean is d as it comes back, with a History of its own.
func clean(d notifier.Delivery) notifier.Delivery {
	d.Next, d.Date, d.Evidence.At = stamp(d.Next), stamp(d.Date), stamp(d.Evidence.At)
	d.History = slices.Clone(d.History)
	for i := range d.History {
		d.History[i].At = stamp(d.History[i].At)
	}
	return d
}

// due is when d is due by itself, or nil.
func due(d notifier.Delivery) *time.Time {
	if !d.State.Open() || d.Next.IsZero() {
		return nil
	}
	next := stamp(d.Next)
	return &next
}

func sealDelivery(d notifier.Delivery) []byte {
	return value.Encode(key("deliveries", d.Notice, d.Recipient), clean(d))
}

// columns are deliveries of one notice, as statements take them: in the order of
// their recipients, in which their rows are locked.
type columns struct {
	notice     documents.Seq
	recipients []int64
	slots      []int32
	states     []string
	details    [][]byte
	nexts      []*time.Time
	revisions  []int64
	records    [][]byte
	chunks     []int64 // of what is due by itself, ascending
	dues       []time.Time
}

func columnsOf(seq documents.Seq, ds []notifier.Delivery) columns {
	c := columns{notice: seq}
	first := map[int64]time.Time{}
	for _, d := range slices.SortedFunc(slices.Values(ds), func(a, b notifier.Delivery) int { return cmp.Compare(a.Recipient, b.Recipient) }) {
		next := due(d)
		c.recipients, c.slots = append(c.recipients, d.Recipient), append(c.slots, slotOf(d.Recipient))
		c.states, c.details = append(c.states, string(d.State)), append(c.details, detail(d))
		c.nexts, c.revisions = append(c.nexts, next), append(c.revisions, int64(d.Revision))
		c.records = append(c.records, sealDelivery(d))
		if next != nil {
			lower(first, chunkOf(d.Recipient), *next)
		}
	}
	c.chunks, c.dues = sorted(first)
	return c
}

// newRows stores deliveries whose rows are not there, and counts those that it
// stored. It comes last in its transaction: from here on it holds tallies.
const newRows = `WITH u AS (
		SELECT * FROM unnest($2::bigint[], $3::int[], $4::text[], $5::bytea[], $6::timestamptz[], $7::bigint[], $8::bytea[])
			AS u(recipient, slot, state, detail, next, revision, record)
	), fresh AS (
		INSERT INTO deliveries (notice, recipient, state, detail, next, revision, record)
		SELECT $1, recipient, state, detail, next, revision, record FROM u
		ON CONFLICT DO NOTHING RETURNING recipient
	)
	INSERT INTO tallies AS t (notice, slot, state, detail, n)
	SELECT $1, slot, state, detail, count(*) FROM fresh JOIN u USING (recipient) GROUP BY slot, state, detail ORDER BY slot, state, detail
	ON CONFLICT (notice, slot, state, detail) DO UPDATE SET n = t.n + excluded.n`

func newDeliveries(ctx context.Context, tx pgx.Tx, seq documents.Seq, ds []notifier.Delivery) error {
	if i := slices.IndexFunc(ds, func(d notifier.Delivery) bool { return d.Notice != seq }); i >= 0 {
		return fmt.Errorf("a delivery of notice %d beside notice %d", ds[i].Notice, seq)
	}
	if len(ds) == 0 {
		return nil
	}
	c := columnsOf(seq, ds)
	var b pgx.Batch
	if len(c.chunks) > 0 {
		b.Queue(lowerDue, c.notice, c.chunks, c.dues)
	}
	b.Queue(newRows, c.notice, c.recipients, c.slots, c.states, c.details, c.nexts, c.revisions, c.records)
	if err := tx.SendBatch(ctx, &b).Close(); err != nil {
		return fmt.Errorf("deliveries of notice %d: %w", seq, err)
	}
	return nil
}

const (
	deliveryAt   = "SELECT notice || '/' || recipient, record FROM deliveries WHERE notice = $1 AND recipient = $2"
	deliveriesIn = "SELECT notice || '/' || recipient, record FROM deliveries WHERE notice = $1 AND recipient > $2 ORDER BY recipient LIMIT $3"
	// deliveriesTo looks into the notices one by one, newest first, until it has
	// enough.
	deliveriesTo = "SELECT notice || '/' || recipient, record FROM deliveries WHERE recipient = $1 AND notice < $2 ORDER BY notice DESC LIMIT $3"
)

// Delivery: see notifier.Store.
func (s *Store) Delivery(ctx context.Context, seq documents.Seq, recipient int64) (notifier.Delivery, error) {
	return one[notifier.Delivery](ctx, s, "deliveries", deliveryAt, seq, recipient)
}

// Deliveries: see notifier.Store.
func (s *Store) Deliveries(ctx context.Context, seq documents.Seq, after int64, limit int, states ...notifier.DeliveryState) ([]notifier.Delivery, error) {
	sql := deliveriesIn
	if len(states) > 0 {
		if sql = inStates(states); sql == "" {
			return nil, nil
		}
	}
	return list[notifier.Delivery](ctx, s.db.Query, "deliveries", sql, seq, after, limit)
}

// inStates is deliveriesIn for some states. Each state is asked for by itself and
// by its name, or the index of the few, which is partial, could not be used.
func inStates(states []notifier.DeliveryState) string {
	var each []string
	for _, state := range []notifier.DeliveryState{
		notifier.Waiting, notifier.Deferred, notifier.InDoubt, notifier.Accepted, notifier.Failed, notifier.Excluded, notifier.Covered,
	} {
		if slices.Contains(states, state) {
			each = append(each, "(SELECT notice, recipient, record FROM deliveries WHERE notice = $1 AND state = '"+string(state)+"' AND recipient > $2 ORDER BY recipient LIMIT $3)")
		}
	}
	if len(each) == 0 {
		return ""
	}
	return "SELECT notice || '/' || recipient, record FROM (" + strings.Join(each, " UNION ALL ") + ") d ORDER BY recipient LIMIT $3"
}

// DeliveriesTo: see notifier.Store.
func (s *Store) DeliveriesTo(ctx context.Context, recipient int64, before documents.Seq, limit int) ([]notifier.Delivery, error) {
	return list[notifier.Delivery](ctx, s.db.Query, "deliveries", deliveriesTo, recipient, below(before), limit)
}
