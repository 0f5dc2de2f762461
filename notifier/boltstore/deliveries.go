package boltstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"vestnik/documents"
	"vestnik/documents/value"
	"vestnik/notifier"
)

// chunkSize is how many recipient numbers one lease covers.
const chunkSize = 128

func chunkOf(recipient int64) int64 { return (recipient - 1) / chunkSize }

func deliveryKey(d notifier.Delivery) []byte { return key(int64(d.Notice), d.Recipient) }

func dueKey(d notifier.Delivery) []byte {
	return key(int64(d.Notice), chunkOf(d.Recipient), d.Next.UnixMicro(), d.Recipient)
}

func isDue(d notifier.Delivery) bool { return d.State.Open() && !d.Next.IsZero() }

func clean(d notifier.Delivery) notifier.Delivery {
	d.Next, d.Date, d.Evidence.At = stamp(d.Next), stamp(d.Date), stamp(d.Evidence.At)
	for i := range d.History {
		d.History[i].At = stamp(d.History[i].At)
	}
	return d
}

// newDelivery stores d unless its row is there.
func newDelivery(tx *bbolt.Tx, ts tallying, d notifier.Delivery) error {
	if tx.Bucket(deliveries).Get(deliveryKey(d)) != nil {
		return nil
	}
	return writeDelivery(tx, ts, nil, d)
}

// writeDelivery puts d in the place of old and keeps index and tally in step.
func writeDelivery(tx *bbolt.Tx, ts tallying, old *notifier.Delivery, d notifier.Delivery) error {
	d = clean(d)
	t, err := ts.of(tx, d.Notice)
	if err != nil {
		return err
	}
	if old != nil {
		t.add(*old, -1)
		if isDue(*old) {
			if err := tx.Bucket(due).Delete(dueKey(*old)); err != nil {
				return err
			}
		}
	}
	t.add(d, 1)
	if isDue(d) {
		if err := index(tx, due, dueKey(d)); err != nil {
			return err
		}
	}
	return put(tx, deliveries, deliveryKey(d), d)
}

// Delivery: see notifier.Store.
func (s *Store) Delivery(ctx context.Context, seq documents.Seq, recipient int64) (d notifier.Delivery, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error { return get(tx, deliveries, key(int64(seq), recipient), &d) })
	return d, err
}

// Deliveries: see notifier.Store.
func (s *Store) Deliveries(ctx context.Context, seq documents.Seq, after int64, limit int, states ...notifier.DeliveryState) ([]notifier.Delivery, error) {
	var out []notifier.Delivery
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		c := tx.Bucket(deliveries).Cursor()
		prefix := key(int64(seq))
		for k, v := c.Seek(key(int64(seq), after+1)); bytes.HasPrefix(k, prefix) && len(out) < limit; k, v = c.Next() {
			var d notifier.Delivery
			if err := value.Decode(k, v, &d); err != nil {
				return fmt.Errorf("delivery %d of notice %d: %w", number(k[8:]), seq, err)
			}
			if len(states) == 0 || slices.Contains(states, d.State) {
				out = append(out, d)
			}
		}
		return nil
	})
	return out, err
}

// DeliveriesTo: see notifier.Store. There are a few notices a year, so each is
// asked; an index would double the writes of a count.
func (s *Store) DeliveriesTo(ctx context.Context, recipient int64, before documents.Seq, limit int) ([]notifier.Delivery, error) {
	var out []notifier.Delivery
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		c := tx.Bucket(notices).Cursor()
		for k, _ := lastBefore(c, before); k != nil && len(out) < limit; k, _ = c.Prev() {
			var d notifier.Delivery
			err := get(tx, deliveries, key(number(k), recipient), &d)
			if errors.Is(err, documents.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			out = append(out, d)
		}
		return nil
	})
	return out, err
}

