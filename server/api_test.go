package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"vestnik/server"
)

const (
	firstText  = "# Policy\n\n1. We keep your name.\n\n2. We keep your address.\n"
	secondText = "# Policy\n\n1. We keep your name.\n\n2. We keep your address and your telephone number.\n"
	noteJSON   = `{"what":"The telephone number is new.","whom":"Everybody.","means":"We may call.","do":""}`
)

func (h *house) document(id string) {
	h.t.Helper()
	h.local("PUT", "/documents/"+id, `{"titles":{"en":"Policy"}}`).want(201)
}

func publication(t *testing.T, text string, more string) string {
	return fmt.Sprintf(`{"texts":{"en":%s}%s}`, toJSON(t, text), more)
}

func (h *house) published(id string) {
	h.t.Helper()
	h.document(id)
	h.local("POST", "/documents/"+id+"/versions", publication(h.t, firstText, `,"class":"editorial","reason":"first","effective":"now"`)).want(201)
}

type version struct {
	Event, Version, Number int
	Document               string
	Effective              struct {
		Instant    time.Time
		Date, Zone string
	}
	Texts map[string]struct {
		Source, SHA256 string
		Clauses        []struct {
			ID     string
			Number *string
			Lines  [2]int
		}
	}
}

func TestPublishAndRead(t *testing.T) {
	h := newHouse(t)
	h.published("policy")
	var v version
	h.local("POST", "/documents/policy/versions", publication(t, secondText, `,"notes":{"en":`+noteJSON+`},"class":"notice","reason":"telephone"`), "Idempotency-Key", "k1").want(201, &v)
	if v.Version != 2 || v.Event != 2 || v.Document != "policy" || !v.Effective.Instant.After(time.Now().AddDate(0, 0, 29)) || v.Effective.Zone != "Asia/Almaty" {
		t.Fatalf("published %+v", v)
	}

	var list struct{ Versions []version }
	h.remote("", "GET", "/documents/policy/versions", "").want(200, &list)
	if len(list.Versions) != 2 || list.Versions[1].Number != 2 {
		t.Fatalf("versions are %+v", list)
	}
	var in version
	h.remote("", "GET", "/documents/policy/in-force", "").want(200, &in)
	if in.Version != 1 || in.Number != 1 || in.Texts["en"].Source != firstText || len(in.Texts["en"].Clauses) < 2 || in.Texts["en"].Clauses[1].ID == "" {
		t.Fatalf("in force is %+v", in)
	}
	var red struct{ Summary struct{ Same, Changed int } }
	h.remote("", "GET", "/documents/policy/compare/1...2", "").want(200, &red)
	if red.Summary.Changed != 1 {
		t.Fatalf("redline is %+v", red)
	}
	frag := h.remote("", "GET", "/documents/policy/fragment/en", "").want(200)
	if !strings.Contains(frag.body, in.Texts["en"].Clauses[1].ID) || !strings.HasPrefix(frag.header.Get("Content-Type"), "text/html") {
		t.Fatalf("fragment lacks anchors: %s", frag.body)
	}
	var log struct {
		Last   int
		Events []struct {
			Seq  int
			Kind string
		}
	}
	h.remote("", "GET", "/events?after=1", "").want(200, &log)
	if log.Last != 2 || len(log.Events) != 1 || log.Events[0].Seq != 2 || log.Events[0].Kind != "published" {
		t.Fatalf("events are %+v", log)
	}
}

func TestNotYetKnown(t *testing.T) {
	h := newHouse(t)
	h.published("policy")
	h.local("POST", "/documents/policy/versions", publication(t, secondText, `,"notes":{"en":`+noteJSON+`},"class":"notice","reason":"telephone"`)).want(201)
	p := h.remote("", "GET", "/documents/policy/in-force?at="+time.Now().AddDate(0, 3, 0).Format(time.DateOnly), "").refused(404, "not-yet-known")
	if len(p.Scheduled) != 1 || p.Scheduled[0].Number != 2 {
		t.Fatalf("scheduled is %+v", p.Scheduled)
	}
	today := time.Now().In(time.FixedZone("", 5*3600)).Format(time.DateOnly)
	h.remote("", "GET", "/documents/policy/in-force?at="+today, "").want(200)
	h.remote("", "GET", "/documents/policy/in-force?at=2001-01-01", "").refused(404, "not-found")
	h.remote("", "GET", "/documents/policy/in-force?known_at=2001-01-01", "").refused(404, "not-found")
	if p := h.remote("", "GET", "/documents/policy/in-force?at=soon", "").refused(422, "invalid"); p.Field != "at" || p.Code != "time-malformed" {
		t.Fatalf("problem is %+v", p)
	}
}

