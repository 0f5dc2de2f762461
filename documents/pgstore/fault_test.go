package pgstore_test

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"vestnik/documents"
	"vestnik/documents/postgres/postgrestest"
	"vestnik/documents/value"
)

func schemaOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get("search_path")
}

// sample puts something of everything into s.
func sample(t *testing.T, s documents.Store) {
	t.Helper()
	b, d := of("example.kz/log/rehearsal", first("a")), documents.Document{ID: "a", Titles: map[string]string{"ru": "T"}, Revision: 1}
	b.Document = &d
	if _, err := s.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveDraft(t.Context(), documents.Draft{Document: "a", Revision: 1, Texts: []documents.DraftText{{Lang: "ru", Source: "Text."}}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Approve(t.Context(), documents.Approval{Document: "a", Revision: 1}); err != nil {
		t.Fatal(err)
	}
}

// Each read of a value with one flipped bit must say that it is damaged.
func TestDamagedValueIsRecognised(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	owner, _ := migrated(t, c)
	s, conn := store(t, owner.URL), connect(t, owner.URL)
	sample(t, s)
	reads := map[[2]string]func() error{
		{"documents", "record"}:          func() error { _, err := s.Document(t.Context(), "a"); return err },
		{"drafts", "record"}:             func() error { _, err := s.Draft(t.Context(), "a", 1); return err },
		{"drafts", "standing"}:           func() error { _, err := s.Draft(t.Context(), "a", 0); return err },
		{"draft_texts", "source"}:        func() error { _, err := s.Draft(t.Context(), "a", 1); return err },
		{"approvals", "record"}:          func() error { _, err := s.Approvals(t.Context(), "a", 1); return err },
		{"versions", "record"}:           func() error { _, err := s.Versions(t.Context(), "a", 0, 1); return err },
		{"texts", "source"}:              func() error { _, err := s.Version(t.Context(), "a", 1); return err },
		{"texts", "clauses"}:             func() error { _, err := s.Version(t.Context(), "a", 1); return err },
		{"texts", "trace"}:               func() error { _, err := s.Traces(t.Context(), "a", "ru", 0, 1); return err },
		{"events", "record"}:             func() error { _, err := s.Events(t.Context(), "a", 0, 1); return err },
		{"publication_audits", "record"}: func() error { _, err := s.Audit(t.Context(), 1); return err },
		{"publication_keys", "record"}:   func() error { _, err := s.Used(t.Context(), "key"); return err },
	}
	for at, read := range reads {
		for _, want := range []error{value.ErrDamaged, nil} {
			flip := "UPDATE " + at[0] + " SET " + at[1] + " = set_bit(" + at[1] + ", 20, 1 - get_bit(" + at[1] + ", 20))"
			if _, err := conn.Exec(t.Context(), flip); err != nil {
				t.Fatal(err)
			}
			if err := read(); !errors.Is(err, want) {
				t.Errorf("%v: got %v, want %v", at, err, want)
			}
			if at[1] == "trace" {
				continue // no dump has it
			}
			if err := s.Dump(t.Context(), &bytes.Buffer{}); !errors.Is(err, want) {
				t.Errorf("dump with %v: got %v, want %v", at, err, want)
			}
		}
	}
	for _, at := range c.Query(t, `SELECT table_name || ' ' || column_name FROM information_schema.columns
		WHERE table_schema = '`+schemaOf(t, owner.URL)+`' AND data_type = 'bytea' AND column_name <> 'key'`) {
		table, column, _ := strings.Cut(at, " ")
		if reads[[2]string{table, column}] == nil {
			t.Errorf("no read for %s", at)
		}
	}
}

// A trace that an earlier Vestnik did not store, or in another form, is made of the
// text.
func TestMissingTraceIsMade(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	owner, _ := migrated(t, c)
	s, conn := store(t, owner.URL), connect(t, owner.URL)
	sample(t, s)
	want, err := s.Traces(t.Context(), "a", "ru", 0, 9)
	if err != nil || len(want) == 0 {
		t.Fatal(want, err)
	}
	for _, stored := range [][]byte{nil, value.Seal([]byte("trace/a/1/ru"), []byte("\xffanother"))} {
		if _, err := conn.Exec(t.Context(), "UPDATE texts SET trace = $1 WHERE number = 1", stored); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Traces(t.Context(), "a", "ru", 0, 9); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, %v", got, err)
		}
	}
}

// A text that is gone, and an event that stands under another document, are
// damage too.
func TestLostTextIsRecognised(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	owner, _ := migrated(t, c)
	s, conn := store(t, owner.URL), connect(t, owner.URL)
	sample(t, s)
	if _, err := conn.Exec(t.Context(), "DELETE FROM texts; DELETE FROM draft_texts; UPDATE events SET document = 'b'"); err != nil {
		t.Fatal(err)
	}
	_, version := s.Version(t.Context(), "a", 1)
	_, draft := s.Draft(t.Context(), "a", 1)
	_, events := s.Events(t.Context(), "b", 0, 1)
	for _, err := range []error{version, draft, events} {
		if !errors.Is(err, value.ErrDamaged) {
			t.Errorf("got %v", err)
		}
	}
}

// A database that is killed is away, for everything; once it runs again the same
// Store goes on, and what was acknowledged is there.
func TestDatabaseKilled(t *testing.T) {
	t.Parallel()
	c := postgrestest.Start(t, postgrestest.Options{Durable: true})
	_, service := migrated(t, c)
	s := store(t, service.URL)
	sample(t, s)
	waiting := make(chan error, 1)
	go func() { waiting <- s.Wait(t.Context(), 1) }()
	for range 2 {
		c.Kill()
		for name, call := range calls(t, s) {
			if err := call(); !errors.Is(err, documents.ErrAway) {
				t.Errorf("%s: got %v, want that the store is away", name, err)
			}
		}
		c.Run()
		if last := eventually(t, s); last != 1 {
			t.Errorf("the log ends at %d", last)
		}
	}
	if _, err := s.Append(t.Context(), documents.Batch{Expect: 1, Entries: []documents.Entry{{Event: documents.Event{Origin: "example.kz/log/rehearsal", Kind: documents.Withdrawn, Document: "a", Version: 1}}}}); err != nil {
		t.Error(err)
	}
	// Who looked between the deaths alone did not notice them.
	if err := <-waiting; err != nil && !errors.Is(err, documents.ErrAway) {
		t.Errorf("whoever waited got %v", err)
	}
}

func calls(t *testing.T, s documents.Store) map[string]func() error {
	ctx := t.Context()
	return map[string]func() error{
		"Append":      func() error { _, err := s.Append(ctx, of("example.kz/log/rehearsal", first("b"))); return err },
		"Restart":     func() error { _, err := s.Restart(ctx, of("example.kz/log", first("b"))); return err },
		"SaveDraft":   func() error { return s.SaveDraft(ctx, documents.Draft{Document: "a", Revision: 2}) },
		"PutDocument": func() error { return s.PutDocument(ctx, documents.Document{ID: "b", Revision: 1}) },
		"Document":    func() error { _, err := s.Document(ctx, "a"); return err },
		"Version":     func() error { _, err := s.Version(ctx, "a", 1); return err },
		"Events":      func() error { _, err := s.Events(ctx, "", 0, 1); return err },
		"Wait":        func() error { return s.Wait(ctx, 1) },
		"Dump":        func() error { return s.Dump(ctx, &bytes.Buffer{}) },
		"Load":        func() error { return s.Load(ctx, &bytes.Buffer{}) },
	}
}

// eventually asks until the store answers.
func eventually(t *testing.T, s documents.Store) documents.Seq {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	for {
		last, err := s.Last(ctx, "")
		if err == nil {
			return last
		}
		if !errors.Is(err, documents.ErrAway) {
			t.Fatal(err)
		}
	}
}