// lease is what stands under a chunk. Its epoch outlives it.
type lease struct {
	Owner string    `json:"owner,omitempty"`
	Epoch int64     `json:"epoch"`
	Until time.Time `json:"until,omitzero"`
}

// heldLeases are those that somebody holds, or held when the program stopped.
func heldLeases(tx *bbolt.Tx) (map[string]lease, error) {
	held := map[string]lease{}
	err := tx.Bucket(leases).ForEach(func(k, v []byte) error {
		var l lease
		err := value.Decode(k, v, &l)
		if l.Owner != "" {
			held[string(k)] = l
		}
		return err
	})
	return held, err
}

// Lease: see notifier.Store.
func (s *Store) Lease(ctx context.Context, seq documents.Seq, owner string, now, until time.Time, limit int) (l notifier.Lease, ds []notifier.Delivery, err error) {
	now, until = stamp(now), stamp(until)
	err = s.update(ctx, func(tx *bbolt.Tx) error {
		chunk, held, err := freeChunk(tx, seq, now)
		if err != nil {
			return err
		}
		ds, err = dueIn(tx, seq, chunk, now, limit)
		if err != nil {
			return err
		}
		l = notifier.Lease{Notice: seq, Chunk: chunk, Owner: owner, Epoch: held.Epoch + 1, Until: until}
		return put(tx, leases, key(int64(seq), chunk), lease{owner, l.Epoch, until})
	})
	return l, ds, err
}

// freeChunk finds the first chunk with something due that nobody has.
func freeChunk(tx *bbolt.Tx, seq documents.Seq, now time.Time) (int64, lease, error) {
	c := tx.Bucket(due).Cursor()
	prefix := key(int64(seq))
	k, _ := c.Seek(prefix)
	for bytes.HasPrefix(k, prefix) {
		chunk, next := number(k[8:]), number(k[16:])
		var held lease
		err := get(tx, leases, key(int64(seq), chunk), &held)
		if err != nil && !errors.Is(err, documents.ErrNotFound) {
			return 0, held, err
		}
		if next <= now.UnixMicro() && !held.Until.After(now) {
			return chunk, held, nil
		}
		k, _ = c.Seek(key(int64(seq), chunk+1))
	}
	return 0, lease{}, documents.ErrNotFound
}

func dueIn(tx *bbolt.Tx, seq documents.Seq, chunk int64, now time.Time, limit int) ([]notifier.Delivery, error) {
	var out []notifier.Delivery
	c := tx.Bucket(due).Cursor()
	prefix := key(int64(seq), chunk)
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix) && len(out) < limit; k, _ = c.Next() {
		if number(k[16:]) > now.UnixMicro() {
			break
		}
		var d notifier.Delivery
		if err := get(tx, deliveries, key(int64(seq), number(k[24:])), &d); err != nil {
			return nil, fmt.Errorf("due delivery %d of notice %d: %w", number(k[24:]), seq, err)
		}
		out = append(out, d)
	}
	return out, nil
}

// Renew: see notifier.Store.
func (s *Store) Renew(ctx context.Context, l notifier.Lease, now, until time.Time) error {
	return s.together(ctx, func(tx *bbolt.Tx) error {
		if err := holds(tx, l, now); err != nil {
			return err
		}
		return put(tx, leases, key(int64(l.Notice), l.Chunk), lease{l.Owner, l.Epoch, stamp(until)})
	})
}

// Reserve: see notifier.Store.
func (s *Store) Reserve(ctx context.Context, name string, now time.Time, cost time.Duration) (from time.Time, err error) {
	err = s.update(ctx, func(tx *bbolt.Tx) error {
		from = stamp(now)
		if b := tx.Bucket(paces).Get([]byte(name)); b != nil {
			raw, err := value.Open([]byte(name), b)
			if err != nil {
				return fmt.Errorf("%s: %w", paces, err)
			}
			if end := time.UnixMicro(number(raw)).UTC(); end.After(from) {
				from = end
			}
		}
		return putRaw(tx, paces, []byte(name), key(from.Add(cost).UnixMicro()))
	})
	return from, err
}

