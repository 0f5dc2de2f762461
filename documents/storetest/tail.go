package storetest

import (
	"context"
	"sync"
	"time"

	"vestnik/documents"
)

const writers, each = 16, 25

// write lets 16 writers append, each to a document of its own.
func (s suite) write(all *sync.WaitGroup) {
	for w := range writers {
		all.Go(func() {
			for n := 1; n <= each; n++ {
				if _, err := s.handle(w).Append(s.bg(), batch(version(string(rune('a'+w)), n))); err != nil {
					s.Error(err)
					return
				}
			}
		})
	}
}

// tailNeverSkips lets the writers race a reader that tails as the notifier does.
func tailNeverSkips(s suite) {
	var all sync.WaitGroup
	defer all.Wait()
	s.write(&all)
	ctx, stop := context.WithTimeout(s.bg(), time.Minute)
	defer stop()
	for after := documents.Seq(0); after < writers*each; {
		if err := s.other.Wait(ctx, after); err != nil {
			s.Errorf("after %d: %v", after, err)
			return
		}
		events, err := s.other.Events(ctx, "", after, 7)
		if err != nil || len(events) == 0 {
			s.Errorf("after %d: %d events, %v", after, len(events), err)
			return
		}
		for _, e := range events {
			if after++; e.Seq != after {
				s.Errorf("got event %d where %d should be", e.Seq, after)
				return
			}
		}
	}
}

// pagesNeverSkip reads events and versions page by page while 16 writers add to
// the same few documents.
func pagesNeverSkip(s suite) {
	ctx, ended := context.WithCancel(s.bg())
	var writing, reading sync.WaitGroup
	subjects := []string{"a", "ab", "b", ""}
	for w := range writers {
		writing.Go(func() {
			for range each {
				if _, err := s.handle(w/4).Append(s.bg(), about("novelty", subjects[w%4], 0)); err != nil {
					s.Error(err)
					return
				}
			}
		})
	}
	s.write(&writing)
	for _, document := range subjects {
		reading.Go(func() { s.pageEvents(ctx, document) })
	}
	reading.Go(func() { s.pageVersions("a") })
	writing.Wait()
	ended()
	reading.Wait()
}

// pageEvents reads until the writers have ended, and expects to have seen each
// event once, in order.
func (s suite) pageEvents(writing context.Context, document string) {
	var seen []documents.Event
	var after, top documents.Seq
	for ended := false; ; {
		page, err := s.other.Events(s.bg(), document, after, 3)
		if err != nil {
			s.Error(err)
			return
		}
		if seen = append(seen, page...); len(page) > 0 {
			after = page[len(page)-1].Seq
			continue
		}
		if ended {
			break
		}
		ended = s.other.Wait(writing, top) != nil
		if top, err = s.other.Last(s.bg(), ""); err != nil {
			s.Error(err)
			return
		}
	}
	all, err := s.store.Events(s.bg(), document, 0, 10*writers*each)
	if err != nil || len(all) < 4*each {
		s.Errorf("%q: %d events, %v", document, len(all), err)
	}
	s.equal(seqs(seen), seqs(all))
}

func (s suite) pageVersions(document string) {
	ctx, stop := context.WithTimeout(s.bg(), time.Minute)
	defer stop()
	for number := 0; number < each && !s.Failed(); {
		versions, err := s.other.Versions(ctx, document, number, 3)
		if err != nil {
			s.Error(err)
			return
		}
		for _, v := range versions {
			if number++; v.Number != number || v.Document != document {
				s.Errorf("got %s version %d where %d should be", v.Document, v.Number, number)
			}
		}
	}
}
