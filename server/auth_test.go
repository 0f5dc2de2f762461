package server_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"vestnik/server"
)

func TestLinkIsSpentOnceByPost(t *testing.T) {
	h := newHouse(t)
	id, link := h.invite("admin@example.kz")
	b := h.browser()
	for range 3 {
		call(t, b, "GET", link, "")
	}
	if h.hasSession(b) {
		t.Fatal("GET signed somebody in")
	}
	a := call(t, b, "POST", link, "").want(303)
	if a.header.Get("Location") != "/desk/" || a.header.Get("Referrer-Policy") != "no-referrer" || a.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("answer is %v", a.header)
	}
	cookie := a.header.Get("Set-Cookie")
	for _, part := range []string{"HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(cookie, part) {
			t.Errorf("the cookie lacks %s", part)
		}
	}
	if strings.Contains(cookie, "Secure") {
		t.Error("a cookie on loopback is Secure, and so never comes back")
	}
	call(t, h.browser(), "POST", link, "").want(404)
	secret := link[strings.LastIndex(link, "/")+1:]
	if strings.Contains(h.log.String(), secret) || !strings.Contains(h.log.String(), `/desk/link/{token}`) {
		t.Fatalf("the log names the token, or not the route:\n%s", h.log.String())
	}
	if trail := h.local("GET", "/audit", "").want(200).body; !strings.Contains(trail, "staff.signed-in") || !strings.Contains(trail, id) {
		t.Fatal("signing in is not audited")
	}
}

func TestForgedAndExpiredLinks(t *testing.T) {
	h := newHouse(t)
	id, _ := h.invite("admin@example.kz")
	call(t, h.browser(), "POST", h.tcp.URL+"/desk/link/forged", "").want(404)
	sum := sha256.Sum256([]byte("late"))
	must(t, h.store.PutLink(t.Context(), server.Link{Hash: hex.EncodeToString(sum[:]), Staff: id, Expires: time.Now().Add(-time.Second)}))
	b := h.browser()
	call(t, b, "POST", h.tcp.URL+"/desk/link/late", "").want(404)
	if h.hasSession(b) {
		t.Fatal("an expired link signed somebody in")
	}
}

func TestLinkGoesNowhereElse(t *testing.T) {
	h := newHouse(t)
	id, _ := h.invite("admin@example.kz")
	for _, next := range []string{"//evil.example", "https://evil.example", "/desk//evil.example", "/\\evil.example", "/desk\r\nX: y"} {
		sum := sha256.Sum256([]byte("link"))
		must(t, h.store.PutLink(t.Context(), server.Link{Hash: hex.EncodeToString(sum[:]), Staff: id, Next: next, Expires: time.Now().Add(time.Hour)}))
		if to := call(t, h.browser(), "POST", h.tcp.URL+"/desk/link/link", "").want(303).header.Get("Location"); to != "/desk/" {
			t.Errorf("next %q led to %q", next, to)
		}
	}
}

func TestCrossSitePost(t *testing.T) {
	h := newHouse(t)
	_, link := h.invite("admin@example.kz")
	for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "same-site"}} {
		call(t, h.browser(), "POST", link, "", header...).want(403)
	}
	call(t, h.browser(), "POST", link, "", "Sec-Fetch-Site", "same-origin").want(303)
}

func TestSignOutEndsTheSession(t *testing.T) {
	h := newHouse(t)
	_, link := h.invite("admin@example.kz")
	b := h.signedIn(link)
	u, err := url.Parse(h.tcp.URL)
	must(t, err)
	stolen := b.Jar.Cookies(u)[0].Value
	sum := sha256.Sum256([]byte(stolen))
	if _, err := h.store.Session(t.Context(), hex.EncodeToString(sum[:])); err != nil {
		t.Fatalf("the session is not under the hash of its token: %v", err)
	}
	call(t, b, "POST", h.tcp.URL+"/desk/sign-out", "").want(303)
	if h.hasSession(b) {
		t.Fatal("the browser still has the cookie")
	}
	if _, err := h.store.Session(t.Context(), hex.EncodeToString(sum[:])); err == nil {
		t.Fatal("the session lives on")
	}
}

