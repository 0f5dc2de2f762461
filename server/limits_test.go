package server_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

	"vestnik/documents"
	documentsbolt "vestnik/documents/boltstore"
	"vestnik/documents/postgres/postgrestest"
	"vestnik/notifier"
	notifierbolt "vestnik/notifier/boltstore"
	"vestnik/server"
	serverbolt "vestnik/server/boltstore"
)

// twoNodes serve the same database.
func twoNodes(t *testing.T) (both [2]*house, c *postgrestest.Cluster, address string) {
	t.Helper()
	c = postgrestest.Start(t, postgrestest.Options{})
	address = c.Schema()
	for i := range both {
		var stands server.Store
		over := overPostgres(t, address)
		both[i] = newHouse(t, func(given *server.Config) { over(given); stands = given.Store })
		both[i].store = stands
	}
	return both, c, address
}

// signIn asks a node for a sign-in mail.
func (h *house) signIn(address string) answer {
	h.t.Helper()
	form := url.Values{"address": {address}}.Encode()
	return call(h.t, h.browser(), http.MethodPost, h.tcp.URL+"/desk/sign-in", form, "Content-Type", "application/x-www-form-urlencoded")
}

// together does one thing at each node at once.
func together(both [2]*house, do func(i int, h *house)) {
	var wait sync.WaitGroup
	for i, h := range both {
		wait.Go(func() { do(i, h) })
	}
	wait.Wait()
}

func TestSignInIsCountedOverAllNodes(t *testing.T) {
	both, c, address := twoNodes(t)
	for i := range 5 {
		both[i%2].signIn(fmt.Sprintf("a%d@example.kz", i)).want(303)
	}
	both[0].signIn("b@example.kz").want(429)
	both[1].signIn("b@example.kz").want(429)
	u, err := url.Parse(address)
	must(t, err)
	keys := c.Query(t, "SELECT convert_from(key, 'UTF8') FROM "+u.Query().Get("search_path")+".server_limits")
	if len(keys) != 6 { // of one client and five addresses
		t.Fatalf("the keys are %q", keys)
	}
	for _, secret := range []string{"mail 127.0.0.1", "127.0.0.1", "to a0@example.kz", "a0@example.kz"} {
		sum := sha256.Sum256([]byte(secret))
		for _, key := range keys {
			if strings.Contains(key, secret) || strings.Contains(hex.EncodeToString(sum[:]), key) {
				t.Errorf("the key %q tells of %q", key, secret)
			}
		}
	}
}

// One address gets few mails, however it is written and whoever asks.
func TestOneAddressIsCountedOnce(t *testing.T) {
	t.Parallel()
	both, _, _ := twoNodes(t)
	both[0].signIn("asel.s@example.kz").want(303)
	both[1].signIn("ASEL.S@example.kz").want(303)
	both[0].signIn("a\u017fel.\u017f@example.\u212az").want(303)
	both[1].signIn("asel.s@example.kz").want(429)
}

func TestGuessesAreCountedOverAllNodes(t *testing.T) {
	both, _, _ := twoNodes(t)
	counts := map[int]int{}
	for i := range 24 {
		counts[call(t, both[i%2].browser(), "POST", both[i%2].tcp.URL+"/desk/link/forged", "").status]++
	}
	if counts[404] < 20 || counts[429] == 0 || counts[404]+counts[429] != 24 {
		t.Fatalf("answers by status: %v", counts)
	}
	counts = map[int]int{}
	for i := range 36 {
		counts[call(t, both[i%2].browser(), "GET", both[i%2].tcp.URL+"/me/forged", "").status]++
	}
	if counts[404] < 30 || counts[429] == 0 || counts[404]+counts[429] != 36 {
		t.Fatalf("answers by status: %v", counts)
	}
}

// writes is how many transactions wrote to the file.
func (h *house) writes() (n int) {
	must(h.t, h.db.View(func(tx *bbolt.Tx) error { n = tx.ID(); return nil }))
	return n
}

// Neither a flood that is refused nor a call with a token is a write.
func TestWhatIsNoWrite(t *testing.T) {
	h := newHouse(t)
	_, link := h.invite("admin@example.kz")
	b, token := h.signedIn(link), h.token("auditor", "sync")
	for i := range 5 {
		h.signIn(fmt.Sprintf("a%d@example.kz", i)).want(303)
	}
	before := h.writes()
	for range 50 {
		h.signIn("b@example.kz").want(429)
	}
	h.remote(token, "GET", "/notices", "").want(200)
	h.remote("wrong", "GET", "/notices", "").want(401)
	call(t, b, "GET", h.tcp.URL+"/desk/", "").want(200)
	if n := h.writes() - before; n != 0 {
		t.Fatalf("%d writes", n)
	}
}

// While the store is away nobody gets a link, nobody loses one, and nobody is told
// that theirs has ended.
func TestSignInWhileTheStoreIsAway(t *testing.T) {
	t.Parallel()
	h, p := distant(t)
	_, link := h.invite("admin@example.kz")
	_, other := h.invite("second@example.kz")
	b := h.signedIn(other)
	p.Cut()
	h.signIn("admin@example.kz").want(503).has("Ничего не потеряно")
	call(t, h.browser(), "POST", link, "").want(503)
	call(t, h.browser(), "GET", link, "").want(503)
	call(t, b, "GET", h.tcp.URL+"/desk/", "").want(503)
	p.Heal()
	h.found()
	call(t, h.browser(), "GET", link, "").want(200)
	call(t, h.browser(), "POST", link, "").want(303)
	call(t, b, "GET", h.tcp.URL+"/desk/", "").want(200)
}

// Limits that nobody uses are gone within the hour.
func TestLimitsAreSwept(t *testing.T) {
	db, err := bbolt.Open(filepath.Join(t.TempDir(), "vestnik.db"), 0o600, &bbolt.Options{NoSync: true})
	must(t, err)
	defer db.Close()
	limits := func() (n int) {
		must(t, db.View(func(tx *bbolt.Tx) error { n = tx.Bucket([]byte("server.limits")).Stats().KeyN; return nil }))
		return n
	}
	synctest.Test(t, func(t *testing.T) {
		s := bare(t, db)
		ask := func(address string) {
			r := httptest.NewRequest("POST", "/desk/sign-in", strings.NewReader(url.Values{"address": {address}}.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != http.StatusSeeOther {
				t.Fatalf("status %d", w.Code)
			}
		}
		ask("a@example.kz")
		time.Sleep(29 * time.Minute)
		ask("b@example.kz")
		if n := limits(); n != 3 {
			t.Fatalf("%d limits are kept", n)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := limits(); n != 0 {
			t.Fatalf("%d limits are left", n)
		}
		ask("a@example.kz")
		time.Sleep(2 * time.Hour) // nothing is left to wait for
	})
}

// bare is a server that nothing runs beside.
func bare(t *testing.T, db *bbolt.DB) *server.Server {
	t.Helper()
	texts, err := documentsbolt.New(db)
	must(t, err)
	people, err := notifierbolt.New(db)
	must(t, err)
	store, err := serverbolt.New(db)
	must(t, err)
	book := &server.SettingsBook{Store: store}
	library := documents.NewLibrary(documents.Config{Store: texts, Origin: "example.kz/log", Rules: book.Rules})
	told, err := notifier.New(notifier.Config{Store: people, Library: library, Settings: book.Notifier, Key: make([]byte, 32), Node: "test"})
	must(t, err)
	s, err := server.New(server.Config{Store: store, Library: library, Notifier: told, Settings: book, Loopback: true})
	must(t, err)
	return s
}
