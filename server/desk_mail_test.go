package server_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"vestnik/documents"
)

// TestDeskMailAgain: the desk shows of each delivery what was sent, masked as the
// person sees it too, with bytes that anyone can hash.
func TestDeskMailAgain(t *testing.T) {
	d := newDoor(t)
	_, link := d.invite("auditor@example.kz", "auditor")
	b := d.signedIn(link)
	notice := d.page(b, "/desk/notices/4").want(200)
	path := regexp.MustCompile(`/desk/notices/4/mail/\d+`).FindString(notice.body)
	if path == "" {
		t.Fatal("the ledger leads to no mail")
	}
	a := d.page(b, path).want(200).has("sandbox=", "sha256sum notice-4.eml", path+"/html", "Передано почтовой службе")
	file := call(t, b, "GET", d.tcp.URL+path+"/file", "").want(200)
	sum := sha256.Sum256([]byte(file.body))
	if !strings.Contains(a.body, hex.EncodeToString(sum[:])) {
		t.Error("the file has another digest than the page")
	}
	if me := d.get(d.link("a@example.kz", "ru") + "/mail/4/file").want(200); me.body != file.body {
		t.Error("the desk and the person see different bytes")
	}
	frame := call(t, b, "GET", d.tcp.URL+path+"/html", "").want(200)
	if policy := frame.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "sandbox ") {
		t.Errorf("the frame is let do %q", policy)
	}
	for _, body := range []string{a.body, file.body, frame.body} {
		if strings.Contains(body, "a@example.kz") || strings.Contains(body, "Айгүл") || noticeLink.MatchString(strings.ReplaceAll(body, strings.Repeat("x", 43), "")) {
			t.Error("the mail says whose it is")
		}
	}
	for _, wrong := range []string{"/desk/notices/4/mail/99", "/desk/notices/9/mail/1", "/desk/notices/x/mail/1", "/desk/notices/4/mail/x"} {
		d.page(b, wrong).want(404)
	}
	call(t, d.browser(), "GET", d.tcp.URL+path+"/html", "").lacks("<h1")
}

// TestDeskMailToBe: the review frames the mail as its recipients will see it.
func TestDeskMailToBe(t *testing.T) {
	h := staged(t)
	_, link := h.invite("admin@example.kz")
	b := h.signedIn(link)
	latest, err := h.library.Draft(t.Context(), "privacy", 0)
	must(t, err)
	h.post(b, "/desk/documents/privacy/draft", formOf(latest.Revision, 3, draftOf(2, documents.Notice, ""))).want(303)
	review := h.page(b, "/desk/documents/privacy/review").want(200).has("/desk/documents/privacy/review/mail/kk", "/desk/documents/privacy/review/mail/ru")
	if policy := review.header.Get("Content-Security-Policy"); !strings.Contains(policy, "frame-src 'self'") {
		t.Errorf("no frame: %s", policy)
	}
	mail := call(t, b, "GET", h.tcp.URL+"/desk/documents/privacy/review/mail/kk", "").want(200).has("Құжаттың өзгеруі туралы хабарлама", strings.Repeat("x", 43))
	if policy := mail.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "sandbox ") {
		t.Errorf("the frame is let do %q", policy)
	}
	h.page(b, "/desk/documents/privacy/review/mail/de").want(404)
	h.page(b, "/desk/documents/nothing/review/mail/kk").want(404)
	h.post(b, "/desk/documents/privacy/draft", func() url.Values {
		f := formOf(latest.Revision+1, 3, draftOf(2, documents.Notice, ""))
		f.Set("class", "no")
		return f
	}()).want(303)
	h.page(b, "/desk/documents/privacy/review/mail/kk").want(404)
}
