package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"vestnik/documents"
	documentspg "vestnik/documents/pgstore"
	"vestnik/documents/postgres"
	"vestnik/documents/postgres/postgrestest"
	notifierpg "vestnik/notifier/pgstore"
	"vestnik/server"
	serverpg "vestnik/server/pgstore"
)

// overPostgres is a change of newHouse that puts a node on the database at address.
func overPostgres(t *testing.T, address string) func(*server.Config) {
	return func(c *server.Config) {
		db, err := postgres.Open(t.Context(), address, nil)
		must(t, err)
		t.Cleanup(func() { db.Close() })
		must(t, db.Migrate(t.Context(), documentspg.Room(), notifierpg.Room(), serverpg.Room()))
		c.Store = serverpg.New(db)
		c.Settings.Store, c.Library.Store, c.Notifier.Store = c.Store, documentspg.New(db), notifierpg.New(db)
	}
}

// distant is a staged house whose database is behind a network that can be spoilt.
func distant(t *testing.T, change ...func(*server.Config)) (*house, *postgrestest.Proxy) {
	t.Helper()
	c := postgrestest.Start(t, postgrestest.Options{})
	p := c.Proxy()
	h := staged(t, append([]func(*server.Config){overPostgres(t, p.Via(c.Schema()))}, change...)...)
	h.local("PUT", "/settings", `{"organisation":"ТОО «Пример»","zone":"Asia/Almaty"}`).want(200)
	return h, p
}

