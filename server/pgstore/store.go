// Package pgstore keeps a server.Store in PostgreSQL.
package pgstore

import (
	"embed"
	"io/fs"

	"vestnik/documents/postgres"
	"vestnik/server"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Room is what this room keeps in the database.
func Room() postgres.Room {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return postgres.Room{Name: "server", Migrations: sub}
}

// Store is a server.Store.
type Store struct {
	server.Store
	db *postgres.DB
}

var _ server.Store = (*Store)(nil)

// New makes a Store in db, which is migrated, and stays the caller's to close.
func New(db *postgres.DB) *Store { return &Store{db: db} }
