package main

import (
	"context"
	"errors"

	"vestnik/documents"
	"vestnik/documents/postgres"
	"vestnik/notifier"
	"vestnik/server"
)

// errLocked: another process works in the folder, and most likely serves it.
var errLocked = errors.New("another process serves this folder")

// unsound: what the folder holds contradicts itself or the signed log. It is a
// fault that a check has found, and a trouble to everyone else.
type unsound struct{ error }

func (u unsound) Unwrap() error { return u.error }

// stores are the three rooms' engines over one database.
type stores struct {
	documents documents.Store
	notifier  notifier.Store
	server    server.Store

	name   string       // of what holds the data, in messages
	shared *postgres.DB // nil: the data are in bbolt, and this process's alone
	close  func() error
}

// openFor opens the stores of an installation in d, and makes one if create is
// set. Until they are closed no other process works in the folder; it returns
// errLocked if one does.
func openFor(ctx context.Context, d folder, create bool, o options) (*stores, error) {
	if o.store.shared() {
		return openShared(ctx, d, create, o)
	}
	return openOwn(ctx, d, create, o)
}
