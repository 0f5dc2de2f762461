package pgstore

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"vestnik/documents"
	"vestnik/documents/value"
	"vestnik/notifier"
)

const (
	// once has the statements of a settlement planned once in a connection, which
	// halves what they cost. What is planned while a notice has no rows must do for
	// a million of them: row by row, by key.
	once = `SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true),
		set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)`
	holdStop = "SELECT pg_advisory_xact_lock_shared(" + stopKey + ")"
	sends    = "SELECT coalesce((SELECT sends FROM notices WHERE seq = $1), false)"
	// lengthen is renew of a chunk in which something may be due at $6.
	lengthen = `UPDATE chunks SET until = $5, due = least(due, $6::timestamptz)
		WHERE notice = $1 AND chunk = $2 AND epoch = $3 AND until > $4`
	lockRows = "SELECT FROM deliveries WHERE notice = $1 AND recipient = ANY($2) ORDER BY recipient FOR NO KEY UPDATE"
	// recount takes what is counted of deliveries that are locked and will be
	// replaced, and adds what will be.
	recount = `WITH u AS (
			SELECT * FROM unnest($2::bigint[], $3::int[], $4::text[], $5::bytea[]) AS u(recipient, slot, state, detail)
		)
		INSERT INTO tallies AS t (notice, slot, state, detail, n)
		SELECT $1, slot, state, detail, sum(by) FROM (
			SELECT u.slot, d.state, d.detail, -1 AS by FROM u JOIN deliveries d ON d.notice = $1 AND d.recipient = u.recipient
			UNION ALL
			SELECT slot, state, detail, 1 FROM u
		) moved
		GROUP BY slot, state, detail HAVING sum(by) <> 0 ORDER BY slot, state, detail
		ON CONFLICT (notice, slot, state, detail) DO UPDATE SET n = t.n + excluded.n`
	replaceRows = `UPDATE deliveries d SET state = u.state, detail = u.detail, next = u.next, revision = u.revision, record = u.record
		FROM unnest($2::bigint[], $3::text[], $4::bytea[], $5::timestamptz[], $6::bigint[], $7::bytea[])
			AS u(recipient, state, detail, next, revision, record)
		WHERE d.notice = $1 AND d.recipient = u.recipient AND d.revision = u.revision - 1`
	putTokens = `INSERT INTO tokens (hash, record) SELECT * FROM unnest($1::bytea[], $2::bytea[])
		ON CONFLICT (hash) DO UPDATE SET record = excluded.record`
	putLinks = `INSERT INTO links (hash, until, record) SELECT * FROM unnest($1::bytea[], $2::timestamptz[], $3::bytea[])
		ON CONFLICT (hash) DO UPDATE SET until = excluded.until, record = excluded.record`
	knownForms = "SELECT digest FROM forms WHERE digest = ANY($1)"
	putForm    = "INSERT INTO forms (digest, record) VALUES ($1, $2) ON CONFLICT DO NOTHING"
)

// settling is one settlement on its way: all statements go out at once, and only
// their results tell whether it is refused.
type settling struct {
	batch     pgx.Batch
	lease     error // ErrLease
	conflict  error // ErrConflict
	stopped   error // ErrStopped
	formsHere map[documents.Digest]bool
}

// Settle: see notifier.Store. It takes three round trips, and one more for a form
// that is new.
func (s *Store) Settle(ctx context.Context, st notifier.Settlement) error {
	notices := byNotice(st.Deliveries)
	err := s.write(ctx, func(tx pgx.Tx) error {
		t := settling{formsHere: map[documents.Digest]bool{}}
		t.batch.Queue(once)
		t.stops(st, notices)
		t.chunks(st, notices)
		for _, c := range notices {
			t.rows(c)
		}
		queueTokens(&t.batch, st.Tokens)
		t.forms(st.Forms)
		if err := tx.SendBatch(ctx, &t.batch).Close(); err != nil {
			return err
		}
		if err := cmp.Or(t.lease, t.conflict, t.stopped); err != nil {
			return err
		}
		return t.newForms(ctx, tx, st.Forms)
	})
	if err != nil {
		return fmt.Errorf("settle: %w", err)
	}
	return nil
}

func byNotice(ds []notifier.Delivery) []columns {
	of := map[documents.Seq][]notifier.Delivery{}
	for _, d := range ds {
		of[d.Notice] = append(of[d.Notice], d)
	}
	var out []columns
	for _, seq := range slices.Sorted(maps.Keys(of)) {
		out = append(out, columnsOf(seq, of[seq]))
	}
	return out
}

// stops makes a stop wait until this settlement is committed, or sees the one
// that came before. The lock and the look are two statements: the second sees
// what was committed while the first waited.
func (t *settling) stops(st notifier.Settlement, notices []columns) {
	if !st.Intent {
		return
	}
	for _, c := range notices {
		t.batch.Queue(holdStop, c.notice)
		t.batch.Queue(sends, c.notice).QueryRow(func(row pgx.Row) error {
			var may bool
			if err := row.Scan(&may); err != nil {
				return err
			}
			if !may {
				t.stopped = fmt.Errorf("notice %d: %w", c.notice, notifier.ErrStopped)
			}
			return nil
		})
	}
}

