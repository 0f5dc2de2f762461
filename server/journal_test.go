package server

import (
	"bytes"
	"log/slog"
	"regexp"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// Lines of requests have the form of all others, go out in their turn, and soon,
// and before the end.
func TestJournal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out, want bytes.Buffer
		j := NewJournal(&out)
		log := slog.New(slog.NewTextHandler(j, nil))
		began := time.Now()
		ask := func() {
			time.Sleep(7 * time.Millisecond)
			j.request(served{"ABC", "WEIRD", `"GET /{document}"`, 200, 70}, time.Now(), time.Since(began))
			slog.New(slog.NewTextHandler(&want, nil)).Info("request", "request", "ABC", "method", "other", "route", "GET /{document}", "status", 200, "bytes", 70, "ms", time.Since(began).Milliseconds())
		}
		ask()
		ask()
		j.mu.Lock()
		if out.Len() > 0 {
			t.Errorf("it does not wait: %s", &out)
		}
		j.mu.Unlock()
		time.Sleep(heldFor)
		synctest.Wait()
		if out.String() != want.String() {
			t.Fatalf("the lines are\n%snot\n%s", &out, &want)
		}
		ask()
		log.Error("then")
		ask()
		j.Flush()
		if order := regexp.MustCompile(`msg=\w+`).FindAllString(out.String(), -1); !slices.Equal(order, []string{"msg=request", "msg=request", "msg=request", "msg=then", "msg=request"}) {
			t.Errorf("the order is %q", order)
		}
	})
}

// However many come at once, what is held is bounded.
func TestJournalIsBounded(t *testing.T) {
	var out bytes.Buffer
	j := NewJournal(&out)
	for range 10_000 {
		j.request(served{id: "A", route: `"none"`}, time.Now(), 0)
	}
	if len(j.held) > heldMost+200 || out.Len() < 10_000*50 {
		t.Errorf("%d bytes are held, %d are out", len(j.held), out.Len())
	}
	j.Flush()
	if n := bytes.Count(out.Bytes(), []byte("\n")); n != 10_000 {
		t.Errorf("%d lines", n)
	}
}
