package documents_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"vestnik/documents"
	"vestnik/documents/boltstore"
)

// Whatever is altered behind the checksums, in a dump that is loaded again, is
// named.
func TestCheckNamesWhatWasAltered(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	privacy(t, l)
	d := draft("Первый.")
	d.Change.Reason = "Because of it."
	publish(t, l, d)
	publish(t, l, draft("Второй."))
	if _, err := l.Correct(t.Context(), "privacy", 2, map[string]documents.Note{"ru": {What: "Исправлено."}}, staff); err != nil {
		t.Fatal(err)
	}
	first, err := l.Event(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	altered := bytes.Replace(first.Bytes, []byte("class notice"), []byte("class editor"), 1)
	var dump bytes.Buffer
	if err := l.Store.Dump(t.Context(), &dump); err != nil {
		t.Fatal(err)
	}
	ids := func(n int) string {
		v, err := l.Version(t.Context(), "privacy", n)
		if err != nil {
			t.Fatal(err)
		}
		return v.Texts[0].Clauses[1].ID
	}
	// Each replaces the first place in the records that begin with kind.
	for _, c := range []struct{ name, kind, old, new, want string }{
		{"nothing", "", "", "", ""},
		{"a text", `{"version"`, "Второй пункт", "Второй пунктик", "The text in ru of version 1"},
		{"a title", `{"version"`, `"Title":"Политика"`, `"Title":"Полтика"`, "The title in ru of version 1"},
		{"a title beside the event", `{"event"`, `"ru":"Политика"`, `"ru":"Полтика"`, "The title in ru beside event 1"},
		{"a clause map", `{"version"`, ids(1), "c-aaaaaaaa", "The clause map in kk of version 1"},
		{"a note of the version", `{"version"`, "Изменён пункт 1.", "Изменён пункт 2.", "The note in ru of version 1"},
		{"a note beside the event", `{"event"`, "Изменён пункт 1.", "Изменён пункт 2.", "The note in ru beside event 1"},
		{"a corrected note", `{"event"`, "Исправлено.", "Испорчено.", "The note in ru beside event 3"},
		{"a reason", `{"event"`, "Because of it.", "Because of me.", "The reason beside event 1"},
		{"a reason of the version", `{"version"`, "Because of it.", "Because of me.", "The reason of version 1"},
		{"a class of the version", `{"version"`, `"Class":"notice"`, `"Class":"editorial"`, "The class of version 1"},
		{"a date of the version", `{"version"`, "Asia/Almaty", "Asia/Aqtau", "The effective of version 1"},
		{"an event", `{"event"`, base64.StdEncoding.EncodeToString(first.Bytes), base64.StdEncoding.EncodeToString(altered), "The class of version 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			other := library(t, &rules)
			if err := other.Store.Load(t.Context(), strings.NewReader(alter(t, dump.String(), c.kind, c.old, c.new))); err != nil {
				t.Fatal(err)
			}
			faults, err := other.Check(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if all := strings.Join(faults, "\n"); c.want == "" && all != "" || !strings.Contains(all, c.want) {
				t.Errorf("got %q, want %q", all, c.want)
			}
		})
	}
}

func alter(t *testing.T, dump, kind, old, new string) string {
	t.Helper()
	if kind == "" {
		return dump
	}
	lines := strings.SplitAfter(dump, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, kind) && strings.Contains(line, old) {
			lines[i] = strings.Replace(line, old, new, 1)
			return strings.Join(lines, "")
		}
	}
	t.Fatalf("no %s holds %q", kind, old)
	return ""
}

func TestCheckNamesDamage(t *testing.T) {
	for bucket, want := range map[string]string{
		"documents.events":   "Event 1 cannot be read",
		"documents.sources":  "Version 1 of privacy cannot be read",
		"documents.clauses":  "Version 1 of privacy cannot be read",
		"documents.versions": "Version 1 of privacy cannot be read",
	} {
		db, err := bbolt.Open(filepath.Join(t.TempDir(), "vestnik.db"), 0o600, &bbolt.Options{NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		store, err := boltstore.New(db)
		if err != nil {
			t.Fatal(err)
		}
		l := documents.NewLibrary(documents.Config{Store: store, Origin: "o", Rules: func(context.Context) (documents.Rules, error) { return alone(), nil }})
		privacy(t, l)
		publish(t, l, draft("Первый."))
		if err := db.Update(func(tx *bbolt.Tx) error {
			b := tx.Bucket([]byte(bucket))
			k, v := b.Cursor().First()
			v = bytes.Clone(v)
			v[len(v)/2] ^= 1
			return b.Put(bytes.Clone(k), v)
		}); err != nil {
			t.Fatal(err)
		}
		faults, err := l.Check(t.Context(), nil)
		if err != nil || len(faults) == 0 || !strings.Contains(faults[0], want) {
			t.Errorf("%s: got %q, %v, want %q", bucket, faults, err, want)
		}
	}
}

// Nodes start, and so check, while others publish.
func TestCheckWhilePublishing(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	privacy(t, l)
	publish(t, l, draft("Первый."))
	faults, err := l.Check(t.Context(), func(done, _ int) {
		publish(t, l, draft(strings.Repeat("И ещё. ", done)))
	})
	if err != nil || len(faults) > 0 {
		t.Error(faults, err)
	}
}

// A store that is away says nothing about what it holds.
func TestCheckWithoutStore(t *testing.T) {
	rules := alone()
	l := library(t, &rules)
	privacy(t, l)
	publish(t, l, draft("Первый."))
	l.Store = away{l.Store}
	if faults, err := l.Check(t.Context(), nil); !errors.Is(err, documents.ErrAway) {
		t.Error(faults, err)
	}
}

// away is a store that answers no question about versions.
type away struct{ documents.Store }

func (away) Version(context.Context, string, int) (documents.Version, error) {
	return documents.Version{}, documents.ErrAway
}
