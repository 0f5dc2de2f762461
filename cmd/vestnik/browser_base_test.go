package main

import (
	"strings"
	"testing"
)

// Below a path of its own the site holds together: every link of the public pages
// and of the desk, the stylesheet, forms and cookies stay within it.
func TestBelowPath(t *testing.T) {
	t.Parallel()
	h := newProgram(t)
	h.args = []string{"-url", "http://" + h.addr + "/policies"}
	h.start()
	link := strings.TrimSpace(h.command("staff", "invite", "-lang", "ru", "anna@example.kz"))
	p := newTab(t, newBrowser(t), "http://"+h.addr+"/policies")
	p.open(link).status(200).follow("main form button").at("/desk/").status(200)
	if got := eval[string](p, `getComputedStyle(document.querySelector('.mast')).borderTopStyle`); got != "solid" {
		t.Error("the stylesheet is not found")
	}
	p.crawl("/desk/", 200) // and from there the public pages, which a rehearsal shows staff
	p.open("/desk/documents/privacy/draft").write("#source-ru", "1. Данные\n\n1.1. Пять дней.\n").follow("main form button").at("/desk/documents/privacy/draft?saved=1")
	p.stayedHome()
	p.follow("header form button").at("/desk/sign-in")
	p.open("/desk/").at("/desk/sign-in?next=%2Fdesk%2F")
}
