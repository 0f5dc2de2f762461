package server_test

import (
	"context"
	"errors"
	"maps"
	"net/mail"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"vestnik/documents"
	"vestnik/server"
	serverbolt "vestnik/server/boltstore"
)

func newBook(t *testing.T) *server.SettingsBook {
	t.Helper()
	db, err := bbolt.Open(filepath.Join(t.TempDir(), "vestnik.db"), 0o600, nil)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	store, err := serverbolt.New(db)
	must(t, err)
	return &server.SettingsBook{Store: store}
}

func TestSettingsOfANewInstallation(t *testing.T) {
	b := newBook(t)
	rules, err := b.Rules(t.Context())
	must(t, err)
	if want := (documents.Rules{Zone: "Asia/Almaty", NoticeDays: 30, Hold: 15 * time.Minute, OnePerson: true}); rules != want {
		t.Fatalf("rules are %+v, want %+v", rules, want)
	}
	for name := range server.Settings.Values(server.Settings{}) {
		if !slices.Contains(server.SettingNames(), name) {
			t.Errorf("%s is shown and cannot be set", name)
		}
	}
}

// Without a relay a notice can be published only where nobody outside is told.
func TestCanTell(t *testing.T) {
	b := newBook(t)
	can := func() bool {
		t.Helper()
		r, err := b.Rules(t.Context())
		must(t, err)
		return r.CanTell
	}
	if can() {
		t.Fatal("there is nobody to hand mail to")
	}
	rehearsal := true
	b.Rehearsal = func() bool { return rehearsal }
	if !can() {
		t.Fatal("not in a rehearsal")
	}
	rehearsal = false
	b.Demo = true
	if !can() {
		t.Fatal("not in the demo")
	}
	b.Demo = false
	must(t, b.Record(t.Context(), "https://site.example", "smtp://relay.example:587", "post@example.kz"))
	if !can() {
		t.Fatal("not with a recorded relay")
	}
	must(t, b.Record(t.Context(), "https://site.example", "", "post@example.kz"))
	if can() {
		t.Fatal("a relay that is gone still counts")
	}
}

func TestPasswordIsNotRecorded(t *testing.T) {
	b := newBook(t)
	b.Relay = "smtp://user:hidden@relay.example:587"
	must(t, b.Record(t.Context(), "https://site.example/", b.Relay, "Пример <post@example.kz>"))
	s, err := b.Read(t.Context())
	must(t, err)
	if s.SMTP != "smtp://user@relay.example:587" || s.URL != "https://site.example" {
		t.Fatalf("recorded %q and %q", s.SMTP, s.URL)
	}
	mail, err := b.Notifier(t.Context())
	must(t, err)
	if mail.Relay != b.Relay || mail.From != "Пример <post@example.kz>" || mail.URL != "https://site.example" {
		t.Fatalf("the notifier gets %+v", mail)
	}
	if _, err := b.Change(t.Context(), map[string]string{"smtp": "smtp://user:hidden@relay.example"}, documents.Actor{Name: "a"}); err == nil {
		t.Fatal("a password was taken")
	}
}

// In a rehearsal mail goes to staff alone, and the notifier must know who they are.
func TestStaffAreKnownToTheNotifier(t *testing.T) {
	b := newBook(t)
	for _, one := range []server.Staff{{ID: "a", Address: "a@example.kz", Revision: 1}, {ID: "b", Address: "b@example.kz", Revision: 1, Disabled: true}} {
		must(t, b.Store.PutStaff(t.Context(), one))
	}
	got, err := b.Notifier(t.Context())
	must(t, err)
	if _, err := mail.ParseAddress(got.From); err != nil {
		t.Errorf("without -from mail comes from %q", got.From)
	}
	if !slices.Equal(got.Staff, []string{"a@example.kz"}) {
		t.Fatalf("staff are %v", got.Staff)
	}
	if rules, err := b.Rules(t.Context()); err != nil || !rules.OnePerson {
		t.Fatalf("a disabled second person ends one-person: %+v, %v", rules, err)
	}
}