func TestCookieIsSecureOffLoopback(t *testing.T) {
	h := newHouse(t, func(c *server.Config) { c.Loopback, c.URL = false, "https://site.example/policies" })
	_, link := h.invite("admin@example.kz")
	secret := link[strings.LastIndex(link, "/")+1:]
	if !strings.HasPrefix(link, "https://site.example/policies/desk/link/") {
		t.Fatalf("link is %s", link)
	}
	a := call(t, h.browser(), "POST", h.tcp.URL+"/policies/desk/link/"+secret, "").want(303)
	if c := a.header.Get("Set-Cookie"); !strings.Contains(c, "Secure") || !strings.Contains(c, "Path=/policies/") {
		t.Fatalf("cookie is %q", c)
	}
	if to := a.header.Get("Location"); to != "/policies/desk/" {
		t.Fatalf("leads to %q", to)
	}
}

func TestDisabledStaffAreOutAtOnce(t *testing.T) {
	h := newHouse(t)
	h.invite("admin@example.kz", "administrator")
	id, link := h.invite("second@example.kz", "administrator")
	b := h.signedIn(link)
	call(t, b, "GET", h.tcp.URL+"/desk/", "").want(200)
	var again struct{ URL string }
	h.local("POST", "/staff/second@example.kz/link", "").want(200, &again)
	h.local("POST", "/staff/"+id+"/disable", "").want(200)
	if a := call(t, b, "GET", h.tcp.URL+"/desk/", ""); a.status == 200 {
		t.Fatal("a disabled member of staff is still at the desk")
	}
	call(t, h.browser(), "POST", again.URL, "").want(404)
	h.local("POST", "/staff/"+id+"/link", "").refused(422, "invalid")
	if p := h.local("POST", "/staff/admin@example.kz/disable", "").refused(422, "invalid"); p.Code != "last-administrator" {
		t.Fatalf("refused with %+v", p)
	}
	// Invited anew, the same person comes back with other roles.
	if back, _ := h.invite("second@example.kz", "auditor"); back != id {
		t.Fatalf("came back as %s, was %s", back, id)
	}
	h.local("POST", "/staff", `{"address":"SECOND@example.kz"}`).refused(422, "invalid")
}

// A token falls with its maker's roles.
func TestTokenOfDisabledMaker(t *testing.T) {
	h := newHouse(t)
	h.invite("admin@example.kz", "administrator")
	id, _ := h.invite("second@example.kz", "publisher")
	sum := sha256.Sum256([]byte("secret"))
	must(t, h.store.PutToken(t.Context(), server.Token{Hash: hex.EncodeToString(sum[:]), Name: "n", Staff: id, Role: "publisher"}))
	h.remote("secret", "GET", "/notices", "").want(200)
	must(t, h.store.PutToken(t.Context(), server.Token{Hash: hex.EncodeToString(sum[:]), Name: "n", Staff: id, Role: "administrator"}))
	h.remote("secret", "GET", "/notices", "").refused(401, "unauthorized")
	must(t, h.store.PutToken(t.Context(), server.Token{Hash: hex.EncodeToString(sum[:]), Name: "n", Staff: id, Role: "publisher"}))
	h.local("POST", "/staff/"+id+"/disable", "").want(200)
	h.remote("secret", "GET", "/notices", "").refused(401, "unauthorized")
}

func TestFirstOfStaffMayDoAll(t *testing.T) {
	h := newHouse(t)
	h.invite("first@example.kz")
	h.invite("second@example.kz")
	var all struct {
		Staff []struct {
			Address string
			Roles   []string
		}
	}
	h.local("GET", "/staff", "").want(200, &all)
	for _, one := range all.Staff {
		if want := map[string]int{"first@example.kz": 4, "second@example.kz": 1}[one.Address]; len(one.Roles) != want {
			t.Errorf("%s has the roles %v", one.Address, one.Roles)
		}
	}
	h.local("POST", "/staff", `{"address":"no address"}`).refused(422, "invalid")
	h.local("POST", "/staff", `{"address":"a@example.kz","roles":["king"]}`).refused(422, "invalid")
}

func TestSignInTellsNobodyWhoWorksHere(t *testing.T) {
	h := newHouse(t)
	h.invite("admin@example.kz")
	form := func(address string) answer {
		return call(t, h.browser(), http.MethodPost, h.tcp.URL+"/desk/sign-in", url.Values{"address": {address}}.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	}
	known, unknown := form("admin@example.kz").want(303), form("nobody@example.kz").want(303)
	if known.header.Get("Location") != unknown.header.Get("Location") || known.body != unknown.body {
		t.Fatal("the answers differ")
	}
	if strings.Contains(h.log.String(), "admin@example.kz") {
		t.Fatal("the log names somebody")
	}
	for range 10 {
		form("admin@example.kz")
	}
	form("admin@example.kz").want(429)
}
