package boltstore_test

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"vestnik/documents/value"
	"vestnik/notifier"
	"vestnik/notifier/boltstore"
	"vestnik/notifier/storetest"
)

// open opens a file that is checked at the end of the test.
func open(t *testing.T, path string) (*bbolt.DB, *boltstore.Store) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := db.View(func(tx *bbolt.Tx) error {
			for err := range tx.Check() {
				t.Error(err)
			}
			return tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
				return b.ForEach(func(k, v []byte) error {
					if err := value.Check(k, v); err != nil {
						t.Errorf("%s %x: %v", name, k, err)
					}
					return nil
				})
			})
		})
		if err != nil && !errors.Is(err, bolterrors.ErrDatabaseNotOpen) {
			t.Error(err)
		}
		db.Close()
	})
	s, err := boltstore.New(db)
	if err != nil {
		t.Fatal(err)
	}
	return db, s
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) (a, b notifier.Store) {
		_, s := open(t, filepath.Join(t.TempDir(), "vestnik.db"))
		return s, s
	})
}

// TestDamageIsRecognised flips a bit of each value in turn.
func TestDamageIsRecognised(t *testing.T) {
	db, s := open(t, filepath.Join(t.TempDir(), "vestnik.db"))
	ctx := context.Background()
	if _, err := s.PutRecipients(ctx, []notifier.Recipient{{ExternalID: "p1", Revision: 1}}); err != nil {
		t.Fatal(err)
	}
	_, err := s.Act(ctx, notifier.Act{
		Request: &notifier.Request{Code: "c", Recipient: 1, Kind: notifier.RequestErase, State: notifier.RequestDone, Revision: 1},
		Tokens:  []notifier.Token{{Hash: "h", Until: time.Unix(1, 0), Purpose: notifier.LinkAct}},
	})
	if err != nil {
		t.Fatal(err)
	}
	all := notifier.RequestQuery{Limit: 9}
	request := map[string]func() error{
		"Request":      func() error { _, err := s.Request(ctx, 1); return err },
		"RequestCoded": func() error { _, err := s.RequestCoded(ctx, "c"); return err },
		"Requests":     func() error { _, err := s.Requests(ctx, all); return err },
		"Erasures":     func() error { _, err := s.Erasures(ctx, 0, 9); return err },
	}
	for bucket, reads := range map[string]map[string]func() error{
		"notifier.recipients": {
			"Recipient":  func() error { _, err := s.Recipient(ctx, 1); return err },
			"Recipients": func() error { _, err := s.Recipients(ctx, 0, 10); return err },
		},
		"notifier.requests": request,
		"notifier.codes":    {"RequestCoded": request["RequestCoded"]},
		"notifier.links": {
			"Token": func() error { _, err := s.Token(ctx, "h"); return err },
			"Act":   func() error { _, err := s.Act(ctx, notifier.Act{Spend: "h"}); return err },
		},
		"notifier.linkends": {"Act": func() error { _, err := s.Act(ctx, notifier.Act{Now: time.Unix(2, 0)}); return err }},
	} {
		mend := flip(t, db, bucket)
		for name, read := range reads {
			if err := read(); !errors.Is(err, value.ErrDamaged) {
				t.Errorf("%s of %s: got %v, want damage", name, bucket, err)
			}
		}
		mend()
	}
	for name, read := range request {
		if err := read(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// flip harms the first value of a bucket.
func flip(t *testing.T, db *bbolt.DB, bucket string) (mend func()) {
	t.Helper()
	var intact []byte
	put := func(change func([]byte)) {
		err := db.Update(func(tx *bbolt.Tx) error {
			b := tx.Bucket([]byte(bucket))
			k, v := b.Cursor().First()
			if intact == nil {
				intact = bytes.Clone(v)
			}
			v = bytes.Clone(intact)
			change(v)
			return b.Put(bytes.Clone(k), v)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	put(func(v []byte) { v[len(v)-1] ^= 1 })
	return func() { put(func([]byte) {}) }
}

// TestEarlierFileGetsItsBuckets opens a file as the release before left it.
func TestEarlierFileGetsItsBuckets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vestnik.db")
	db, s := open(t, path)
	ctx := context.Background()
	if _, err := s.PutRecipients(ctx, []notifier.Recipient{{ExternalID: "p1", Revision: 1}}); err != nil {
		t.Fatal(err)
	}
	err := db.Update(func(tx *bbolt.Tx) error {
		for _, name := range []string{"links", "linkends", "requests", "codes", "requestsof", "requestsin", "erasures"} {
			if err := tx.DeleteBucket([]byte("notifier." + name)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	_, s = open(t, path)
	if r, err := s.Recipient(ctx, 1); err != nil || r.ExternalID != "p1" {
		t.Errorf("got %+v, %v", r, err)
	}
	if r, err := s.Act(ctx, notifier.Act{Request: &notifier.Request{Code: "c", Recipient: 1, Revision: 1}}); err != nil || r.ID != 1 {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestReopenKeepsAll(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vestnik.db")
	db, s := open(t, path)
	ctx := context.Background()
	if _, err := s.PutRecipients(ctx, []notifier.Recipient{{ExternalID: "p1", Revision: 1}}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	_, s = open(t, path)
	if r, err := s.Recipient(ctx, 1); err != nil || r.ExternalID != "p1" {
		t.Errorf("got %+v, %v", r, err)
	}
}