// chunks lengthens the lease and notes what becomes due.
func (t *settling) chunks(st notifier.Settlement, notices []columns) {
	if l := st.Lease; l != nil {
		var next *time.Time
		for _, c := range notices {
			if at := slices.Index(c.chunks, l.Chunk); c.notice == l.Notice && at >= 0 {
				next = &c.dues[at]
			}
		}
		t.batch.Queue(lengthen, l.Notice, l.Chunk, l.Epoch, stamp(st.Now), stamp(st.Until), next).Exec(func(got tag) error {
			if got.RowsAffected() == 0 {
				t.lease = over(*l)
			}
			return nil
		})
	}
	for _, c := range notices {
		if leased := st.Lease != nil && st.Lease.Notice == c.notice && slices.Equal(c.chunks, []int64{st.Lease.Chunk}); !leased && len(c.chunks) > 0 {
			t.batch.Queue(lowerDue, c.notice, c.chunks, c.dues)
		}
	}
}

func (t *settling) rows(c columns) {
	t.batch.Queue(lockRows, c.notice, c.recipients)
	t.batch.Queue(recount, c.notice, c.recipients, c.slots, c.states, c.details)
	t.batch.Queue(replaceRows, c.notice, c.recipients, c.states, c.details, c.nexts, c.revisions, c.records).Exec(func(got tag) error {
		if err := changed(got.RowsAffected(), len(c.recipients), "%d of %d deliveries of notice %d", got.RowsAffected(), len(c.recipients), c.notice); err != nil {
			t.conflict = err
		}
		return nil
	})
}

// queueTokens keeps links that act apart from those in notices.
func queueTokens(b *pgx.Batch, all []notifier.Token) {
	last := map[string]notifier.Token{}
	for _, k := range all {
		k.Until = stamp(k.Until)
		last[k.Hash] = k
	}
	var notices, links [2][][]byte // hashes and records
	var untils []time.Time
	for _, h := range slices.Sorted(maps.Keys(last)) {
		to, k := &notices, last[h]
		if k.Purpose != notifier.LinkNotice {
			to, untils = &links, append(untils, k.Until)
		}
		to[0], to[1] = append(to[0], []byte(h)), append(to[1], sealToken(k))
	}
	if len(notices[0]) > 0 {
		b.Queue(putTokens, notices[0], notices[1])
	}
	if len(untils) > 0 {
		b.Queue(putLinks, links[0], untils, links[1])
	}
}

func sealToken(k notifier.Token) []byte { return value.Encode(key("tokens", k.Hash), k) }

// forms asks which are there: thousands of messages share one, so it hardly ever
// has to be sent.
func (t *settling) forms(all [][]byte) {
	var digests [][]byte
	for _, f := range all {
		d := documents.SHA256(f)
		digests = append(digests, d[:])
	}
	if len(digests) == 0 {
		return
	}
	t.batch.Queue(knownForms, digests).Query(func(rows pgx.Rows) error {
		var d []byte
		_, err := pgx.ForEachRow(rows, []any{&d}, func() error {
			t.formsHere[documents.Digest(d)] = true
			return nil
		})
		return err
	})
}

func (t *settling) newForms(ctx context.Context, tx pgx.Tx, all [][]byte) error {
	var b pgx.Batch
	for _, f := range all {
		if d := documents.SHA256(f); !t.formsHere[d] {
			b.Queue(putForm, d[:], value.Seal(key("forms", d), f))
		}
	}
	if b.Len() == 0 {
		return nil
	}
	return tx.SendBatch(ctx, &b).Close()
}

// Form: see notifier.Store.
func (s *Store) Form(ctx context.Context, digest documents.Digest) ([]byte, error) {
	var sealed []byte
	if err := s.db.Row(ctx, "SELECT record FROM forms WHERE digest = $1", []any{digest[:]}, &sealed); err != nil {
		return nil, fmt.Errorf("form: %w", err)
	}
	return value.Open(key("forms", digest), sealed)
}

const tokenAt = "SELECT record FROM tokens WHERE hash = $1 UNION ALL SELECT record FROM links WHERE hash = $1 LIMIT 1"

// Token: see notifier.Store.
func (s *Store) Token(ctx context.Context, hash string) (k notifier.Token, err error) {
	if hash == "" {
		return k, documents.ErrNotFound
	}
	var sealed []byte
	if err := s.db.Row(ctx, tokenAt, []any{[]byte(hash)}, &sealed); err != nil {
		return k, fmt.Errorf("token: %w", err)
	}
	return open[notifier.Token](key("tokens", hash), sealed)
}
