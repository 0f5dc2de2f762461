package main

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// audit is run in a page and returns what is wrong with it, a sentence each.
//
//go:embed testdata/browser/audit.js
var audit string

func (p *tab) audited() {
	p.t.Helper()
	for _, wrong := range eval[[]string](p, audit) {
		p.t.Errorf("%s: %s", p.path(), wrong)
	}
}

var varying = regexp.MustCompile(`[0-9]+(,[0-9]+)*|c-[a-z2-7]{8}`)

// crawl follows every link from a page on, two of each form, and audits what it
// finds.
func (p *tab) crawl(from string, most int) {
	p.t.Helper()
	p.visits(from, most, 2, formOf, p.auditedEverywhere)
}

// formOf is an address without what differs between pages of one kind.
func formOf(path string) string { return varying.ReplaceAllString(path, "N") }

// visits follows every link from a page on, so many of each form, and looks at what
// it finds.
func (p *tab) visits(from string, most, each int, formOf func(path string) string, look func()) {
	p.t.Helper()
	seen, forms, next := map[string]bool{from: true}, map[string]int{}, []string{from}
	pages := 0
	for ; len(next) > 0 && pages < most; pages++ {
		p.open(next[0]).status(200)
		next = next[1:]
		look()
		for _, href := range eval[[]string](p, `[...document.querySelectorAll('a[href]:not([download])')].map(a => a.href)`) {
			path, ours := strings.CutPrefix(href, p.origin)
			path, _, _ = strings.Cut(path, "#")
			if !ours || seen[path] || notPages.MatchString(path) {
				continue
			}
			form := formOf(path)
			if seen[path] = true; forms[form] < each {
				forms[form]++
				next = append(next, path)
			}
		}
	}
	p.t.Logf("%d pages", pages)
	if len(next) > 0 {
		p.t.Errorf("%d pages were not looked at: %q", len(next), next)
	}
}

var notPages = regexp.MustCompile(`\.atom$|^/log/|/html$`)

func (p *tab) auditedEverywhere() {
	p.t.Helper()
	p.scheme("light").sized(320).fits()
	p.audited()
	p.scheme("dark").sized(1280).fits()
	p.audited()
}

func TestPagesAreSound(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	p := newTab(t, newBrowser(t), d.url)
	p.crawl("/?lang=ru", 200)
	p.stayedHome()
	if got := p.cookies(); len(got) > 0 {
		t.Errorf("public pages set cookies %q", got)
	}
}

func TestDeskIsSound(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	p := newTab(t, newBrowser(t), d.url)
	p.open(d.invited("-lang", "kk", "anna@example.kz")).status(200)
	p.auditedEverywhere()
	p.follow("form button")
	p.crawl("/desk/", 200)
	if got := p.cookies(); !slices.Equal(got, []string{"vestnik_session"}) {
		t.Errorf("cookies %q", got)
	}
}
