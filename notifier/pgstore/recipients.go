package pgstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"vestnik/documents"
	"vestnik/documents/postgres"
	"vestnik/documents/value"
	"vestnik/notifier"
)

// PutRecipients: see notifier.Store.
func (s *Store) PutRecipients(ctx context.Context, rs []notifier.Recipient) ([]notifier.Recipient, error) {
	out := make([]notifier.Recipient, len(rs))
	err := s.write(ctx, func(tx pgx.Tx) error {
		copy(out, rs)
		var fresh, old []notifier.Recipient
		if err := number(ctx, tx, out); err != nil {
			return err
		}
		for i := range out {
			out[i] = cleanRecipient(out[i])
			if rs[i].Number == 0 {
				fresh = append(fresh, out[i])
			} else {
				old = append(old, out[i])
			}
		}
		if err := replaceRecipients(ctx, tx, old); err != nil {
			return err
		}
		return newRecipients(ctx, tx, fresh)
	})
	if postgres.Taken(err) {
		err = fmt.Errorf("an external id is taken: %w", documents.ErrExists)
	}
	if err != nil {
		return nil, fmt.Errorf("put recipients: %w", err)
	}
	return out, nil
}

func cleanRecipient(r notifier.Recipient) notifier.Recipient {
	r.RegisteredAt, r.Asked = stamp(r.RegisteredAt), slices.Clone(r.Asked)
	for i := range r.Asked {
		r.Asked[i] = stamp(r.Asked[i])
	}
	return r
}

// number gives those of rs that are new their numbers.
func number(ctx context.Context, tx pgx.Tx, rs []notifier.Recipient) error {
	fresh := 0
	for _, r := range rs {
		if r.Number == 0 {
			fresh++
			if r.Revision != 1 {
				return fmt.Errorf("a new recipient with revision %d: %w", r.Revision, documents.ErrConflict)
			}
		}
	}
	if fresh == 0 {
		return nil
	}
	last, err := take(ctx, tx, recipientNo, fresh)
	next := last - int64(fresh)
	for i := range rs {
		if rs[i].Number == 0 {
			next++
			rs[i].Number = next
		}
	}
	return err
}

// personal is what the release before knows nothing of. It has a column of its own,
// so that no node of that release takes it away when it writes a record.
type personal struct {
	Key       []byte            `json:"key,omitempty"`
	NotMine   string            `json:"not_mine,omitempty"`
	Corrected map[string]string `json:"corrected,omitempty"`
}

func sealRecipient(r notifier.Recipient) []byte {
	r.Key, r.NotMine, r.Corrected = nil, "", nil
	return value.Encode(key("recipients", r.Number), r)
}

// sealPersonal is nil where there is nothing to seal.
func sealPersonal(r notifier.Recipient) []byte {
	if len(r.Key) == 0 && r.NotMine == "" && len(r.Corrected) == 0 {
		return nil
	}
	return value.Encode(key("recipients", r.Number, "personal"), personal{r.Key, r.NotMine, r.Corrected})
}

func openRecipient(number int64, sealed, more []byte) (notifier.Recipient, error) {
	r, err := open[notifier.Recipient](key("recipients", number), sealed)
	if err != nil || more == nil {
		return r, err
	}
	p, err := open[personal](key("recipients", number, "personal"), more)
	r.Key, r.NotMine, r.Corrected = p.Key, p.NotMine, p.Corrected
	return r, err
}

var recipientColumns = []string{"number", "external_id", "revision", "personal", "record"}

// recipientRow is r as the columns of its table.
func recipientRow(r notifier.Recipient) []any {
	return []any{r.Number, []byte(r.ExternalID), int64(r.Revision), sealPersonal(r), sealRecipient(r)}
}

func newRecipients(ctx context.Context, tx pgx.Tx, rs []notifier.Recipient) error {
	if len(rs) == 0 {
		return nil
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"recipients"}, recipientColumns,
		pgx.CopyFromSlice(len(rs), func(i int) ([]any, error) {
			return recipientRow(rs[i]), nil
		}))
	return err
}

const (
	lockRecipients = "SELECT FROM recipients WHERE number = ANY($1) ORDER BY number FOR NO KEY UPDATE"
	putRecipients  = `UPDATE recipients r SET revision = u.revision, record = u.record, personal = u.personal
		FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::bytea[], $5::bytea[]) AS u(number, external_id, revision, record, personal)
		WHERE r.number = u.number AND r.external_id = u.external_id AND r.revision = u.revision - 1`
)

