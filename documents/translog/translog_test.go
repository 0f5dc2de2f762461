package translog_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"vestnik/documents/translog"
)

const origin = "vestnik.example.kz/log"

// store is a log of events, as an engine keeps it.
type store struct {
	mu     sync.Mutex
	events [][]byte
	page   int // most events in an answer; 0: as many as asked for
}

func (s *store) source(_ context.Context, after int64, limit int) ([][]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.page > 0 {
		limit = min(limit, s.page)
	}
	first := min(after, int64(len(s.events)))
	return s.events[first:min(first+int64(limit), int64(len(s.events)))], nil
}

func (s *store) grow(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for range n {
		seq := len(s.events) + 1
		s.events = append(s.events, event(seq, text(seq)))
	}
}

func text(seq int) []byte {
	return fmt.Appendf(nil, "1. Text number %d.\n\n1.1. It has two clauses.\n", seq)
}

func event(seq int, text []byte) []byte {
	return fmt.Appendf(nil, "vestnik/1\norigin %s\nseq %d\nkind published\ntime 2026-11-22T10:%02d:%02d.000001Z\ndocument privacy\nsource-ru-sha256 %x\n",
		origin, seq, seq/60%60, seq%60, sha256.Sum256(text))
}

func config(t testing.TB, s *store) translog.Config {
	t.Helper()
	private, _, err := translog.GenerateKey(origin)
	if err != nil {
		t.Fatal(err)
	}
	return translog.Config{Source: s.source, Key: private, State: filepath.Join(t.TempDir(), "state", "checkpoint")}
}

func open(t testing.TB, c translog.Config) *translog.Log {
	t.Helper()
	l, err := translog.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func checkpoint(t testing.TB, l *translog.Log) (signed []byte, c translog.Checkpoint) {
	t.Helper()
	signed, err := l.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if c, err = translog.OpenCheckpoint(signed, l.VerifierKey()); err != nil {
		t.Fatal(err)
	}
	return signed, c
}

// root is RFC 6962 section 2.1 written down as it stands there.
func root(events [][]byte) tlog.Hash {
	switch n := len(events); n {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256(append([]byte{0}, events[0]...))
	default:
		k := 1
		for k*2 < n {
			k *= 2
		}
		left, right := root(events[:k]), root(events[k:])
		return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
	}
}

func TestCheckpointGrowsWithTheLog(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := &store{page: rapid.IntRange(2, 300).Draw(r, "page")}
		l := open(t, config(t, s))
		for _, n := range rapid.SliceOfN(rapid.IntRange(0, 300), 1, 4).Draw(r, "growth") {
			s.grow(n)
			signed, c := checkpoint(t, l)
			want := translog.Checkpoint{Origin: origin, Size: int64(len(s.events)), Root: root(s.events)}
			if c != want {
				r.Fatalf("checkpoint %v, want %v", c, want)
			}
			if !bytes.HasPrefix(signed, fmt.Appendf(nil, "%s\n%d\n%s\n\n— %s ", origin, c.Size, c.Root, origin)) {
				r.Fatalf("not in the form of a checkpoint:\n%s", signed)
			}
		}
	})
}

