package boltstore_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"reflect"
	"testing"

	"go.etcd.io/bbolt"

	"vestnik/documents"
	"vestnik/documents/boltstore"
	"vestnik/documents/storetest"
	"vestnik/documents/value"
)

// open makes a database whose structure is checked at the end of the test.
func open(t *testing.T) *bbolt.DB {
	t.Helper()
	db, err := bbolt.Open(filepath.Join(t.TempDir(), "vestnik.db"), 0o600, &bbolt.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := db.View(func(tx *bbolt.Tx) error {
			for err := range tx.Check() {
				t.Error(err)
			}
			return nil
		})
		if err := errors.Join(err, db.Close()); err != nil {
			t.Error(err)
		}
	})
	return db
}

func store(t *testing.T, db *bbolt.DB) documents.Store {
	t.Helper()
	s, err := boltstore.New(db)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) (documents.Store, documents.Store) {
		s := store(t, open(t))
		return s, s
	})
}

func sample(t *testing.T, s documents.Store) {
	t.Helper()
	v := documents.Version{Document: "a", Number: 1, Texts: []documents.Text{{Lang: "ru", Title: "T", Source: "Text.", Clauses: []documents.Clause{{ID: "c-aaaaaaaa"}}}}}
	d := documents.Document{ID: "a", Titles: map[string]string{"ru": "T"}, Revision: 1}
	batch := documents.Batch{Document: &d, Key: "key", Entries: []documents.Entry{{Event: documents.Event{Kind: documents.Published}, Version: &v}}}
	if _, err := s.Append(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveDraft(t.Context(), documents.Draft{Document: "a", Revision: 1, Texts: []documents.DraftText{{Lang: "ru", Source: "Text."}}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Approve(t.Context(), documents.Approval{Document: "a", Revision: 1}); err != nil {
		t.Fatal(err)
	}
}

func TestReopenKeepsAll(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vestnik.db")
	var dumps [2]bytes.Buffer
	for i := range dumps {
		db, err := bbolt.Open(path, 0o600, nil)
		if err != nil {
			t.Fatal(err)
		}
		s := store(t, db)
		if i == 0 {
			sample(t, s)
		}
		if err := errors.Join(s.Dump(t.Context(), &dumps[i]), db.Close()); err != nil {
			t.Fatal(err)
		}
	}
	if dumps[0].Len() == 0 || dumps[0].String() != dumps[1].String() {
		t.Errorf("closed with\n%s\nopened with\n%s", &dumps[0], &dumps[1])
	}
}

// Each read of a value with one flipped bit must say that it is damaged.
func TestDamagedValueIsRecognised(t *testing.T) {
	db := open(t)
	s := store(t, db)
	sample(t, s)
	reads := map[string]func() error{
		"documents.documents": func() error { _, err := s.Document(t.Context(), "a"); return err },
		"documents.drafts":    func() error { _, err := s.Draft(t.Context(), "a", 1); return err },
		"documents.states":    func() error { _, err := s.Draft(t.Context(), "a", 1); return err },
		"documents.written":   func() error { _, err := s.Draft(t.Context(), "a", 1); return err },
		"documents.approvals": func() error { _, err := s.Approvals(t.Context(), "a", 1); return err },
		"documents.versions":  func() error { _, err := s.Versions(t.Context(), "a", 0, 1); return err },
		"documents.sources":   func() error { _, err := s.Version(t.Context(), "a", 1); return err },
		"documents.clauses":   func() error { _, err := s.Version(t.Context(), "a", 1); return err },
		"documents.traces":    func() error { _, err := s.Traces(t.Context(), "a", "ru", 0, 1); return err },
		"documents.events":    func() error { _, err := s.Events(t.Context(), "a", 0, 1); return err },
		"documents.by-document": func() error {
			_, err := s.Events(t.Context(), "a", 0, 1)
			return err
		},
		"documents.audits": func() error { _, err := s.Audit(t.Context(), 1); return err },
		"documents.keys":   func() error { _, err := s.Used(t.Context(), "key"); return err },
	}
	for name, read := range reads {
		if err := read(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		flip(t, db, name)
		if err := read(); !errors.Is(err, value.ErrDamaged) {
			t.Errorf("%s: got %v, want %v", name, err, value.ErrDamaged)
		}
		flip(t, db, name)
	}
	if err := db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, _ *bbolt.Bucket) error {
			if reads[string(name)] == nil {
				t.Errorf("no read for %s", name)
			}
			return nil
		})
	}); err != nil {
		t.Fatal(err)
	}
}

// A trace that an earlier Vestnik did not store, or in another form, is made of the
// text.
func TestMissingTraceIsMade(t *testing.T) {
	db := open(t)
	s := store(t, db)
	sample(t, s)
	want, err := s.Traces(t.Context(), "a", "ru", 0, 9)
	if err != nil || len(want) == 0 {
		t.Fatal(want, err)
	}
	for _, change := range []func(b *bbolt.Bucket, k []byte) error{
		func(b *bbolt.Bucket, k []byte) error { return b.Put(k, value.Seal(k, []byte("\xffanother"))) },
		(*bbolt.Bucket).Delete,
	} {
		err := db.Update(func(tx *bbolt.Tx) error {
			b := tx.Bucket([]byte("documents.traces"))
			k, _ := b.Cursor().First()
			return change(b, bytes.Clone(k))
		})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.Traces(t.Context(), "a", "ru", 0, 9); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, %v", got, err)
		}
	}
}

// flip inverts a bit of the first value of a bucket.
func flip(t *testing.T, db *bbolt.DB, bucket string) {
	t.Helper()
	err := db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bucket))
		k, v := b.Cursor().First()
		v = bytes.Clone(v)
		v[len(v)/2] ^= 4
		return b.Put(bytes.Clone(k), v)
	})
	if err != nil {
		t.Fatal(err)
	}
}
