package documents_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"vestnik/documents"
	"vestnik/documents/boltstore"
)

var staff = documents.Actor{Name: "ainur"}

// library opens a Library over a bbolt file. At the end of the test the file is
// checked.
func library(t *testing.T, rules *documents.Rules) *documents.Library {
	t.Helper()
	db, err := bbolt.Open(filepath.Join(t.TempDir(), "vestnik.db"), 0o600, &bbolt.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.View(func(tx *bbolt.Tx) error {
			for err := range tx.Check() {
				t.Error(err)
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	store, err := boltstore.New(db)
	if err != nil {
		t.Fatal(err)
	}
	return documents.NewLibrary(documents.Config{
		Store:  store,
		Origin: "policies.example.kz/log/rehearsal",
		Rules:  func(context.Context) (documents.Rules, error) { return *rules, nil },
		Log:    slog.New(slog.DiscardHandler),
	})
}

func alone() documents.Rules {
	return documents.Rules{Zone: "Asia/Almaty", NoticeDays: 30, Hold: 15 * time.Minute, OnePerson: true, CanTell: true}
}

// privacy makes a document in Russian and Kazakh.
func privacy(t *testing.T, l *documents.Library) documents.Document {
	t.Helper()
	d, err := l.Create(t.Context(), documents.Document{ID: "privacy", Titles: map[string]string{"ru": "Политика", "kk": "Саясат"}, Prevailing: "ru"}, staff)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// draft is one that can be published; text stands in both languages.
func draft(text string) *documents.Draft {
	return &documents.Draft{
		Document: "privacy",
		Texts: []documents.DraftText{
			{Lang: "ru", Source: "# Политика\n\n1. " + text + "\n\n2. Второй пункт о том, кому передаются данные.\n"},
			{Lang: "kk", Source: "# Саясат\n\n1. " + text + "\n\n2. Деректер кімге берілетіні туралы екінші тармақ.\n"},
		},
		Change:    documents.Change{Class: documents.Notice, Notes: map[string]documents.Note{"ru": {What: "Изменён пункт 1."}, "kk": {What: "1-тармақ өзгерді."}}},
		Effective: "",
	}
}

func publish(t *testing.T, l *documents.Library, d *documents.Draft) documents.Event {
	t.Helper()
	e, err := l.Publish(t.Context(), documents.Publication{Document: d.Document, Draft: d, Based: -1}, staff)
	if err != nil {
		t.Fatal(err)
	}
	return e
}