// What was in force, as it was known then.
func TestKnownThen(t *testing.T) {
	h := newHouse(t)
	h.published("policy")
	h.local("POST", "/documents/policy/versions", publication(t, secondText, `,"class":"editorial","reason":"r","effective":"now"`)).want(201)
	var list struct {
		Versions []struct {
			PublishedAt string `json:"published_at"`
		}
	}
	h.remote("", "GET", "/documents/policy/versions", "").want(200, &list)
	then, later := list.Versions[0].PublishedAt, list.Versions[1].PublishedAt
	for query, want := range map[string]int{"": 2, "?at=" + then: 1, "?known_at=" + then: 1, "?at=" + then + "&known_at=" + then: 1, "?at=" + later: 2, "?known_at=2999-01-01": 2} {
		var in version
		h.remote("", "GET", "/documents/policy/in-force"+query, "").want(200, &in)
		if in.Version != want {
			t.Errorf("in-force%s is version %d, want %d", query, in.Version, want)
		}
	}
}

func TestIdempotency(t *testing.T) {
	h := newHouse(t)
	h.document("policy")
	body := publication(t, firstText, `,"class":"editorial","reason":"first","effective":"now"`)
	first := h.local("POST", "/documents/policy/versions", body, "Idempotency-Key", "k").want(201)
	again := h.local("POST", "/documents/policy/versions", body, "Idempotency-Key", "k").want(201)
	if first.body != again.body {
		t.Fatalf("a replay answers\n%s, the first time it was\n%s", again.body, first.body)
	}
	other := publication(t, secondText, `,"class":"editorial","reason":"first","effective":"now"`)
	h.local("POST", "/documents/policy/versions", other, "Idempotency-Key", "k").refused(422, "key-reused")
	var list struct{ Versions []version }
	h.local("GET", "/documents/policy/versions", "").want(200, &list)
	if len(list.Versions) != 1 {
		t.Fatalf("there are %d versions, want 1", len(list.Versions))
	}
}

func TestImport(t *testing.T) {
	h := newHouse(t)
	history := fmt.Sprintf(`{"titles":{"en":"Terms"},"prevailing":"en","versions":[
		{"number":1,"effective":"2020-01-01","published":"2019-12-20","texts":{"en":%s},"class":"editorial","reason":"first"},
		{"number":2,"effective":"2021-01-01","texts":{"en":%s},"class":"notice","reason":"second"}]}`, toJSON(t, firstText), toJSON(t, secondText))
	h.remote(h.token("publisher", "p"), "POST", "/documents/terms/import", history).refused(403, "forbidden")
	var done struct{ Events []struct{ Seq, Version int } }
	h.local("POST", "/documents/terms/import", history).want(201, &done)
	if len(done.Events) != 2 || done.Events[1].Version != 2 {
		t.Fatalf("imported %+v", done)
	}
	var in version
	h.remote("", "GET", "/documents/terms/in-force?at=2020-06-01", "").want(200, &in)
	if in.Version != 1 {
		t.Fatalf("version %d was in force in 2020, want 1", in.Version)
	}
	h.local("POST", "/documents/api/import", history).refused(422, "invalid")
}

