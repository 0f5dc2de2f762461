package server_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"vestnik/server"
)

// under puts the house below a path, as behind a proxy for a whole site.
func under(path string) func(*server.Config) {
	return func(c *server.Config) { c.URL += path }
}

func TestPathsAreMadeCleanBelowTheBase(t *testing.T) {
	h := newHouse(t, under("/policies"))
	for path, want := range map[string]string{
		"/policies//privacy":           "/policies/privacy",
		"/policies//desk/":             "/policies/desk/",
		"/policies/log/tile/../../x?a": "/policies/x?a",
		"//evil.example/..//":          "/policies/",
		"/policies":                    "/policies/",
	} {
		a := raw(t, h, "GET", path)
		if to := a.header.Get("Location"); a.status/100 != 3 || to != want {
			t.Errorf("%s: %d to %q, want %q", path, a.status, to, want)
		}
	}
	h.local("PUT", "/recipients/a%2F%2Fb%2F..", `{"address": "a@example.kz"}`).want(200)
	if a := h.local("GET", "/recipients/a%2F%2Fb%2F..", "").want(200); !strings.Contains(a.body, `"a//b/.."`) {
		t.Errorf("another person: %s", a.body)
	}
	h.remote(h.token("publisher", "sync"), "GET", "/recipients/a%2F%2Fb%2F..", "").want(200)
	raw(t, h, "GET", "/policies/api").refused(404, "not-found")
	raw(t, h, "GET", "/policies/api/").refused(404, "not-found")
}

// raw sends a path just as it is.
func raw(t *testing.T, h *house, method, path string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, h.tcp.URL+"/", nil)
	must(t, err)
	req.URL.Opaque = path
	return send(t, h.browser(), req)
}

func TestMalformedFormsAreRefused(t *testing.T) {
	h := newHouse(t)
	_, link := h.invite("admin@example.kz")
	b := h.signedIn(link)
	call(t, b, "GET", h.tcp.URL+"/desk/sign-in?%zz", "").want(200)
	call(t, b, "GET", h.tcp.URL+"/desk/?a;b", "").want(200)
	call(t, b, "POST", h.tcp.URL+"/desk/settings", "hold=%zz", "Content-Type", "application/x-www-form-urlencoded").want(422)
	call(t, b, "POST", h.tcp.URL+"/desk/settings", strings.Repeat("a", 25<<20), "Content-Type", "application/x-www-form-urlencoded").want(413)
	if strings.Contains(h.log.String(), "level=ERROR") {
		t.Error("a stranger's mistake is logged as a fault of ours")
	}
}

func TestNobodyLearnsOfADocumentBeforeItsFirstVersion(t *testing.T) {
	h := newHouse(t)
	h.local("PUT", "/documents/merger", `{"titles": {"ru": "О слиянии"}}`).want(201)
	if a := h.remote("", "GET", "/documents", "").want(200); strings.Contains(a.body, "merger") {
		t.Errorf("the list names it: %s", a.body)
	}
	for _, path := range []string{"", "/versions", "/versions/1", "/in-force", "/compare/1...2", "/fragment/ru"} {
		h.remote("", "GET", "/documents/merger"+path, "").refused(404, "not-found")
	}
	for _, path := range []string{"/merger", "/merger/ru", "/merger/register", "/embed/merger/ru", "/merger/feed.atom"} {
		call(t, h.browser(), "GET", h.tcp.URL+path, "").want(404)
	}
	author := h.token("author", "editor")
	h.remote(author, "GET", "/documents/merger", "").want(200)
	if a := h.remote(author, "GET", "/documents", "").want(200); !strings.Contains(a.body, "merger") {
		t.Errorf("staff do not see it: %s", a.body)
	}
}

func TestNothingOfALinkLeaksByReferer(t *testing.T) {
	h := newHouse(t)
	_, link := h.invite("admin@example.kz")
	a := call(t, h.browser(), "GET", link, "").want(200)
	if a.header.Get("Referrer-Policy") != "no-referrer" || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the page with the button has %v", a.header)
	}
}

func TestReadmissionRevivesNoToken(t *testing.T) {
	h := newHouse(t)
	h.invite("first@example.kz")
	id, _ := h.invite("second@example.kz", "administrator")
	const secret = "a secret"
	sum := sha256.Sum256([]byte(secret))
	must(t, h.store.PutToken(t.Context(), server.Token{Hash: hex.EncodeToString(sum[:]), Name: "script", Staff: id, Role: "administrator"}))
	h.remote(secret, "GET", "/staff", "").want(200)
	h.local("POST", "/staff/"+id+"/disable", "").want(200)
	h.remote(secret, "GET", "/staff", "").refused(401, "unauthorized")
	h.local("POST", "/staff", `{"address": "second@example.kz", "roles": ["administrator"]}`).want(201)
	h.remote(secret, "GET", "/staff", "").refused(401, "unauthorized")
}

