package main

import (
	"context"
	"errors"
	"fmt"

	"vestnik/documents"
	"vestnik/documents/translog"
	"vestnik/notifier"
)

// guarded is what the library writes to. A shared database may go back in time
// while we run: it is restored to an earlier hour, or a standby takes over that
// lacks the last commits. Then this node appends nothing more, because the numbers
// of the lost events would be given to others.
func (in *installation) guarded() documents.Store {
	if in.stores.shared == nil {
		return in.stores.documents
	}
	return guarded{in.stores.documents, in.tree}
}

type guarded struct {
	documents.Store
	tree *translog.Log
}

func (g guarded) Append(ctx context.Context, b documents.Batch) ([]documents.Event, error) {
	_, err := g.tree.Size(ctx)
	switch {
	case errors.Is(err, translog.ErrRollback), errors.Is(err, errForeignLog):
		return nil, documents.Invalid("", "log-back", "The log in the database is not what it was, so nothing is published: start Vestnik again, which says what to do.")
	case err != nil:
		return nil, err
	}
	return g.Store.Append(ctx, b)
}

func rolledBack(err error) error {
	return unsound{fmt.Errorf("%w. Restore the newest backup, or go on with `vestnik serve -accept-rollback REASON`, which the public log will show", err)}
}

// tellRollback says publicly what the log lost, once: of several nodes each has to
// accept it. What happened to the ledger since is not known, as after a restore.
func (in *installation) tellRollback(ctx context.Context, back *translog.RollbackError, reason string) error {
	first := documents.Seq(back.Have + 1)
	last := max(first, documents.Seq(back.Had))
	if in.stores.shared != nil {
		told, err := in.told(ctx, documents.Seq(back.Had))
		if err != nil || told {
			return err
		}
		if err := notifier.HoldRestored(ctx, in.stores.notifier); err != nil {
			return err
		}
	}
	_, err := in.library.Restore(ctx, first, last, reason, local)
	return err
}

// told tells whether the log says that it lost the events up to had.
func (in *installation) told(ctx context.Context, had documents.Seq) (bool, error) {
	for after := documents.Seq(0); had > 0; {
		events, err := in.stores.documents.Events(ctx, "", after, 500)
		if err != nil || len(events) == 0 {
			return false, err
		}
		for _, e := range events {
			if after = e.Seq; e.Kind == documents.Restored && e.LostLast >= had {
				return true, nil
			}
		}
	}
	return false, nil
}