// Free: see notifier.Store.
func (s *Store) Free(ctx context.Context, l notifier.Lease) error {
	return s.together(ctx, func(tx *bbolt.Tx) error {
		k := key(int64(l.Notice), l.Chunk)
		var held lease
		err := get(tx, leases, k, &held)
		if errors.Is(err, documents.ErrNotFound) || err == nil && held.Epoch != l.Epoch {
			return nil
		}
		if err != nil {
			return err
		}
		return put(tx, leases, k, lease{Epoch: held.Epoch})
	})
}

// Settle: see notifier.Store.
func (s *Store) Settle(ctx context.Context, st notifier.Settlement) error {
	return s.together(ctx, func(tx *bbolt.Tx) error {
		olds, err := maySettle(tx, st)
		if err != nil {
			return err
		}
		ts := tallying{}
		for i, d := range st.Deliveries {
			if err := writeDelivery(tx, ts, &olds[i], d); err != nil {
				return err
			}
		}
		for _, f := range st.Forms {
			if err := putForm(tx, f); err != nil {
				return err
			}
		}
		for _, t := range st.Tokens {
			if err := putToken(tx, t); err != nil {
				return err
			}
		}
		if st.Lease != nil {
			held := lease{st.Lease.Owner, st.Lease.Epoch, stamp(st.Until)}
			if err := put(tx, leases, key(int64(st.Lease.Notice), st.Lease.Chunk), held); err != nil {
				return err
			}
		}
		return ts.store(tx)
	})
}

// maySettle refuses what the contract refuses, before anything is written, and
// returns the deliveries as they are.
func maySettle(tx *bbolt.Tx, st notifier.Settlement) ([]notifier.Delivery, error) {
	if st.Lease != nil {
		if err := holds(tx, *st.Lease, st.Now); err != nil {
			return nil, err
		}
	}
	olds := make([]notifier.Delivery, len(st.Deliveries))
	for i, d := range st.Deliveries {
		err := get(tx, deliveries, deliveryKey(d), &olds[i])
		if errors.Is(err, documents.ErrNotFound) {
			return nil, documents.ErrConflict
		}
		if err != nil {
			return nil, err
		}
		if err := cas(olds[i].Revision, d.Revision); err != nil {
			return nil, fmt.Errorf("delivery %d of notice %d: %w", d.Recipient, d.Notice, err)
		}
		if !st.Intent {
			continue
		}
		var n notifier.Notice
		if err := get(tx, notices, key(int64(d.Notice)), &n); err != nil {
			return nil, err
		}
		if !n.State.Sends() {
			return nil, notifier.ErrStopped
		}
	}
	return olds, nil
}

// holds is ErrLease unless l is the latest of its chunk and not over.
func holds(tx *bbolt.Tx, l notifier.Lease, now time.Time) error {
	var held lease
	err := get(tx, leases, key(int64(l.Notice), l.Chunk), &held)
	if err != nil && !errors.Is(err, documents.ErrNotFound) {
		return err
	}
	if err != nil || held.Epoch != l.Epoch || !held.Until.After(stamp(now)) {
		return fmt.Errorf("chunk %d of notice %d: %w", l.Chunk, l.Notice, notifier.ErrLease)
	}
	return nil
}

func putForm(tx *bbolt.Tx, f []byte) error {
	digest := documents.SHA256(f)
	if tx.Bucket(forms).Get(digest[:]) != nil {
		return nil
	}
	return putRaw(tx, forms, digest[:], f)
}

// Form: see notifier.Store.
func (s *Store) Form(ctx context.Context, digest documents.Digest) (f []byte, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		b := tx.Bucket(forms).Get(digest[:])
		if b == nil {
			return documents.ErrNotFound
		}
		f, err = value.Open(digest[:], b)
		return err
	})
	return f, err
}
