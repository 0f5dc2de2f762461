package server

import (
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// markEffects names the cursor in the store: the instant up to which it is in the
	// audit trail what took effect.
	markEffects = "effects"
	// effectName is what the audit trail calls it.
	effectName = "version.effective"
	// effectsFor is how long one node has to write it down before another may.
	effectsFor = time.Minute
)

// errElsewhere: another node is at it.
var errElsewhere = errors.New("another node is at it")

// tellEffects writes into the audit trail, once for all nodes and in order, what
// took effect since the cursor, however long no node ran. A node that dies between
// an entry and the cursor leaves both to the next one, which finds the entry.
func (s *Server) tellEffects(ctx context.Context, d due) error {
	cursor, err := s.Notifier.Store.Mark(ctx, markEffects)
	if err != nil {
		return fmt.Errorf("cursor of effects: %w", err)
	}
	after, err := instantOf(cursor)
	if err != nil || !d.passed.After(after) {
		return err
	}
	ok, err := s.Store.Allow(ctx, s.limitKey("effects after "+cursor), s.now(), effectsFor, 1)
	switch {
	case err != nil:
		return err
	case !ok:
		return errElsewhere
	}
	// Another node may have been faster with all of it.
	if again, err := s.Notifier.Store.Mark(ctx, markEffects); err != nil || again != cursor {
		return errors.Join(err, errElsewhere)
	}
	for _, e := range s.calendar.between(after, d.passed) {
		if err := s.tellEffect(ctx, e); err != nil {
			return err
		}
	}
	return s.Notifier.Store.SetMark(ctx, markEffects, d.passed.UTC().Format(time.RFC3339Nano))
}

// instantOf reads a cursor; the first one is before everything.
func instantOf(cursor string) (time.Time, error) {
	if cursor == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339Nano, cursor)
	if err != nil {
		err = fmt.Errorf("cursor of effects: %w", err)
	}
	return at, err
}

func (s *Server) tellEffect(ctx context.Context, e effect) error {
	entry := AuditEntry{
		At: time.Now().UTC(), By: "clock", What: effectName, On: fmt.Sprintf("%s/%d", e.Document, e.Version),
		More: map[string]string{"effective": e.At.UTC().Format(time.RFC3339Nano)},
	}
	told, err := s.told(ctx, entry)
	if err != nil || told {
		return err
	}
	s.Log.Info("a version took effect", "document", e.Document, "version", e.Version, "effective", e.At, "late", entry.At.Sub(e.At).Round(time.Millisecond))
	return s.Store.Audit(ctx, entry)
}

// auditBatch is how many entries are asked for at once.
const auditBatch = 200

// told tells whether the trail has such an entry. Those that could be it were
// written after the instant.
func (s *Server) told(ctx context.Context, e AuditEntry) (bool, error) {
	since, err := instantOf(e.More["effective"])
	for before := int64(0); err == nil; {
		var some []AuditEntry
		some, err = s.Store.Audits(ctx, before, auditBatch)
		for _, one := range some {
			if one.At.Before(since) {
				return false, nil
			}
			if one.What == effectName && one.On == e.On && one.More["effective"] == e.More["effective"] {
				return true, nil
			}
			before = one.ID
		}
		if len(some) == 0 {
			break
		}
	}
	return false, err
}
