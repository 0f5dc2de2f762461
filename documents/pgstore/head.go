package pgstore

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"vestnik/documents"
)

// head is the end of the log.
type head struct {
	seq    documents.Seq
	time   *time.Time // of the last event; nil before the first
	origin string
}

// lockHead waits for whoever appends. Until the commit nobody else does.
func lockHead(ctx context.Context, tx pgx.Tx) (h head, err error) {
	err = tx.QueryRow(ctx, "SELECT seq, time, origin FROM log_head FOR UPDATE").Scan(&h.seq, &h.time, &h.origin)
	return h, err
}

// before is the time of the last event.
func (h head) before() time.Time {
	if h.time == nil {
		return time.Time{}
	}
	return *h.time
}

// after is the head once e was appended.
func (h head) after(e documents.Event) head { return head{e.Seq, &e.Time, e.Origin} }

func (h head) store(w *rows) {
	w.Add("UPDATE log_head SET seq = $1, time = $2, origin = $3", h.seq, h.time, h.origin)
}
