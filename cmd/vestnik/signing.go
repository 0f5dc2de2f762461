package main

import (
	"context"
	"errors"
	"time"

	"vestnik/documents"
	"vestnik/documents/translog"
)

// startSigning signs each event soon after it was appended, whether anyone asks
// for a checkpoint or not: what is signed in state/ cannot be changed unnoticed.
// It stops after all that append.
func (sv *service) startSigning(ctx context.Context) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	sv.run("signing", func() error {
		defer close(done)
		for ctx.Err() == nil {
			if err := sv.signNext(ctx); err != nil && ctx.Err() == nil {
				sv.unsigned(ctx, err)
			}
		}
		return sv.signAppended()
	})
	sv.stop = append(sv.stop, func() { cancel(); <-done })
}

// unsigned says what is wrong with the log and rests. From a log that is not ours,
// or not what it was, nobody is told anything more: the ledger beside it is not what
// it was either. Pages stay, and /readyz says no.
func (sv *service) unsigned(ctx context.Context, err error) {
	sv.log.Error("events are not signed", "err", err)
	if sv.sending.Err() == nil && (errors.Is(err, translog.ErrRollback) || errors.Is(err, errForeignLog)) {
		sv.log.Error("this process sends and publishes nothing more until it is started again")
		sv.halt()
	}
	select {
	case <-ctx.Done():
	case <-time.After(signingPause):
	}
}

// signingPause is how long signing rests when the store or the disk refuses, and
// how long it waits at most: at opening the log becomes shorter than it was.
const signingPause = 10 * time.Second

func (sv *service) signNext(ctx context.Context) error {
	if err := sv.signAppended(); err != nil {
		return err
	}
	pause := signingPause
	if sv.stores.shared != nil {
		pause = time.Second // another node may end the rehearsal, and a database go back
	}
	wait, cancel := context.WithTimeout(ctx, pause)
	defer cancel()
	if err := sv.stores.documents.Wait(wait, documents.Seq(sv.found.Load())); err != nil && wait.Err() == nil {
		return err
	}
	return nil
}

// signAppended signs what was appended since this was opened, or signed.
func (in *installation) signAppended() error {
	in.opening.RLock()
	defer in.opening.RUnlock()
	ctx := context.Background()
	size, err := in.tree.Size(ctx)
	if err == nil && size != in.found.Load() {
		if _, err = in.tree.Checkpoint(ctx); err == nil {
			in.found.Store(size)
		}
	}
	return err
}