func TestDraft(t *testing.T) {
	h := newHouse(t)
	h.document("policy")
	author, approver := h.token("author", "a"), h.token("approver", "b")
	var d struct {
		Revision      int
		State, Digest string
	}
	save := fmt.Sprintf(`{"texts":{"en":%s},"class":"editorial","reason":"r","effective":"now"}`, toJSON(t, firstText))
	h.remote(approver, "PUT", "/documents/policy/draft", save).refused(403, "forbidden")
	h.remote(author, "PUT", "/documents/policy/draft", save).want(200, &d)
	h.remote(author, "PUT", "/documents/policy/draft", save).refused(409, "conflict")
	h.remote(author, "POST", "/documents/policy/draft/submit", `{"revision":1}`).want(200, &d)
	if d.Revision != 1 || d.State != "in-review" || len(d.Digest) != 64 {
		t.Fatalf("draft is %+v", d)
	}
	h.remote(author, "POST", "/documents/policy/draft/approve", `{"revision":1,"digest":"`+d.Digest+`"}`).refused(403, "forbidden")
	h.remote(approver, "POST", "/documents/policy/draft/approve", `{"revision":1,"digest":"xy"}`).refused(422, "invalid")
}

// The decoder would replace such bytes, and publish what nobody wrote.
func TestBodyIsUTF8(t *testing.T) {
	h := newHouse(t)
	h.document("policy")
	h.local("POST", "/documents/policy/versions", `{"texts":{"en":"# Policy`+"\xff"+`"},"class":"editorial","reason":"r"}`).refused(400, "malformed")
	var list struct{ Versions []version }
	h.local("GET", "/documents/policy/versions", "").want(200, &list)
	if len(list.Versions) != 0 {
		t.Fatal("it was published")
	}
}

// curl -d calls any body a form.
func TestFormTypeIsTakenForJSON(t *testing.T) {
	h := newHouse(t)
	h.local("PUT", "/documents/policy", `{"titles":{"en":"Policy"}}`, "Content-Type", "application/x-www-form-urlencoded").want(201)
	if p := h.local("POST", "/documents/terms/versions", publication(t, firstText, `,"class":"editorial","reason":"r"`)).refused(404, "not-found"); !strings.Contains(p.Detail, "terms") {
		t.Fatalf("problem is %+v", p)
	}
}

func TestOtherSitesMayShowWhatIsPublic(t *testing.T) {
	h := newHouse(t)
	h.published("policy")
	if a := h.remote("", "GET", "/documents/policy/fragment/en", "", "Origin", "https://site.example").want(200); a.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Fatalf("answer is %v", a.header)
	}
	if a := h.remote(h.token("auditor", "a"), "GET", "/settings", "", "Origin", "https://site.example").want(200); a.header.Get("Access-Control-Allow-Origin") != "" || a.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("answer is %v", a.header)
	}
}

// A stranger's body is not even read.
func TestRoleBeforeBody(t *testing.T) {
	h := newHouse(t)
	h.remote("", "POST", "/documents/policy/versions", "no JSON").refused(401, "unauthorized")
	if p := h.local("POST", "/documents/policy/versions", "no JSON"); p.status/100 != 4 {
		t.Fatalf("status %d: %s", p.status, p.body)
	}
	h.local("POST", "/documents/policy/versions", `{"txts":{}}`).refused(422, "malformed")
}

func TestCookieMeansNothingToAPI(t *testing.T) {
	h := newHouse(t)
	_, link := h.invite("admin@example.kz")
	b := h.signedIn(link)
	if !h.hasSession(b) {
		t.Fatal("no session")
	}
	call(t, b, "GET", h.tcp.URL+"/api/v1/settings", "").refused(401, "unauthorized")
}

func TestTokens(t *testing.T) {
	h := newHouse(t)
	secret := h.token("administrator", "sync")
	h.remote(secret, "GET", "/settings", "").want(200)
	if strings.Contains(h.remote(secret, "GET", "/tokens", "").want(200).body, secret) {
		t.Fatal("the list shows the secret")
	}
	h.local("POST", "/tokens", `{"role":"administrator","name":"sync"}`).refused(422, "invalid")
	h.local("POST", "/tokens", `{"role":"king","name":"x"}`).refused(422, "invalid")
	err := h.db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error {
			return b.ForEach(func(k, v []byte) error {
				if strings.Contains(string(k)+string(v), secret) {
					t.Errorf("the store holds the secret in %q", k)
				}
				return nil
			})
		})
	})
	must(t, err)
	h.local("DELETE", "/tokens/sync", "").want(204)
	h.remote(secret, "GET", "/settings", "").refused(401, "unauthorized")
	if strings.Contains(h.log.String(), secret) {
		t.Fatal("the log holds the secret")
	}
}

