package notifier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"time"

	"vestnik/documents"
)

// Names of marks in the store.
const (
	markHeld = "held" // a catalogue key: why sending is held as a whole; "" or none: it is not
	markURL  = "url"  // of the last run
	markNode = "node" // the machine of the last run
	// markCleared is the origin of a rehearsal's log that is followed no more: it is
	// about to give way to the real one.
	markCleared = "cleared"
)

// Why sending is held, and why a notice is stopped or cancelled: catalogue keys.
const (
	heldRestored = "held-restored"
	heldMoved    = "held-moved"
	whyWithdrawn = "why-withdrawn"
	whyBy        = "why-by"
	whyCancelled = "why-cancelled"
)

// notice notices that an installation is not where it was at its last run: a
// copy must not mail anybody before an administrator says so. Neither a
// rehearsal nor a demo mails anybody outside.
func (n *Notifier) notice(ctx context.Context) error {
	set, err := n.Settings(ctx)
	if err != nil {
		return err
	}
	elsewhere := false
	marks := map[string]string{markURL: lasting(set.URL), markNode: n.Machine}
	for name, is := range marks {
		was, err := n.Store.Mark(ctx, name)
		if err != nil {
			return err
		}
		if is == "" || is == was {
			delete(marks, name)
			continue
		}
		elsewhere = elsewhere || was != ""
	}
	// The hold first: a stop before the marks are set must not forget it.
	if elsewhere && !set.Rehearsal && !set.Demo {
		n.Log.Warn("sending is held: the URL or the machine differs from the last run")
		if err := n.Store.SetMark(ctx, markHeld, heldMoved); err != nil {
			return err
		}
	}
	for name, is := range marks {
		if err := n.Store.SetMark(ctx, name, is); err != nil {
			return err
		}
	}
	return nil
}

// HoldRestored holds the sending of a store that was restored from a backup: what
// happened since the backup is not known here.
func HoldRestored(ctx context.Context, s Store) error { return s.SetMark(ctx, markHeld, heldRestored) }

// lasting is a URL that somebody chose, or "" for one that only follows from
// where a process listens.
func lasting(root string) string {
	u, err := url.Parse(root)
	if err != nil || u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1" {
		return ""
	}
	return root
}

// Held reports why sending is held as a whole (restored store, other URL, other
// machine), as a sentence in the organisation's language, or "".
func (n *Notifier) Held(ctx context.Context) (string, error) {
	key, err := n.Store.Mark(ctx, markHeld)
	return n.sentence(ctx, key), err
}

// Release ends it: "go-on", "in-doubt" (treat what is open as in doubt), or
// "close" (nobody else is told).
func (n *Notifier) Release(ctx context.Context, choice string, by documents.Actor) error {
	if !slices.Contains([]string{"go-on", "in-doubt", "close"}, choice) {
		return documents.Invalid("choice", "release-choice", "choose go-on, in-doubt or close")
	}
	held, err := n.Store.Mark(ctx, markHeld)
	if err != nil {
		return err
	}
	if held == "" {
		return documents.Invalid("choice", "release-not-held", "sending is not held: stop or cancel a notice instead")
	}
	// What is counted only later would be sent as if nobody had chosen.
	for worked := true; worked; {
		worked, err = n.step(ctx)
		if errors.Is(err, documents.ErrConflict) && ctx.Err() == nil { // another node does the same
			rest(ctx, nil, spread(sweepRest))
			worked, err = true, nil
		}
		if err != nil {
			return fmt.Errorf("release: %w", err)
		}
	}
	all, err := n.notices(ctx)
	if err != nil {
		return err
	}
	for _, x := range all {
		if err := n.release(ctx, x, choice); err != nil {
			return fmt.Errorf("release notice %d: %w", x.Seq, err)
		}
	}
	n.Log.Info("sending released", slog.String("choice", choice), slog.String("by", by.Name))
	defer n.wake()
	return n.Store.SetMark(ctx, markHeld, "")
}

func (n *Notifier) release(ctx context.Context, x Notice, choice string) (err error) {
	switch choice {
	case "in-doubt":
		_, err = n.sweep(ctx, x.Seq, func(d Delivery) (Delivery, bool) {
			next := moved(d, InDoubt, heldRestored)
			next.Doubts = max(next.Doubts, 1)
			next.Next = now().Add(doubtWait)
			return next, true
		}, Waiting, Deferred)
	case "close":
		_, err = n.sweep(ctx, x.Seq, func(d Delivery) (Delivery, bool) { return moved(d, Excluded, ReasonClosed), true }, Waiting, Deferred)
		if err == nil && x.Closing == nil {
			_, err = n.change(ctx, x.Seq, cancel)
		}
	}
	return err
}

// Clear deletes all recipients, notices, deliveries and letters, and sets the
// cursor to 0: the end of a rehearsal. From then on no node follows the log until
// one of another origin is in its place.
func (n *Notifier) Clear(ctx context.Context, by documents.Actor) error {
	first, err := n.Library.Events(ctx, "", 0, 1)
	if err == nil && len(first) > 0 {
		err = n.Store.SetMark(ctx, markCleared, first[0].Origin)
	}
	if err != nil {
		return fmt.Errorf("clear: %w", err)
	}
	n.Log.Info("recipients and notices cleared", slog.String("by", by.Name))
	defer n.wake()
	return n.Store.Clear(ctx)
}

// Status is for /readyz and metrics.
type Status struct {
	Behind  int64 // events not yet followed
	Open    int64
	InDoubt int64
	Letters int64
	Relay   string // "" or what is wrong with the relay
	Failed  error  // what went wrong here in the last minute, other than the relay; it is tried again
}

type failure struct {
	at  time.Time
	err error
}

// failedFor is how long a failure is spoken of. What lasts fails every second.
const failedFor = time.Minute

func (n *Notifier) note(err error) {
	if !errors.Is(err, errRelay) {
		n.failed.Store(&failure{time.Now(), err})
	}
}

// Status says how far the notifier is.
func (n *Notifier) Status(ctx context.Context) (Status, error) {
	cursor, err := n.Store.Cursor(ctx)
	if err != nil {
		return Status{}, err
	}
	last, err := n.Library.Last(ctx, "")
	if err != nil {
		return Status{}, err
	}
	o, err := n.Store.Owed(ctx)
	if err != nil {
		return Status{}, err
	}
	s := Status{Behind: int64(last - cursor), Open: o.Open, InDoubt: o.InDoubt, Letters: o.Letters}
	if set, err := n.Settings(ctx); err == nil {
		s.Relay = n.breakers.of(relayFor(set)).trouble()
		if relayFor(set) == "" && o.Open > 0 {
			s.Relay = "this process was started without -smtp and tells nobody"
		}
	}
	if f := n.failed.Load(); f != nil && time.Since(f.at) < failedFor {
		s.Failed = f.err
	}
	return s, nil
}

// Reach is what a publisher sees of an audience before publishing.
type Reach struct {
	Due        int64            `json:"due"`
	Languages  map[string]int64 `json:"languages"` // as the mail would have it: ru, kk+ru
	Excluded   map[string]int64 `json:"excluded"`  // by reason
	LastImport time.Time        `json:"last_import"`
	Estimate   time.Duration    `json:"-"`
}
