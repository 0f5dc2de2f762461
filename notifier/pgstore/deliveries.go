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

const (
	// rowsThere are looked for among all between the first and the last: those that
	// come together stand together.
	rowsThere = "SELECT recipient FROM deliveries WHERE notice = $1 AND recipient BETWEEN $2 AND $3"
	// addCounts comes last in its transaction: from here on it holds tallies.
	addCounts = `INSERT INTO tallies AS t (notice, slot, state, detail, n)
		SELECT $1, slot, state, detail, count(*) FROM unnest($2::int[], $3::text[], $4::bytea[]) AS u(slot, state, detail)
		GROUP BY slot, state, detail ORDER BY slot, state, detail
		ON CONFLICT (notice, slot, state, detail) DO UPDATE SET n = t.n + excluded.n`
)

var deliveryColumns = []string{"notice", "recipient", "state", "detail", "next", "revision", "record"}

// newDeliveries stores those whose rows are not there. The caller has locked the
// notice, so that nobody else adds any to it.
func newDeliveries(ctx context.Context, tx pgx.Tx, seq documents.Seq, ds []notifier.Delivery) error {
	if i := slices.IndexFunc(ds, func(d notifier.Delivery) bool { return d.Notice != seq }); i >= 0 {
		return fmt.Errorf("a delivery of notice %d beside notice %d", ds[i].Notice, seq)
	}
	ds, err := missingOf(ctx, tx, seq, ds)
	if err != nil || len(ds) == 0 {
		return err
	}
	c := columnsOf(seq, ds)
	if len(c.chunks) > 0 {
		if _, err := tx.Exec(ctx, lowerDue, c.notice, c.chunks, c.dues); err != nil {
			return err
		}
	}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"deliveries"}, deliveryColumns, pgx.CopyFromSlice(len(ds), func(i int) ([]any, error) {
		return []any{int64(seq), c.recipients[i], c.states[i], c.details[i], c.nexts[i], c.revisions[i], c.records[i]}, nil
	}))
	if err == nil {
		_, err = tx.Exec(ctx, addCounts, c.notice, c.slots, c.states, c.details)
	}
	if err != nil {
		return fmt.Errorf("deliveries of notice %d: %w", seq, err)
	}
	return nil
}

// missingOf are those of ds, each once, whose rows are not there.
func missingOf(ctx context.Context, tx pgx.Tx, seq documents.Seq, ds []notifier.Delivery) ([]notifier.Delivery, error) {
	if len(ds) == 0 {
		return nil, nil
	}
	byNumber := func(a, b notifier.Delivery) int { return cmp.Compare(a.Recipient, b.Recipient) }
	first, last := slices.MinFunc(ds, byNumber).Recipient, slices.MaxFunc(ds, byNumber).Recipient
	there := map[int64]bool{}
	err := within(tx)(ctx, rowsThere, []any{seq, first, last}, func(rows pgx.Rows) error {
		var recipient int64
		err := rows.Scan(&recipient)
		there[recipient] = true
		return err
	})
	var left []notifier.Delivery
	for _, d := range ds {
		if !there[d.Recipient] {
			there[d.Recipient] = true
			left = append(left, d)
		}
	}
	return left, err
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
	if len(states) == 0 {
		return list[notifier.Delivery](ctx, s.db.Query, "deliveries", deliveriesIn, seq, after, limit)
	}
	sql := inStates(states)
	if sql == "" {
		return nil, nil
	}
	var out []notifier.Delivery
	err := s.write(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, inOrder)
		if err == nil {
			out, err = list[notifier.Delivery](ctx, within(tx), "deliveries", sql, seq, after, limit)
		}
		return err
	})
	return out, err
}

// inOrder has lists by state read in the order of an index. As long as the
// database has not looked at a notice that was counted just now, it would take a
// state to be rare, and sort a million rows for a page.
const inOrder = "SELECT set_config('enable_sort', 'off', true), set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)"

// inStates is deliveriesIn for some states. Each state is asked for by itself and
// by its name, or the indexes, which are partial, could not be used.
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