func TestSettings(t *testing.T) {
	h := newHouse(t)
	var got map[string]string
	h.local("PUT", "/settings", `{"organisation":"ТОО «Пример»","bin":"123456789012","hold":"0","notice-days":"10"}`).want(200, &got)
	if got["organisation"] != "ТОО «Пример»" || got["hold"] != "0s" || got["one-person"] != "on" || got["zone"] != "Asia/Almaty" {
		t.Fatalf("settings are %v", got)
	}
	for name, v := range map[string]string{"bin": "12", "zone": "Mars/Base", "languages": "xx_yy", "notice-days": "-1", "hold": "1y", "one-person": "maybe",
		"allow": "a b@", "reply-to": "nobody", "url": "https://x.example", "nonsense": "1", "organisation": "a\u202eb"} {
		p := h.local("PUT", "/settings", toJSON(t, map[string]string{name: v})).refused(422, "invalid")
		if p.Field != name || p.Detail == "" {
			t.Errorf("%s=%q: %+v", name, v, p)
		}
	}
	h.local("GET", "/settings", "").want(200, &got)
	if got["bin"] != "123456789012" {
		t.Fatalf("a refused change left %v", got)
	}
	h.invite("a@example.kz")
	h.invite("b@example.kz")
	h.local("GET", "/settings", "").want(200, &got)
	if got["one-person"] != "off" {
		t.Fatal("one-person is still on with two members of staff")
	}
	h.local("PUT", "/settings", `{"one-person":"on"}`).refused(422, "invalid")
}

func TestEveryActIsAudited(t *testing.T) {
	h := newHouse(t)
	secret := h.token("publisher", "sync")
	h.published("policy")
	h.remote(secret, "PUT", "/recipients/u1", `{"address":"aigul@example.kz","language":"kk"}`).want(200)
	h.remote(secret, "DELETE", "/recipients/u1", "").want(204)
	trail := h.local("GET", "/audit", "").want(200).body
	for _, what := range []string{"token.made", "document.created", "version.published", "recipient.put", "recipient.left", `"token":"sync"`, `"by":"local"`} {
		if !strings.Contains(trail, what) {
			t.Errorf("the trail lacks %s", what)
		}
	}
	for _, secret := range []string{"aigul@example.kz", "u1", secret} {
		if strings.Contains(trail, secret) || strings.Contains(h.log.String(), secret) {
			t.Errorf("trail or log name %q", secret)
		}
	}
}

func TestRehearsalIsForStaff(t *testing.T) {
	h := newHouse(t, func(c *server.Config) { c.Install.Rehearsal = func() bool { return true } })
	h.published("policy")
	h.remote("", "GET", "/documents/policy/in-force", "").refused(401, "unauthorized")
	h.remote(h.token("auditor", "a"), "GET", "/documents/policy/in-force", "").want(200)
	h.local("POST", "/open", "").refused(422, "invalid")
}

func TestUnknownIsAProblem(t *testing.T) {
	h := newHouse(t)
	h.remote("", "GET", "/nothing", "").refused(404, "not-found")
	a := h.remote("", "PATCH", "/settings", "")
	a.refused(405, "method")
	if !strings.Contains(a.header.Get("Allow"), http.MethodPut) {
		t.Fatalf("Allow is %q", a.header.Get("Allow"))
	}
	h.remote("", "GET", "/documents/none", "").refused(404, "not-found")
	h.remote("", "GET", "/documents/none/compare/1..2", "").refused(422, "invalid")
}

func TestDamageIsAServerError(t *testing.T) {
	h := newHouse(t)
	h.published("policy")
	must(t, h.db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("server.settings")).Put([]byte("settings"), []byte("rubbish, and long enough"))
	}))
	p := h.local("GET", "/settings", "").refused(500, "damaged")
	if strings.Contains(p.Detail, "bucket") || strings.Contains(p.Detail, "server.") {
		t.Fatalf("the answer tells about the inside: %+v", p)
	}
	if !strings.Contains(h.log.String(), "damaged") {
		t.Fatal("the log says nothing")
	}
}