func TestStateIsWrittenBeforeTheCheckpointIsGivenOut(t *testing.T) {
	s := &store{}
	c := config(t, s)
	l := open(t, c)
	for _, n := range []int{0, 1, 1, 0, 5} {
		s.grow(n)
		signed, _ := checkpoint(t, l)
		kept, err := os.ReadFile(c.State)
		if err != nil || !bytes.Equal(kept, signed) {
			t.Fatalf("state %q (%v), want %q", kept, err, signed)
		}
	}
	files, err := filepath.Glob(filepath.Join(filepath.Dir(c.State), "*"))
	if err != nil || len(files) != 1 {
		t.Errorf("beside the state there is more: %v %v", files, err)
	}
	// What cannot be kept is not given out; the one before is still true.
	before, _ := checkpoint(t, l)
	s.grow(1)
	if err := os.RemoveAll(filepath.Dir(c.State)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Dir(c.State), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if signed, err := l.Checkpoint(t.Context()); err == nil || !bytes.Equal(signed, before) {
		t.Errorf("without a state: %q, %v", signed, err)
	}
	old, err := l.Prove(t.Context(), 7, nil)
	if err == nil {
		_, err = translog.VerifyProof(old, l.VerifierKey())
	}
	if err != nil {
		t.Errorf("an event that was signed before: %v", err)
	}
	if _, err := l.Prove(t.Context(), 8, nil); err == nil {
		t.Error("an event was proved that no kept checkpoint covers")
	}
}

func TestSameKeySameCheckpoint(t *testing.T) {
	s := &store{}
	s.grow(7)
	c := config(t, s)
	first, _ := checkpoint(t, open(t, c))
	again, _ := checkpoint(t, open(t, c))
	if !bytes.Equal(first, again) {
		t.Errorf("got\n%s, then\n%s", first, again)
	}
}

func TestRefusedEvents(t *testing.T) {
	for name, events := range map[string][][]byte{
		"gap":     {event(1, nil), event(3, nil)},
		"no seq":  {[]byte("vestnik/1\n")},
		"too big": {append(event(1, nil), make([]byte, 70_000)...)},
	} {
		if _, err := translog.Open(t.Context(), config(t, &store{events: events})); err == nil {
			t.Errorf("%s: taken in", name)
		}
	}
}

func TestReset(t *testing.T) {
	rehearsal, lasting := &store{}, &store{}
	rehearsal.grow(9)
	lasting.grow(2)
	l := open(t, config(t, rehearsal))
	checkpoint(t, l)
	key := l.VerifierKey()
	bad := config(t, lasting)
	bad.Key = "no key"
	if err := l.Reset(t.Context(), bad); err == nil || l.VerifierKey() != key {
		t.Errorf("a reset that failed changed the log: %v", err)
	}
	if err := l.Reset(t.Context(), config(t, lasting)); err != nil {
		t.Fatal(err)
	}
	if _, c := checkpoint(t, l); c.Size != 2 || l.VerifierKey() == key {
		t.Errorf("size %d after the reset, key %s", c.Size, l.VerifierKey())
	}
}

func TestGenerateKeyRefusesOrigins(t *testing.T) {
	for _, bad := range []string{"", "a b", "a+b", "a\nb"} {
		if _, _, err := translog.GenerateKey(bad); err == nil {
			t.Errorf("origin %q was taken", bad)
		}
	}
}

func TestUseFromManyGoroutines(t *testing.T) {
	s := &store{}
	l := open(t, config(t, s))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				s.grow(3)
				signed, err := l.Checkpoint(context.Background())
				if err == nil {
					_, err = translog.OpenCheckpoint(signed, l.VerifierKey())
				}
				if err == nil {
					_, _, err = l.Tile(context.Background(), "tile/entries/000.p/3")
				}
				if err == nil {
					_, err = l.Prove(context.Background(), 3, nil)
				}
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if _, c := checkpoint(t, l); c.Size != 240 || c.Root != root(s.events) {
		t.Errorf("after all: %v", c)
	}
}

var errRead = errors.New("the disk is gone")

func TestSourceFails(t *testing.T) {
	c := config(t, &store{})
	c.Source = func(context.Context, int64, int) ([][]byte, error) { return nil, errRead }
	if _, err := translog.Open(t.Context(), c); !errors.Is(err, errRead) {
		t.Errorf("got %v", err)
	}
}

// TestWaitingEndsWithTheContext has a store that hangs: what is known is still
// read, and nobody waits longer than they wanted to.
func TestWaitingEndsWithTheContext(t *testing.T) {
	s := &store{}
	s.grow(3)
	c := config(t, s)
	hang, hangs := make(chan struct{}), make(chan struct{})
	blocked := false
	c.Source = func(ctx context.Context, after int64, limit int) ([][]byte, error) {
		if blocked {
			close(hangs)
			<-hang
		}
		return s.source(ctx, after, limit)
	}
	l := open(t, c)
	blocked = true
	done := make(chan error)
	go func() {
		_, err := l.Checkpoint(context.Background())
		done <- err
	}()
	<-hangs
	if _, _, err := l.Tile(t.Context(), "tile/0/000.p/3"); err != nil || l.Origin() != origin || l.VerifierKey() == "" {
		t.Errorf("what is known cannot be read: %v", err)
	}
	short, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Checkpoint(short); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	blocked = false
	close(hang)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func BenchmarkOpen10000(b *testing.B) {
	s := &store{}
	s.grow(10_000)
	c := config(b, s)
	for b.Loop() {
		if _, err := translog.Open(b.Context(), c); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheckpointUnchanged(b *testing.B) {
	s := &store{}
	s.grow(1000)
	l := open(b, config(b, s))
	for b.Loop() {
		if _, err := l.Checkpoint(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkProve(b *testing.B) {
	s := &store{}
	s.grow(10_000)
	l := open(b, config(b, s))
	for b.Loop() {
		prove(b, l, 4321)
	}
}