func replaceRecipients(ctx context.Context, tx pgx.Tx, rs []notifier.Recipient) error {
	if len(rs) == 0 {
		return nil
	}
	rs = slices.SortedFunc(slices.Values(rs), func(a, b notifier.Recipient) int { return cmp.Compare(a.Number, b.Number) })
	var numbers, revisions []int64
	var ids, records, personals [][]byte
	for _, r := range rs {
		numbers, revisions = append(numbers, r.Number), append(revisions, int64(r.Revision))
		ids, records = append(ids, []byte(r.ExternalID)), append(records, sealRecipient(r))
		personals = append(personals, sealPersonal(r))
	}
	var b pgx.Batch
	b.Queue(lockRecipients, numbers)
	b.Queue(putRecipients, numbers, ids, revisions, records, personals).Exec(func(tag tag) error {
		return changed(tag.RowsAffected(), len(rs), "%d of %d recipients", tag.RowsAffected(), len(rs))
	})
	return tx.SendBatch(ctx, &b).Close()
}

const (
	recipientsNamed = "SELECT number, record, personal FROM recipients WHERE external_id = ANY($1)"
	recipientAt     = "SELECT number, record, personal FROM recipients WHERE number = $1"
	recipientsAfter = "SELECT number, record, personal FROM recipients WHERE number > $1 ORDER BY number LIMIT $2"
)

func (s *Store) recipients(ctx context.Context, sql string, args ...any) ([]notifier.Recipient, error) {
	var out []notifier.Recipient
	err := s.db.Query(ctx, sql, args, func(rows pgx.Rows) error {
		var number int64
		var sealed, more []byte
		if err := rows.Scan(&number, &sealed, &more); err != nil {
			return err
		}
		r, err := openRecipient(number, sealed, more)
		out = append(out, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// RecipientsNamed: see notifier.Store.
func (s *Store) RecipientsNamed(ctx context.Context, externalIDs []string) ([]notifier.Recipient, error) {
	ids := make([][]byte, len(externalIDs))
	for i, id := range externalIDs {
		ids[i] = []byte(id)
	}
	return s.recipients(ctx, recipientsNamed, ids)
}

// Recipient: see notifier.Store.
func (s *Store) Recipient(ctx context.Context, number int64) (notifier.Recipient, error) {
	found, err := s.recipients(ctx, recipientAt, number)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("recipient %d: %w", number, documents.ErrNotFound)
	}
	if err != nil {
		return notifier.Recipient{}, err
	}
	return found[0], nil
}

// one is the only thing that list would return, or documents.ErrNotFound.
func one[T any](ctx context.Context, s *Store, table, sql string, args ...any) (v T, err error) {
	found, err := list[T](ctx, s.db.Query, table, sql, args...)
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("%s: %w", key(table, args...), documents.ErrNotFound)
	}
	if err != nil {
		return v, err
	}
	return found[0], nil
}

// Recipients: see notifier.Store.
func (s *Store) Recipients(ctx context.Context, after int64, limit int) ([]notifier.Recipient, error) {
	return s.recipients(ctx, recipientsAfter, after, limit)
}

// PutImport: see notifier.Store.
func (s *Store) PutImport(ctx context.Context, r notifier.ImportReport) error {
	err := s.write(ctx, func(tx pgx.Tx) error { return addImport(ctx, tx, r) })
	if err != nil {
		return fmt.Errorf("put import: %w", err)
	}
	return nil
}

func addImport(ctx context.Context, tx pgx.Tx, r notifier.ImportReport) error {
	r.At = stamp(r.At)
	id, err := take(ctx, tx, importNo, 1)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "INSERT INTO imports (id, record) VALUES ($1, $2)", id, value.Encode(key("imports", id), r))
	return err
}

// Imports: see notifier.Store.
func (s *Store) Imports(ctx context.Context, limit int) ([]notifier.ImportReport, error) {
	return list[notifier.ImportReport](ctx, s.db.Query, "imports", "SELECT id::text AS k, record FROM imports ORDER BY id DESC LIMIT $1", limit)
}
