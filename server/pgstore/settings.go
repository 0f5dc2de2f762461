package pgstore

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"vestnik/documents"
	"vestnik/documents/postgres"
	"vestnik/server"
)

const settingsKind = "server/settings"

func (s *Store) Settings(ctx context.Context) (map[string]string, int, error) {
	var record []byte
	err := s.db.Row(ctx, "SELECT record FROM server_settings", nil, &record)
	if errors.Is(err, documents.ErrNotFound) {
		return map[string]string{}, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	stored, err := unseal[server.StoredSettings](settingsKind, "", record)
	return stored.Values, stored.Revision, err
}

func (s *Store) PutSettings(ctx context.Context, values map[string]string, revision int) error {
	return s.db.Tx(ctx, func(tx pgx.Tx) error {
		return putSettings(ctx, tx, server.StoredSettings{Values: values, Revision: revision + 1})
	})
}

// putSettings replaces the revision before.
func putSettings(ctx context.Context, tx pgx.Tx, stored server.StoredSettings) error {
	args := []any{stored.Revision, seal(settingsKind, "", stored)}
	if stored.Revision == 1 {
		return postgres.Must(ctx, tx, documents.ErrConflict, "INSERT INTO server_settings (revision, record) VALUES ($1, $2) ON CONFLICT DO NOTHING", args...)
	}
	return postgres.Must(ctx, tx, documents.ErrConflict, "UPDATE server_settings SET revision = $1, record = $2 WHERE revision = $1 - 1", args...)
}

func (s *Store) Office(ctx context.Context) (out server.Office, err error) {
	var settings []byte
	var ids, records [][]byte
	err = s.db.Row(ctx, `SELECT roster.revision, settings.record,
			ARRAY(SELECT id FROM server_staff ORDER BY id), ARRAY(SELECT record FROM server_staff ORDER BY id)
		FROM server_roster AS roster LEFT JOIN server_settings AS settings ON true`, nil, &out.Roster, &settings, &ids, &records)
	if err != nil {
		return out, err
	}
	out.Settings = server.StoredSettings{Values: map[string]string{}}
	if settings != nil {
		if out.Settings, err = unseal[server.StoredSettings](settingsKind, "", settings); err != nil {
			return out, err
		}
	}
	for i, id := range ids {
		one, err := unseal[server.Staff](staffKind, string(id), records[i])
		if err != nil {
			return out, err
		}
		out.Staff = append(out.Staff, one)
	}
	return out, nil
}