// Two who change different settings at the same time both succeed.
func TestSettingsChangedTogether(t *testing.T) {
	b := newBook(t)
	done := make(chan error, 2)
	for _, change := range []map[string]string{{"bin": "123456789012"}, {"zone": "UTC"}} {
		go func() {
			_, err := b.Change(t.Context(), change, documents.Actor{Name: "a"})
			done <- err
		}()
	}
	must(t, <-done)
	must(t, <-done)
	s, err := b.Read(t.Context())
	must(t, err)
	if s.BIN != "123456789012" || s.Zone != "UTC" || s.Revision != 2 {
		t.Fatalf("settings are %+v", s)
	}
}

// rival changes the settings just before whoever puts them.
type rival struct {
	server.Store
	n int
}

func (r *rival) PutSettings(ctx context.Context, values map[string]string, revision int) error {
	r.n++
	if err := r.Store.PutSettings(ctx, map[string]string{"organisation": strconv.Itoa(r.n)}, revision); err != nil {
		return err
	}
	return r.Store.PutSettings(ctx, values, revision)
}

// A change that always finds another one faster gives up.
func TestChangeGivesUp(t *testing.T) {
	b := newBook(t)
	b.Store = &rival{Store: b.Store}
	if _, err := b.Change(t.Context(), map[string]string{"bin": "123456789012"}, documents.Actor{Name: "a"}); !errors.Is(err, documents.ErrConflict) {
		t.Fatal(err)
	}
}

// Nodes that are started alike record once, however many start at once.
func TestRecordedOnce(t *testing.T) {
	b := newBook(t)
	done := make(chan error, 8)
	for range cap(done) {
		go func() {
			done <- b.Record(t.Context(), "https://site.example", "smtps://user:hidden@relay.example:465", "")
		}()
	}
	for range cap(done) {
		must(t, <-done)
	}
	must(t, b.Record(t.Context(), "https://site.example", "smtps://user:other@relay.example:465", ""))
	trail, err := b.Store.Audits(t.Context(), 0, 100)
	must(t, err)
	if len(trail) != 1 || !maps.Equal(trail[0].More, map[string]string{"url": "https://site.example", "smtp": "smtps://user@relay.example:465"}) {
		t.Fatalf("the trail is %+v", trail)
	}
	if _, revision, err := b.Store.Settings(t.Context()); err != nil || revision != 1 {
		t.Fatalf("revision %d: %v", revision, err)
	}
}

func TestRate(t *testing.T) {
	b := newBook(t)
	for value, want := range map[string]int{"": 0, "0": 0, " 120 ": 120, "100000": 100_000} {
		if _, err := b.Change(t.Context(), map[string]string{"rate": value}, documents.Actor{Name: "a"}); err != nil {
			t.Fatalf("%q: %v", value, err)
		}
		mail, err := b.Notifier(t.Context())
		must(t, err)
		if mail.Rate != want {
			t.Errorf("rate %q is %d, want %d", value, mail.Rate, want)
		}
	}
	for _, value := range []string{"-1", "100001", "1.5", "12/min", "1e3", "99999999999999999999"} {
		var invalid *documents.InvalidError
		if _, err := b.Change(t.Context(), map[string]string{"rate": value}, documents.Actor{Name: "a"}); !errors.As(err, &invalid) || invalid.Field != "rate" {
			t.Errorf("rate %q: %v", value, err)
		}
	}
}

// While nodes are upgraded one after the other, an older one meets settings that
// it does not know: it works on and loses none.
func TestSettingOfANewerRelease(t *testing.T) {
	b := newBook(t)
	must(t, b.Store.PutSettings(t.Context(), map[string]string{"bin": "123456789012", "from-2031": "x"}, 0))
	s, err := b.Change(t.Context(), map[string]string{"zone": "UTC"}, documents.Actor{Name: "a"})
	must(t, err)
	if s.BIN != "123456789012" || s.Zone != "UTC" {
		t.Fatalf("settings are %+v", s)
	}
	values, _, err := b.Store.Settings(t.Context())
	must(t, err)
	if values["from-2031"] != "x" {
		t.Fatalf("stored are %v", values)
	}
	var invalid *documents.InvalidError
	if _, err := b.Change(t.Context(), map[string]string{"from-2031": "y"}, documents.Actor{Name: "a"}); !errors.As(err, &invalid) {
		t.Fatalf("an unknown setting was taken: %v", err)
	}
}
