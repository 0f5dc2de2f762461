package notifier_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"vestnik/documents"
	docstore "vestnik/documents/boltstore"
	"vestnik/notifier"
	"vestnik/notifier/boltstore"
)

var staff = documents.Actor{Name: "ainur"}

// house is a library and a notifier over one bbolt file, and a relay.
type house struct {
	t      testing.TB
	lib    *documents.Library
	store  notifier.Store
	db     *bbolt.DB
	n      *notifier.Notifier
	relay  *relay
	mu     sync.Mutex
	set    notifier.Settings
	config notifier.Config
}

func open(t testing.TB) *bbolt.DB {
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
		if err != nil {
			t.Error(err)
		}
		db.Close()
	})
	return db
}

// newHouse makes one with a document of two versions published long ago, of
// which nobody was told. wrap may put something between store and notifier.
func newHouse(t testing.TB, wrap func(notifier.Store) notifier.Store) *house {
	t.Helper()
	db := open(t)
	ds, err := docstore.New(db)
	if err != nil {
		t.Fatal(err)
	}
	store, err := boltstore.New(db)
	if err != nil {
		t.Fatal(err)
	}
	h := houseOver(t, ds, store, wrap)
	h.db = db
	return h
}

// library is one node's.
func library(ds documents.Store) *documents.Library {
	return documents.NewLibrary(documents.Config{
		Store: ds, Origin: "example.kz/log", Log: slog.New(slog.DiscardHandler),
		Rules: func(context.Context) (documents.Rules, error) {
			return documents.Rules{Zone: "Asia/Almaty", NoticeDays: 30, OnePerson: true, CanTell: true}, nil
		},
	})
}

func houseOver(t testing.TB, ds documents.Store, store notifier.Store, wrap func(notifier.Store) notifier.Store) *house {
	t.Helper()
	h := &house{t: t, store: store, relay: newRelay(t)}
	h.set = notifier.Settings{
		Organisation: "ТОО «Пример»", BIN: "123456789012", Postal: "Алматы, ул. Примерная, 1",
		ReplyTo: "pd@example.kz", From: "Пример <notice@example.kz>", URL: "https://example.kz/policies",
		Zone: "Asia/Almaty", Languages: []string{"ru", "kk"}, Unknown: []string{"kk", "ru"}, Relay: h.relay.url,
	}
	h.lib = library(ds)
	var s notifier.Store = store
	if wrap != nil {
		s = wrap(s)
	}
	log := slog.New(slog.DiscardHandler)
	if os.Getenv("VESTNIK_TEST_LOG") != "" {
		log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	h.config = notifier.Config{
		Store: s, Library: h.lib, Key: []byte("0123456789abcdef0123456789abcdef"), Node: "test", Machine: "test", Log: log,
		Settings: func(context.Context) (notifier.Settings, error) { h.mu.Lock(); defer h.mu.Unlock(); return h.set, nil },
	}
	h.restart()
	if _, err := h.lib.Create(ctx, documents.Document{ID: "privacy", Titles: map[string]string{"ru": "Политика", "kk": "Саясат"}, Prevailing: "ru"}, staff); err != nil {
		t.Fatal(err)
	}
	h.publish("Первая.", nil)
	return h
}

var ctx = context.Background()

// restart makes another notifier over the same store, as a new process would.
func (h *house) restart() {
	h.t.Helper()
	n, err := notifier.New(h.config)
	if err != nil {
		h.t.Fatal(err)
	}
	h.n = n
}

func (h *house) change(f func(*notifier.Settings)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f(&h.set)
}

// publish publishes a version of class notice; edit may change the draft.
func (h *house) publish(text string, edit func(*documents.Draft)) documents.Event {
	h.t.Helper()
	d := &documents.Draft{
		Document: "privacy",
		Texts: []documents.DraftText{
			{Lang: "ru", Source: "# Политика\n\n1. " + text + "\n\n2. Второй пункт о том, кому передаются данные.\n"},
			{Lang: "kk", Source: "# Саясат\n\n1. " + text + "\n\n2. Деректер кімге берілетіні туралы екінші тармақ.\n"},
		},
		Change: documents.Change{Class: documents.Notice, Reason: "Новый закон.", Notes: map[string]documents.Note{
			"ru": {What: "Изменён пункт 1.", Whom: "Всех.", Means: "Ничего."}, "kk": {What: "1-тармақ өзгерді.", Whom: "Барлығына.", Means: "Ештеңе."}}},
	}
	if edit != nil {
		edit(d)
	}
	e, err := h.lib.Publish(ctx, documents.Publication{Document: "privacy", Draft: d, Based: -1}, staff)
	if err != nil {
		h.t.Fatal(err)
	}
	return e
}

// people adds count active recipients p1…, in Russian, registered yesterday.
func (h *house) people(count int) {
	h.t.Helper()
	for i := range count {
		h.person(fmt.Sprintf("p%d", i+1), fmt.Sprintf("p%d@example.com", i+1), "ru")
	}
}

func (h *house) person(id, address, language string) {
	h.t.Helper()
	_, err := h.n.PutRecipient(ctx, notifier.Recipient{ExternalID: id, Address: address, Language: language, RegisteredAt: time.Now().Add(-24 * time.Hour)})
	if err != nil {
		h.t.Fatal(err)
	}
}

// run runs the notifier until stop is called or the test ends.
func (h *house) run() (stop func()) {
	h.t.Helper()
	c, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	n := h.n
	go func() { done <- n.Run(c) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				h.t.Error(err)
			}
		})
	}
	h.t.Cleanup(stop)
	return stop
}

// until waits, looking again and again, until ok.
func (h *house) until(what string, ok func() bool) {
	h.t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			all, _ := h.n.Notices(ctx)
			h.t.Fatalf("waited in vain for: %s; notices %+v", what, all)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func (h *house) notice(seq documents.Seq) notifier.Notice {
	h.t.Helper()
	x, err := h.store.Notice(ctx, seq)
	if err != nil {
		return notifier.Notice{}
	}
	return x
}

func (h *house) closed(seq documents.Seq) notifier.Notice {
	h.t.Helper()
	h.until("a closed notice", func() bool { return h.notice(seq).State == notifier.Finished })
	return h.notice(seq)
}

// balanced recounts every ledger.
func (h *house) balanced() {
	h.t.Helper()
	faults, err := h.n.Check(ctx, nil)
	if err != nil {
		h.t.Error(err)
	}
	for _, f := range faults {
		h.t.Error(f)
	}
}
