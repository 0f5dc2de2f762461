package pgstore

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"vestnik/documents"
	"vestnik/documents/postgres"
	"vestnik/documents/value"
	"vestnik/notifier"
)

// Load: see notifier.Store.
func (s *Store) Load(ctx context.Context, r io.Reader) error {
	in := json.NewDecoder(bufio.NewReader(r))
	err := s.db.Tx(postgres.Patient(ctx), func(tx pgx.Tx) error {
		if in.InputOffset() > 0 {
			return errors.New("another transaction was in the way: load into a database that nobody uses")
		}
		if err := mustBeEmpty(ctx, tx); err != nil {
			return err
		}
		l := loading{ctx: ctx, tx: tx, tallies: map[tally]int64{}, due: map[documents.Seq]map[int64]time.Time{}}
		for {
			var rec notifier.Record
			if err := in.Decode(&rec); errors.Is(err, io.EOF) {
				return l.finish()
			} else if err != nil {
				return err
			}
			if err := l.load(rec); err != nil {
				return err
			}
		}
	})
	if err != nil {
		return fmt.Errorf("load the notifier: %w", err)
	}
	return nil
}

const empty = `SELECT NOT EXISTS (SELECT FROM counters WHERE n <> 0)
	AND NOT EXISTS (SELECT FROM recipients) AND NOT EXISTS (SELECT FROM imports) AND NOT EXISTS (SELECT FROM notices)
	AND NOT EXISTS (SELECT FROM forms) AND NOT EXISTS (SELECT FROM tokens) AND NOT EXISTS (SELECT FROM letters)
	AND NOT EXISTS (SELECT FROM links) AND NOT EXISTS (SELECT FROM requests)
	AND NOT EXISTS (SELECT FROM marks) AND NOT EXISTS (SELECT FROM paces)`

// mustBeEmpty also keeps everybody else out.
func mustBeEmpty(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, alone); err != nil {
		return err
	}
	var is bool
	err := tx.QueryRow(ctx, empty).Scan(&is)
	if err == nil && !is {
		err = fmt.Errorf("the database has recipients or notices: %w", documents.ErrExists)
	}
	return err
}

// What loading collects before it writes.
const (
	loadRows  = 5000
	loadBytes = 8 << 20
)

// loading is a dump on its way in: rows of one table are collected and copied.
type loading struct {
	ctx     context.Context
	tx      pgx.Tx
	table   string
	columns []string
	rows    [][]any
	size    int
	imports int64
	tallies map[tally]int64
	due     map[documents.Seq]map[int64]time.Time // by notice and chunk
}

type tally struct {
	notice        documents.Seq
	slot          int32
	state, detail string
}

var (
	importColumns = []string{"id", "record"}
	noticeColumns = []string{"seq", "sends", "revision", "record"}
	formColumns   = []string{"digest", "record"}
	tokenColumns  = []string{"hash", "record"}
	letterColumns = []string{"id", "open", "next", "later", "revision", "record"}
)

func (l *loading) load(rec notifier.Record) error {
	switch {
	case rec.Meta != nil:
		return l.meta(*rec.Meta)
	case rec.Recipient != nil:
		return l.add("recipients", recipientColumns, recipientRow(*rec.Recipient)...)
	case rec.Import != nil:
		l.imports++
		return l.add("imports", importColumns, l.imports, value.Encode(key("imports", l.imports), rec.Import))
	case rec.Notice != nil:
		return l.notice(*rec.Notice)
	case rec.Delivery != nil:
		return l.delivery(*rec.Delivery)
	case rec.Form != nil:
		d := documents.SHA256(rec.Form)
		return l.add("forms", formColumns, d[:], value.Seal(key("forms", d), rec.Form))
	case rec.Token != nil:
		return l.token(*rec.Token)
	case rec.Letter != nil:
		return l.add("letters", letterColumns, letterRow(*rec.Letter)...)
	case rec.Request != nil:
		return l.add("requests", requestColumns, requestRow(*rec.Request)...)
	}
	for name, v := range rec.Mark {
		if err := setMark(l.ctx, l.tx, name, v); err != nil {
			return err
		}
	}
	return nil
}

func (l *loading) token(k notifier.Token) error {
	if k.Purpose != notifier.LinkNotice {
		return nil // no dump holds one
	}
	return l.add("tokens", tokenColumns, []byte(k.Hash), sealToken(k))
}

func (l *loading) meta(m notifier.Meta) error {
	var b pgx.Batch
	for name, n := range map[string]int64{cursor: int64(m.Cursor), recipientNo: m.LastNumber, letterNo: m.LastLetter, requestNo: m.LastRequest} {
		b.Queue("UPDATE counters SET n = $2 WHERE name = $1", name, n)
	}
	return l.tx.SendBatch(l.ctx, &b).Close()
}

// notice is written at once: its deliveries need their room.
func (l *loading) notice(n notifier.Notice) error {
	n = bare(n)
	if err := l.add("notices", noticeColumns, int64(n.Seq), n.State.Sends(), int64(n.Revision), value.Encode(key("notices", n.Seq), n)); err != nil {
		return err
	}
	if err := l.flush(); err != nil {
		return err
	}
	_, err := l.tx.Exec(l.ctx, "SELECT make_deliveries($1)", n.Seq)
	return err
}

func (l *loading) delivery(d notifier.Delivery) error {
	l.tallies[tally{d.Notice, slotOf(d.Recipient), string(d.State), string(detail(d))}]++
	next := due(d)
	if next != nil {
		if l.due[d.Notice] == nil {
			l.due[d.Notice] = map[int64]time.Time{}
		}
		lower(l.due[d.Notice], chunkOf(d.Recipient), *next)
	}
	return l.add("deliveries", deliveryColumns, int64(d.Notice), d.Recipient, string(d.State), detail(d), next, int64(d.Revision), sealDelivery(d))
}

// add collects a row, whose last column is the largest.
func (l *loading) add(table string, columns []string, row ...any) error {
	if table != l.table || len(l.rows) >= loadRows || l.size >= loadBytes {
		if err := l.flush(); err != nil {
			return err
		}
	}
	l.table, l.columns, l.rows = table, columns, append(l.rows, row)
	if record, ok := row[len(row)-1].([]byte); ok {
		l.size += len(record)
	}
	return nil
}

func (l *loading) flush() error {
	if len(l.rows) == 0 {
		return nil
	}
	_, err := l.tx.CopyFrom(l.ctx, pgx.Identifier{l.table}, l.columns, pgx.CopyFromRows(l.rows))
	l.rows, l.size = l.rows[:0], 0
	if err != nil {
		return fmt.Errorf("%s: %w", l.table, err)
	}
	return nil
}

// finish writes what follows from the rows.
func (l *loading) finish() error {
	for k, n := range l.tallies {
		if err := l.add("tallies", []string{"notice", "slot", "state", "detail", "n"}, int64(k.notice), k.slot, k.state, []byte(k.detail), n); err != nil {
			return err
		}
	}
	for seq, first := range l.due {
		for chunk, at := range first {
			if err := l.add("chunks", []string{"notice", "chunk", "due"}, int64(seq), chunk, at); err != nil {
				return err
			}
		}
	}
	if err := l.flush(); err != nil {
		return err
	}
	_, err := l.tx.Exec(l.ctx, "UPDATE counters SET n = $2 WHERE name = $1", importNo, l.imports)
	return err
}
