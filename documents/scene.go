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
	last     *Version // that the next one continues, with texts; nil before the first
	gone     *Version // the very last, if it was withdrawn and another is continued
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
	if s.last, err = l.versionOrNil(ctx, document, s.continued()); err != nil {
		return s, err
	}
	if n := len(s.timeline.Versions); n > s.continued() {
		s.gone, err = l.versionOrNil(ctx, document, n)
	}
	return s, err
}

// versionOrNil reads a version; there is none with number 0.
func (l *Library) versionOrNil(ctx context.Context, document string, number int) (*Version, error) {
	if number == 0 {
		return nil, nil
	}
	v, err := l.Version(ctx, document, number)
	return &v, err
}

// continued is the number of the last version that was not withdrawn: what a
// withdrawn one dropped was in force all the time, and keeps its links. Where all
// were withdrawn it is the last, and 0 before the first.
func (s scene) continued() int {
	for i := len(s.timeline.Versions) - 1; i >= 0; i-- {
		if v := s.timeline.Versions[i]; !v.Withdrawn {
			return v.Number
		}
	}
	return len(s.timeline.Versions)
}

// first tells whether the next version makes no notice because there is none
// before it.
func (s scene) first() bool { return s.last == nil }

func (s scene) next() int { return len(s.timeline.Versions) + 1 }
