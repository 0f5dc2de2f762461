// Package pgstore keeps a notifier.Store in PostgreSQL.
package pgstore

import (
	"embed"
	"io/fs"

	"vestnik/documents/postgres"
	"vestnik/notifier"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Room is what this room keeps in the database.
func Room() postgres.Room {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return postgres.Room{Name: "notifier", Migrations: sub}
}

// Store is a notifier.Store.
type Store struct {
	notifier.Store
	db *postgres.DB
}

var _ notifier.Store = (*Store)(nil)

// New makes a Store in db, which is migrated, and stays the caller's to close.
func New(db *postgres.DB) *Store { return &Store{db: db} }
