package documents

import (
	"context"
	"fmt"
	"time"
)

// scene is what a decision about a document rests on. seen is read before
// everything else, so whatever came in between makes the append a conflict.
type scene struct {
	doc      Document
	rules    Rules
	seen     Seq
	timeline Timeline
	last     *Version // with texts; nil before the first
	now      time.Time
}

func (l *Library) scene(ctx context.Context, document string) (s scene, err error) {
	if s.seen, err = l.Last(ctx, document); err != nil {
		return s, err
	}
	if s.doc, err = l.Document(ctx, document); err != nil {
		return s, err
	}
	if s.rules, err = l.Rules(ctx); err != nil {
		return s, fmt.Errorf("rules: %w", err)
	}
	if s.timeline, err = l.Timeline(ctx, document, time.Time{}); err != nil {
		return s, err
	}
	s.now = time.Now().UTC().Truncate(time.Microsecond)
	if n := len(s.timeline.Versions); n > 0 {
		v, err := l.Version(ctx, document, n)
		if err != nil {
			return s, err
		}
		s.last = &v
	}
	return s, nil
}

// first tells whether the next version makes no notice because there is none
// before it.
func (s scene) first() bool { return s.last == nil }

func (s scene) next() int { return len(s.timeline.Versions) + 1 }
