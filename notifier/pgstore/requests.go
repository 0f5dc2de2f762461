package pgstore

import (
	"context"
	"errors"

	"vestnik/notifier"
)

var errLater = errors.New("not built")

// Act implements notifier.Store.
func (s *Store) Act(ctx context.Context, a notifier.Act) (notifier.Request, error) {
	return notifier.Request{}, errLater
}

// Request implements notifier.Store.
func (s *Store) Request(ctx context.Context, id int64) (notifier.Request, error) {
	return notifier.Request{}, errLater
}

// RequestCoded implements notifier.Store.
func (s *Store) RequestCoded(ctx context.Context, code string) (notifier.Request, error) {
	return notifier.Request{}, errLater
}

// Requests implements notifier.Store.
func (s *Store) Requests(ctx context.Context, q notifier.RequestQuery) ([]notifier.Request, error) {
	return nil, errLater
}

// Erasures implements notifier.Store.
func (s *Store) Erasures(ctx context.Context, after int64, limit int) ([]notifier.Request, error) {
	return nil, errLater
}
