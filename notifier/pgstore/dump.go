package pgstore

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"

	"github.com/jackc/pgx/v5"

	"vestnik/documents"
	"vestnik/documents/value"
	"vestnik/notifier"
)

const (
	// dumpPage is how many rows one statement reads, so that no more than a few of
	// them are on their way, however slow whoever takes the dump is.
	dumpPage  = 1000
	dumpForms = 8 // up to a megabyte each
)

// Dump: see notifier.Store.
func (s *Store) Dump(ctx context.Context, w io.Writer) error {
	out := bufio.NewWriter(w)
	err := s.db.Snapshot(ctx, func(tx pgx.Tx) error {
		d := dumping{ctx: ctx, rows: within(tx), out: json.NewEncoder(out)}
		return d.all()
	})
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return fmt.Errorf("dump the notifier: %w", err)
	}
	return nil
}

type dumping struct {
	ctx  context.Context
	rows query
	out  *json.Encoder
}

func (d *dumping) all() error {
	for _, part := range []func() error{
		d.meta, d.recipients, d.imports, d.notices, d.deliveries, d.forms, d.tokens, d.letters, d.requests, d.marks,
	} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

func (d *dumping) meta() error {
	n := map[string]int64{}
	err := d.rows(d.ctx, "SELECT name, n FROM counters", nil, func(rows pgx.Rows) error {
		var name string
		var at int64
		err := rows.Scan(&name, &at)
		n[name] = at
		return err
	})
	if err != nil {
		return err
	}
	return d.out.Encode(notifier.Record{Meta: &notifier.Meta{Cursor: documents.Seq(n[cursor]), LastNumber: n[recipientNo], LastLetter: n[letterNo], LastRequest: n[requestNo]}})
}

// pages gives every row of a table to put, by its key. sql reads, in the order of
// keys, up to $2 rows with a key above $1, and has more as its further parameters.
func pages[K any](d *dumping, sql string, first K, limit int, more []any, put func(k K, sealed []byte) error) error {
	for after, read := first, limit; read == limit; {
		read = 0
		err := d.rows(d.ctx, sql, append([]any{after, limit}, more...), func(rows pgx.Rows) error {
			var sealed []byte
			var k K
			if err := rows.Scan(&k, &sealed); err != nil {
				return err
			}
			after, read = k, read+1
			return put(k, sealed)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// numbered dumps a table whose key is a number.
func numbered[T any](d *dumping, table, column string, record func(*T) notifier.Record) error {
	sql := fmt.Sprintf("SELECT %s, record FROM %s WHERE %[1]s > $1 ORDER BY %[1]s LIMIT $2", column, table)
	return pages(d, sql, int64(math.MinInt64), dumpPage, nil, func(k int64, sealed []byte) error {
		v, err := open[T](key(table, k), sealed)
		if err != nil {
			return err
		}
		return d.out.Encode(record(&v))
	})
}

func (d *dumping) recipients() error {
	for after, read := int64(math.MinInt64), dumpPage; read == dumpPage; {
		read = 0
		err := d.rows(d.ctx, recipientsAfter, []any{after, dumpPage}, func(rows pgx.Rows) error {
			var sealed, more []byte
			if err := rows.Scan(&after, &sealed, &more); err != nil {
				return err
			}
			r, err := openRecipient(after, sealed, more)
			if err != nil {
				return err
			}
			read++
			return d.out.Encode(notifier.Record{Recipient: &r})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *dumping) imports() error {
	return numbered(d, "imports", "id", func(r *notifier.ImportReport) notifier.Record { return notifier.Record{Import: r} })
}

func (d *dumping) notices() error {
	return numbered(d, "notices", "seq", func(n *notifier.Notice) notifier.Record { return notifier.Record{Notice: n} })
}

func (d *dumping) letters() error {
	return numbered(d, "letters", "id", func(l *notifier.Letter) notifier.Record {
		kept := l.Lasting()
		return notifier.Record{Letter: &kept}
	})
}

func (d *dumping) requests() error {
	return numbered(d, "requests", "id", func(r *notifier.Request) notifier.Record { return notifier.Record{Request: r} })
}

// deliveries reads notice after notice, which is the order of their keys, and of
// the partitions.
func (d *dumping) deliveries() error {
	var seqs []int64
	err := d.rows(d.ctx, "SELECT seq FROM notices ORDER BY seq", nil, func(rows pgx.Rows) error {
		var seq int64
		err := rows.Scan(&seq)
		seqs = append(seqs, seq)
		return err
	})
	if err != nil {
		return err
	}
	const sql = "SELECT recipient, record FROM deliveries WHERE notice = $3 AND recipient > $1 ORDER BY recipient LIMIT $2"
	for _, seq := range seqs {
		err := pages(d, sql, int64(math.MinInt64), dumpPage, []any{seq}, func(k int64, sealed []byte) error {
			v, err := open[notifier.Delivery](key("deliveries", seq, k), sealed)
			if err != nil {
				return err
			}
			return d.out.Encode(notifier.Record{Delivery: &v})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *dumping) forms() error {
	return pages(d, "SELECT digest, record FROM forms WHERE digest > $1 ORDER BY digest LIMIT $2", []byte{}, dumpForms, nil, func(k, sealed []byte) error {
		raw, err := value.Open(key("forms", documents.Digest(k)), sealed)
		if err != nil {
			return fmt.Errorf("form: %w", err)
		}
		return d.out.Encode(notifier.Record{Form: raw})
	})
}

func (d *dumping) tokens() error {
	return pages(d, "SELECT hash, record FROM tokens WHERE hash > $1 ORDER BY hash LIMIT $2", []byte{}, dumpPage, nil, func(k, sealed []byte) error {
		t, err := open[notifier.Token](key("tokens", string(k)), sealed)
		if err != nil {
			return err
		}
		return d.out.Encode(notifier.Record{Token: &t})
	})
}

func (d *dumping) marks() error {
	return pages(d, "SELECT name, record FROM marks WHERE name > $1 ORDER BY name LIMIT $2", []byte{}, dumpPage, nil, func(k, sealed []byte) error {
		raw, err := value.Open(key("marks", string(k)), sealed)
		if err != nil {
			return fmt.Errorf("mark: %w", err)
		}
		return d.out.Encode(notifier.Record{Mark: map[string]string{string(k): string(raw)}})
	})
}
