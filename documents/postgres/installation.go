package postgres

import (
	"context"

	"vestnik/documents"
)

// Installation says whose database this is: the verifier key of its log, and a
// fingerprint of the key that tokens are made with. Every node has the same keys.
type Installation struct{ LogKey, Tokens string }

// Installation returns what Claim stored, or documents.ErrNotFound.
func (db *DB) Installation(ctx context.Context) (i Installation, err error) {
	err = db.Row(ctx, "SELECT log_key, tokens FROM installation", nil, &i.LogKey, &i.Tokens)
	return i, err
}

// Claim makes i the installation if was (zero: none) is what is stored; otherwise
// it is documents.ErrConflict.
func (db *DB) Claim(ctx context.Context, was, i Installation) error {
	query, args := "INSERT INTO installation (log_key, tokens) VALUES ($1, $2) ON CONFLICT DO NOTHING", []any{i.LogKey, i.Tokens}
	if was != (Installation{}) {
		query, args = "UPDATE installation SET log_key = $1, tokens = $2 WHERE (log_key, tokens) = ($3, $4)", append(args, was.LogKey, was.Tokens)
	}
	n, err := db.Exec(ctx, query, args...)
	if err == nil && n == 0 {
		return documents.ErrConflict
	}
	return err
}