// until asks again until an answer is as wanted.
func until(t *testing.T, what string, ask func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for !ask() {
		select {
		case <-deadline:
			t.Fatalf("it never came that %s", what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// lost waits until the node knows that the database is away.
func (h *house) lost() {
	h.t.Helper()
	until(h.t, "the store is away", func() bool { return strings.Contains(h.get("/readyz").body, "from memory") })
}

func (h *house) found() {
	h.t.Helper()
	until(h.t, "the store answers again", func() bool { return h.get("/readyz").status == http.StatusOK })
}

// spoilt are the ways in which a database is lost to a node, and found again.
func spoilt(t *testing.T, do func(t *testing.T, h *house, spoil, mend func())) {
	h, p := distant(t)
	for how, spoil := range map[string]func(){"cut": p.Cut, "stalled": p.Stall} {
		t.Run(how, func(t *testing.T) {
			h.t = t
			h.found()
			defer p.Heal()
			do(t, h, spoil, p.Heal)
		})
	}
}

func TestKnownPagesWithoutTheStore(t *testing.T) {
	pages := []string{"/", "/privacy/ru", "/privacy/kk", "/privacy/en", "/privacy/ru/compare/1...2", "/privacy/register", "/verify?lang=kk"}
	spoilt(t, func(t *testing.T, h *house, spoil, mend func()) {
		began, tags := time.Now(), map[string]string{}
		for _, path := range pages {
			tags[path] = h.get(path, "Accept-Encoding", "br").want(200).header.Get("ETag")
			h.get(path).want(200).lacks(`class="callout aged"`)
		}
		for _, path := range []string{"/privacy", "/privacy/feed.atom", "/sitemap.xml", "/embed/privacy/ru", "/log/checkpoint", "/log/proof/2", "/log/tile/entries/000.p/3"} {
			h.get(path)
		}
		spoil()
		h.lost()
		begun := time.Now()
		for _, path := range pages {
			a := h.get(path, "If-None-Match", tags[path]).want(200).has(`class="callout aged" role="status"`)
			checkHTML(t, path, a.body)
			if c := a.header; c.Get("Cache-Control") != "no-store" || c.Get("Age") == "" || c.Get("ETag") == tags[path] || c.Get("Warning") != "" {
				t.Errorf("%s: header %v", path, c)
			}
		}
		zone, err := time.LoadLocation("Asia/Almaty")
		must(t, err)
		known := func(at time.Time) string {
			return fmt.Sprintf("Показано состояние на %d ", at.In(zone).Day())
		}
		aged := h.get("/privacy/ru").has("(UTC+5)", "Служба сообщает об изменениях")
		if !strings.Contains(aged.body, known(began)) && !strings.Contains(aged.body, known(time.Now())) { // midnight may come meanwhile
			t.Errorf("the page does not say %q", known(began))
		}
		h.get("/privacy/kk").has("Содан бері ол өзгерген болуы мүмкін")
		h.get("/privacy/en").has("it may have changed since")
		h.get("/privacy", "Accept-Language", "kk").want(302)
		h.get("/privacy/feed.atom").want(200).has("<entry>")
		h.get("/sitemap.xml").want(200)
		h.get("/embed/privacy/ru").want(200).has("Показано состояние на", `id="p1.2"`)
		h.get("/log/checkpoint").want(200)
		h.get("/log/key").want(200)
		h.get("/log/proof/2").want(200).has("vestnik/1")
		h.get("/log/tile/0/000.p/3").want(503)
		h.get("/log/tile/entries/000.p/3").want(200)
		_, how, _ := strings.Cut(t.Name(), "/")
		unseen := map[string]string{"cut": "/privacy/ru/v/1", "stalled": "/privacy/ru/v/2"}[how]
		a := h.get(unseen).want(503).has("Временно недоступно", "Ничего не потеряно", "Попробовать ещё раз", "ТОО «Пример»").lacks("Not available for now")
		checkHTML(t, "unknown", a.body)
		if a.header.Get("Retry-After") != "60" || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("header %v", a.header)
		}
		h.get("/healthz").want(200)
		if took := time.Since(begun); took > 2*time.Second {
			t.Errorf("who knew that the store is away waited for it: %s", took)
		}
		mend()
		h.found()
		h.get("/privacy/ru").want(200).lacks(`class="callout aged"`)
		h.get(unseen).want(200)
	})
}

// The texts in force are known to a node before anybody asks for them, and again
// after each change.
func TestTextsAreKnownUnasked(t *testing.T) {
	t.Parallel()
	h, p := distant(t)
	for round := range 2 {
		h.get("/register").want(200)
		until(t, "all texts were made", h.server.Warm)
		p.Cut()
		h.lost()
		for _, path := range []string{"/?lang=en", "/why?lang=kk", "/verify?lang=ru", "/sitemap.xml", "/privacy/ru", "/privacy/kk", "/privacy/en"} {
			a := h.get(path).want(200)
			if round == 1 {
				a.lacks("Новая редакция вступит в силу") // which was withdrawn
			}
		}
		h.get("/privacy").want(302)
		p.Heal()
		h.found()
		h.local("POST", "/documents/privacy/versions/3/withdraw", `{"reason":"Ошибка."}`)
	}
}

// What took effect, or was announced to, while nobody can look is not shown as if
// it had not.
func TestAgedPagesEnd(t *testing.T) {
	h, p := distant(t)
	next := draftOf(2, documents.Editorial, time.Now().Add(4*time.Second).UTC().Format(time.RFC3339Nano))
	next.Document = "terms"
	_, err := h.library.Create(t.Context(), documents.Document{ID: "terms", Prevailing: "ru", Titles: map[string]string{"ru": "Условия", "kk": "Шарттар", "en": "Terms"}}, documents.Actor{Name: "local"})
	must(t, err)
	_, err = h.library.Publish(t.Context(), documents.Publication{Document: "terms", Draft: next, Based: -1}, documents.Actor{Name: "local"})
	must(t, err)
	h.server.Changed()
	h.get("/terms/ru").want(200).has("ещё не действует")
	h.get("/privacy/ru").want(200)
	p.Cut()
	h.lost()
	h.get("/terms/ru").want(200).has("ещё не действует", "callout aged")
	until(t, "the page ends", func() bool { return h.get("/terms/ru").status == 503 })
	h.get("/privacy/ru").want(200).has("callout aged")
	p.Heal()
	h.found()
	h.get("/terms/ru").want(200).has("Действует с")
}

func TestActsWithoutTheStore(t *testing.T) {
	spoilt(t, func(t *testing.T, h *house, spoil, mend func()) {
		_, how, _ := strings.Cut(t.Name(), "/")
		_, link := h.invite(how+"@example.kz", "author", "publisher", "administrator")
		b, token := h.signedIn(link), h.token("publisher", how)
		latest, err := h.library.Draft(t.Context(), "privacy", 0)
		must(t, err)
		mine := draftOf(2, documents.Notice, "")
		mine.Texts[0].Source += "\n2.3. \"Мой\" <пункт>.\n"
		spoil()
		h.lost()
		begun := time.Now()
		a := h.post(b, "/desk/documents/privacy/draft", formOf(latest.Revision, 3, mine)).want(503).
			has("Ничего не изменено", "Отправьте форму отсюда ещё раз", "2.3. &#34;Мой&#34; &lt;пункт&gt;.", `action="/desk/documents/privacy/draft"`)
		if a.header.Get("Retry-After") != "60" {
			t.Errorf("header %v", a.header)
		}
		root := checkHTML(t, "kept", a.body)
		h.get("/desk/").want(503)
		call(t, b, "GET", h.tcp.URL+"/desk/documents/privacy/draft", "").want(503).has("Ничего не потеряно")
		refused := h.remote(token, "POST", "/documents/privacy/versions", publication(t, "1. Раз.\n", "")).refused(503, "away")
		if !strings.HasPrefix(refused.Detail, "Nothing was changed.") {
			t.Errorf("it says %q", refused.Detail)
		}
		if again := h.remote("", "GET", "/documents", ""); again.status != 503 || again.header.Get("Retry-After") != "60" {
			t.Errorf("status %d, header %v", again.status, again.header)
		}
		var status struct {
			Ready   bool
			Reading string
		}
		h.local("GET", "/status", "").want(200, &status)
		if status.Ready || !strings.HasPrefix(status.Reading, "from memory, as of 20") {
			t.Errorf("status %+v", status)
		}
		if took := time.Since(begun); took > 2*time.Second {
			t.Errorf("acts waited for a store that is known to be away: %s", took)
		}
		mend()
		h.found()
		if now, err := h.library.Draft(t.Context(), "privacy", 0); err != nil || now.Revision != latest.Revision {
			t.Errorf("revision %d became %d: %v", latest.Revision, now.Revision, err)
		}
		h.post(b, "/desk/documents/privacy/draft", typedIn(root)).want(303)
		saved, err := h.library.Draft(t.Context(), "privacy", 0)
		must(t, err)
		if !strings.Contains(fmt.Sprint(saved.Texts), `2.3. "Мой" <пункт>.`) {
			t.Errorf("the text is lost: %v", saved.Texts)
		}
	})
}

// doubtful is a real store of which it is not known whether it kept an append.
type doubtful struct {
	documents.Store
	doubt bool
}

func (d *doubtful) Append(ctx context.Context, b documents.Batch) ([]documents.Event, error) {
	events, err := d.Store.Append(ctx, b)
	if d.doubt && err == nil {
		return nil, fmt.Errorf("commit: %w", documents.ErrAway)
	}
	return events, err
}

func TestActOfUnknownFate(t *testing.T) {
	d := &doubtful{}
	h := staged(t, func(c *server.Config) { d.Store, c.Library.Store = c.Library.Store, d })
	_, link := h.invite("admin@example.kz")
	b := h.signedIn(link)
	d.doubt = true
	body := toJSON(t, map[string]any{"reason": "Опечатка."})
	a := h.local("POST", "/documents/privacy/versions/3/withdraw", body)
	if p := a.refused(503, "away"); !strings.Contains(p.Detail, "not known") || a.header.Get("Retry-After") != "60" {
		t.Errorf("it says %q with %v", p.Detail, a.header)
	}
	a = h.post(b, "/desk/documents/privacy/versions/2/reclassify", url.Values{"class": {"editorial"}, "reason": {"Так вернее."}}).want(503).
		has("неизвестно, выполнено ли действие", "Прежде чем повторять", "Так вернее.").lacks("Ничего не изменено")
	checkHTML(t, "unknown fate", a.body)
	h.get("/privacy/register?lang=ru").want(200).has("Отозвано", "Так вернее.") // both were done
}

func TestRehearsalHasNoMemory(t *testing.T) {
	h, p := distant(t, func(c *server.Config) { c.Install.Rehearsal = func() bool { return true } })
	_, link := h.invite("admin@example.kz")
	b := h.signedIn(link)
	call(t, b, "GET", h.tcp.URL+"/privacy/ru", "").want(200)
	p.Cut()
	h.lost()
	call(t, b, "GET", h.tcp.URL+"/privacy/ru", "").want(503).lacks("Служба сообщает")
	h.get("/privacy/ru").want(503)
}

func TestReadinessTellsTheTruth(t *testing.T) {
	skew := 7 * time.Second
	h, p := distant(t, func(c *server.Config) {
		c.Node = "almaty-1"
		c.Install.Skew = func(context.Context) (time.Duration, error) { return skew, nil }
		c.Install.Schema = func(context.Context) (string, error) { return "documents 1", nil }
	})
	var ready struct {
		Ready                       bool
		Faults                      []string
		Node, Schema, Skew, Reading string
		Events                      int
	}
	h.get("/readyz").want(200, &ready)
	if ready.Node != "almaty-1" || ready.Schema != "documents 1" || ready.Skew != "7s" || ready.Events != 3 || len(ready.Faults) != 1 || !strings.Contains(ready.Faults[0], "7s off") {
		t.Errorf("ready is %+v", ready)
	}
	h.get("/metrics").want(200).has("vestnik_store_away 0\n")
	p.Stall()
	begun := time.Now()
	must(t, json.Unmarshal([]byte(h.get("/readyz").want(503).body), &ready))
	if took := time.Since(begun); took > 4*time.Second {
		t.Errorf("health took %s", took)
	}
	if ready.Ready || !strings.HasPrefix(ready.Reading, "from memory, as of ") || ready.Events != 3 {
		t.Errorf("ready is %+v", ready)
	}
	h.get("/readyz", "X-Forwarded-For", "203.0.113.7").want(503).lacks("memory")
	h.get("/metrics").want(200).has("vestnik_store_away 1\n", "vestnik_ready 0\n", "vestnik_state_age_seconds ")
	p.Heal()
	h.found()
	h.get("/metrics").want(200).has("vestnik_store_away 0\n")
	if n := strings.Count(h.log.String(), "the store is away"); n != 1 {
		t.Errorf("the log says it %d times", n)
	}
}

// What one node wrote it shows at once, another one within a second or so.
func TestTwoNodesShowTheSame(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	address := c.Schema()
	one := staged(t, overPostgres(t, address))
	two := newHouse(t, withTree(t), overPostgres(t, address))
	for n := range 3 {
		for _, h := range []*house{one, two} {
			h.get("/").want(200)
		}
		name := fmt.Sprintf("ТОО «Имя %d»", n)
		one.local("PUT", "/settings", toJSON(t, map[string]string{"organisation": name})).want(200)
		one.get("/").want(200).has(name)
		began := time.Now()
		until(t, "the other node shows the settings", func() bool { return strings.Contains(two.get("/").body, name) })
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("the other node took %s", took)
		}
	}
	two.get("/privacy/ru").want(200).has("Новая редакция вступит в силу")
	one.local("POST", "/documents/privacy/versions/3/withdraw", `{"reason":"Ошибка."}`).want(200)
	one.get("/privacy/ru").want(200).lacks("Новая редакция вступит в силу")
	until(t, "the other node shows the withdrawal", func() bool {
		return !strings.Contains(two.get("/privacy/ru").body, "Новая редакция вступит в силу")
	})
	one.local("PUT", "/documents/privacy", `{"titles":{"ru":"Иной заголовок","kk":"Саясат","en":"Policy"},"prevailing":"ru"}`).want(200)
	one.get("/").want(200).has("Иной заголовок")
	until(t, "the other node shows the title", func() bool { return strings.Contains(two.get("/").body, "Иной заголовок") })
}

// A database that dies and is started again is found again by itself.
func TestDatabaseDiesAndComesBack(t *testing.T) {
	t.Parallel()
	c := postgrestest.Start(t, postgrestest.Options{Durable: true})
	h := staged(t, overPostgres(t, c.Schema()))
	h.get("/privacy/ru").want(200)
	c.Kill()
	h.lost()
	h.get("/privacy/ru").want(200).has("callout aged")
	c.Run()
	h.found()
	h.get("/privacy/ru").want(200).lacks("callout aged")
	h.local("POST", "/documents/privacy/versions/3/withdraw", `{"reason":"Ошибка."}`).want(200)
}