// The built-in mailbox holds everybody's sign-in links.
func TestAuditorsDoNotReadTheMailbox(t *testing.T) {
	h := newHouse(t, func(c *server.Config) { c.Mailbox = "smtp://127.0.0.1:1" })
	_, admin := h.invite("admin@example.kz")
	_, auditor := h.invite("auditor@example.kz", "auditor", "author")
	must(t, h.store.PutMail(t.Context(), server.StoredMail{Subject: "a link", To: []string{"admin@example.kz"}, Raw: []byte("Subject: a link\r\n\r\n/desk/link/x\r\n")}, 10))
	b := h.signedIn(auditor)
	for _, path := range []string{"/desk/mailbox", "/desk/mailbox/1", "/desk/mailbox/1?view=source", "/desk/mailbox/1/html"} {
		call(t, b, "GET", h.tcp.URL+path, "").want(403)
	}
	call(t, b, "GET", h.tcp.URL+"/desk/", "").want(200).lacks("/desk/mailbox")
	call(t, b, "GET", h.tcp.URL+"/desk/settings", "").want(200)
	b = h.signedIn(admin)
	call(t, b, "GET", h.tcp.URL+"/desk/mailbox/1?view=source", "").want(200).has("/desk/link/x")
	call(t, b, "GET", h.tcp.URL+"/desk/", "").want(200).has("/desk/mailbox")
}

func TestNothingOfARehearsalIsKept(t *testing.T) {
	h := staged(t, func(c *server.Config) { c.Install = installation() })
	_, link := h.invite("admin@example.kz")
	b := h.signedIn(link)
	for _, path := range []string{"/", "/privacy", "/privacy/ru", "/privacy/register", "/privacy/feed.atom", "/privacy/ru/feed.atom", "/sitemap.xml", "/register", "/verify",
		"/log/checkpoint", "/log/key", "/log/tile/0/000.p/3", "/log/proof/1", "/embed/privacy/ru", "/privacy/ru/compare/1...2", "/privacy/ru/on/2021-01-01"} {
		h.get(path).want(401).lacks("Политика", "example.kz/log")
		if a := call(t, b, "GET", h.tcp.URL+path, ""); a.status >= 400 || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s for staff: %d, %v", path, a.status, a.header)
		}
	}
	for _, path := range []string{"", "/privacy", "/privacy/versions", "/privacy/versions/1", "/privacy/in-force", "/privacy/compare/1...2", "/privacy/fragment/ru"} {
		h.remote("", "GET", "/documents"+path, "").refused(401, "unauthorized")
	}
	h.remote("", "GET", "/events", "").refused(401, "unauthorized")
}

// Whoever lacks the role for an act of the desk does not get it, whatever else
// they may do.
func TestDeskRoles(t *testing.T) {
	h := staged(t)
	h.invite("admin@example.kz")
	roles := []string{"author", "approver", "publisher", "auditor"}
	as := map[string]*http.Client{}
	for _, role := range roles {
		_, link := h.invite(role+"@example.kz", role)
		as[role] = h.signedIn(link)
	}
	last := h.local("GET", "/events?limit=1000", "").want(200).body
	for path, who := range map[string]string{
		"/desk/new-document": "author", "/desk/documents/privacy/draft": "author", "/desk/documents/privacy/submit": "author",
		"/desk/documents/privacy/approve": "approver", "/desk/documents/privacy/return": "approver", "/desk/documents/privacy/publish": "publisher",
		"/desk/documents/privacy/versions/3/withdraw": "publisher", "/desk/documents/privacy/versions/3/postpone": "publisher", "/desk/notices/3/stop": "publisher",
		"/desk/settings": "", "/desk/staff": "", "/desk/staff/s-x/disable": "", "/desk/staff/s-x/link": "", "/desk/release": "",
	} {
		for _, role := range roles {
			if role != who {
				call(t, as[role], "POST", h.tcp.URL+path, "reason=x", "Content-Type", "application/x-www-form-urlencoded").want(403)
			}
		}
		if a := call(t, h.browser(), "POST", h.tcp.URL+path, "reason=x", "Content-Type", "application/x-www-form-urlencoded"); a.status != 401 && a.status != 429 {
			t.Errorf("%s by nobody: %d", path, a.status)
		}
	}
	if now := h.local("GET", "/events?limit=1000", "").want(200).body; now != last {
		t.Errorf("events were added: %s", now)
	}
}

func TestBodiesAreBounded(t *testing.T) {
	h := newHouse(t)
	h.document("policy")
	for _, c := range []struct {
		method, path string
		most         int
	}{{"PUT", "/documents/policy", 1 << 20}, {"PUT", "/settings", 1 << 20}, {"PUT", "/documents/policy/draft", 26 << 20}, {"POST", "/documents/policy/versions", 26 << 20}} {
		body := `{"titles": {"ru": "` + strings.Repeat("x", c.most) + `"}}`
		h.local(c.method, c.path, body).refused(413, "malformed")
	}
}
