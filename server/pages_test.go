package server_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"vestnik/documents"
	"vestnik/documents/translog"
	"vestnik/server"
)

// policy is a text whose clauses depend on the version: in the second one clause
// 1.2 is new, in the third 2.1 is gone and 2.2 has another number.
func policy(tag string, version int) string {
	words := map[string][]string{
		"ru": {"Политика обработки персональных данных", "Общие положения", "Настоящая политика описывает, какие данные хранит служба и зачем.", "Служба сообщает об изменениях политики письмом.", "Права пользователя", "Пользователь может получить копию своих данных.", "Пользователь может потребовать удалить свои данные; срок — {n} рабочих дней."},
		"kk": {"Дербес деректерді өңдеу саясаты", "Жалпы ережелер", "Осы саясат қызметтің қандай деректерді не үшін сақтайтынын сипаттайды.", "Қызмет саясаттың өзгерістері туралы хатпен хабарлайды.", "Пайдаланушының құқықтары", "Пайдаланушы өз деректерінің көшірмесін ала алады.", "Пайдаланушы өз деректерін жоюды талап ете алады; мерзімі — {n} жұмыс күні."},
		"en": {"Personal data policy", "General", "This policy says which data the service keeps, and why.", "The service tells of changes to the policy by mail.", "Rights of the user", "A user may have a copy of their data.", "A user may ask for their data to be deleted, within {n} working days."},
	}[tag]
	lines := []string{"# " + words[0], "1. " + words[1], "1.1. " + words[2]}
	if version > 1 {
		lines = append(lines, "1.2. "+words[3])
	}
	lines = append(lines, "2. "+words[4])
	days := "30"
	if version < 3 {
		lines = append(lines, "2.1. "+words[5])
	} else {
		days = "15"
	}
	lines = append(lines, fmt.Sprintf("2.%d. %s", 2-version/3, strings.ReplaceAll(words[6], "{n}", days)))
	return strings.Join(lines, "\n\n") + "\n"
}

func noteOf(tag string) documents.Note {
	return map[string]documents.Note{
		"ru": {What: "Срок ответа на просьбу удалить данные стал короче.\n\n- было 30 рабочих дней;\n- стало 15.", Whom: "Всех пользователей.", Means: "Ответ придёт быстрее."},
		"kk": {What: "Деректерді жою туралы өтінішке жауап беру мерзімі қысқарды.", Whom: "Барлық пайдаланушыларға.", Means: "Жауап тезірек келеді."},
		"en": {What: "Requests to delete data are answered sooner.", Whom: "All users.", Means: "You have your answer sooner."},
	}[tag]
}

func draftOf(version int, class documents.Class, effective string) *documents.Draft {
	d := &documents.Draft{Document: "privacy", Effective: effective, Change: documents.Change{Class: class, Reason: "Срок приведён к закону.", Notes: map[string]documents.Note{}}}
	for _, tag := range []string{"ru", "kk", "en"} {
		d.Texts = append(d.Texts, documents.DraftText{Lang: tag, Source: policy(tag, version)})
		d.Change.Notes[tag] = noteOf(tag)
	}
	return d
}

// withTree gives a house its log.
func withTree(t *testing.T) func(*server.Config) {
	return func(c *server.Config) {
		private, _, err := translog.GenerateKey("example.kz/log")
		must(t, err)
		library := c.Library
		c.Tree, err = translog.Open(context.Background(), translog.Config{Key: private, State: filepath.Join(t.TempDir(), "checkpoint"),
			Source: func(ctx context.Context, after int64, limit int) ([][]byte, error) {
				events, err := library.Events(ctx, "", documents.Seq(after), limit)
				var out [][]byte
				for _, e := range events {
					out = append(out, e.Bytes)
				}
				return out, err
			}})
		must(t, err)
	}
}

// staged is a house in which the document privacy has an imported version, one
// in force, and one upcoming.
func staged(t *testing.T, change ...func(*server.Config)) *house {
	t.Helper()
	h := newHouse(t, append([]func(*server.Config){withTree(t)}, change...)...)
	by := documents.Actor{Name: "local", Roles: []string{"administrator"}}
	history := documents.History{Document: "privacy", Prevailing: "ru", Zone: "Asia/Almaty", Titles: map[string]string{},
		Versions: []documents.ImportedVersion{{Number: 1, Effective: "2020-01-01", Published: "2019-12-20", Class: documents.Notice}}}
	for _, tag := range []string{"ru", "kk", "en"} {
		first, _, _ := strings.Cut(policy(tag, 1), "\n")
		history.Titles[tag] = strings.TrimPrefix(first, "# ")
		history.Versions[0].Texts = append(history.Versions[0].Texts, documents.DraftText{Lang: tag, Source: policy(tag, 1)})
	}
	_, err := h.library.Import(t.Context(), history, by)
	must(t, err)
	second := draftOf(2, documents.Notice, "now")
	second.Change.Urgent = true
	_, err = h.library.Publish(t.Context(), documents.Publication{Document: "privacy", Draft: second, Based: -1}, by)
	must(t, err)
	_, err = h.library.Publish(t.Context(), documents.Publication{Document: "privacy", Draft: draftOf(3, documents.Notice, ""), Based: -1}, by)
	must(t, err)
	return h
}

// get asks for a public page as a browser would.
func (h *house) get(path string, header ...string) answer {
	h.t.Helper()
	return call(h.t, h.browser(), "GET", h.tcp.URL+path, "", header...)
}

// checkHTML parses a page and fails on what a validator, a screen reader or our
// policy would object to.
func checkHTML(t *testing.T, name, body string) *html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	must(t, err)
	c := pageCheck{t: t, name: name, ids: map[string]bool{}, labels: map[string]bool{}}
	c.walk(root)
	if c.h1 != 1 {
		t.Errorf("%s: %d h1", name, c.h1)
	}
	for _, id := range c.inputs {
		if !c.labels[id] {
			t.Errorf("%s: input %q has no label", name, id)
		}
	}
	for _, ref := range c.refs {
		if !c.ids[ref] {
			t.Errorf("%s: %q is referred to and is not there", name, ref)
		}
	}
	return root
}

type pageCheck struct {
	t            *testing.T
	name         string
	h1           int
	ids, labels  map[string]bool
	inputs, refs []string
}

func (c *pageCheck) walk(n *html.Node) {
	if n.Type == html.ElementNode {
		c.element(n)
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		c.walk(child)
	}
}

func (c *pageCheck) element(n *html.Node) {
	a := map[string]string{}
	for _, one := range n.Attr {
		a[one.Key] = one.Val
		if strings.HasPrefix(one.Key, "on") || one.Key == "style" {
			c.t.Errorf("%s: <%s> has %s", c.name, n.Data, one.Key)
		}
	}
	if id := a["id"]; id != "" {
		if c.ids[id] {
			c.t.Errorf("%s: id %q twice", c.name, id)
		}
		c.ids[id] = true
	}
	for _, key := range []string{"aria-labelledby", "aria-describedby"} {
		c.refs = append(c.refs, strings.Fields(a[key])...)
	}
	if target, ok := strings.CutPrefix(a["href"], "#"); ok && n.Data == "a" && target != "" {
		c.refs = append(c.refs, target)
	}
	switch n.Data {
	case "h1":
		c.h1++
	case "html":
		if a["lang"] == "" || a["dir"] == "" {
			c.t.Errorf("%s: html without lang or dir", c.name)
		}
	case "script":
		if a["type"] != "application/ld+json" && (!strings.Contains(a["src"], "/static/") || strings.Contains(a["src"], "//") || n.FirstChild != nil) {
			c.t.Errorf("%s: a script that is not a file of ours: %q", c.name, a["src"])
		}
	case "style", "font", "center":
		c.t.Errorf("%s: <%s>", c.name, n.Data)
	case "label":
		c.labels[a["for"]] = true
	case "input", "select", "textarea":
		if a["type"] != "hidden" {
			c.inputs = append(c.inputs, a["id"])
		}
	case "img", "iframe", "link":
		if src := a["src"] + a["href"]; a["rel"] == "stylesheet" && !strings.HasPrefix(src, "/") || n.Data == "img" && strings.Contains(src, "//") {
			c.t.Errorf("%s: asks somebody else for %s", c.name, src)
		}
	case "button":
		if !slices.ContainsFunc(ancestors(n), func(p *html.Node) bool { return p.Data == "form" }) {
			c.t.Errorf("%s: a button outside any form does nothing", c.name)
		}
	case "a":
		_, leads := a["href"] // a source's own anchor may have lost where it led
		if leads && a["href"] == "" || !leads && a["class"] != "" || strings.Contains(a["href"], "ZgotmplZ") {
			c.t.Errorf("%s: a link to nowhere %q", c.name, a["href"])
		}
	}
}

func ancestors(n *html.Node) (out []*html.Node) {
	for p := n.Parent; p != nil; p = p.Parent {
		out = append(out, p)
	}
	return out
}

func TestPublicPagesAreSound(t *testing.T) {
	h := staged(t)
	paths := []string{"/", "/?lang=kk", "/register", "/verify", "/privacy/register"}
	for _, tag := range []string{"ru", "kk", "en"} {
		for _, tail := range []string{"", "/v/1", "/v/2", "/v/3", "/on/2021-05-05", "/compare/1...2", "/compare/3...1", "/compare/2...2", "/compare/2...3?view=side"} {
			paths = append(paths, "/privacy/"+tag+tail)
		}
	}
	for _, path := range paths {
		a := h.get(path).want(200)
		checkHTML(t, path, a.body)
		if strings.Contains(a.body, "[") && strings.Contains(a.body, "]</") {
			t.Errorf("%s: shows a missing key", path)
		}
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		fmt.Fprint(z, a.body)
		z.Close()
		if packed.Len() > 50_000 {
			t.Errorf("%s weighs %d bytes", path, packed.Len())
		}
		if len(a.header.Values("Set-Cookie")) > 0 || a.header.Get("Cache-Control") != "no-cache" || !strings.Contains(a.header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: header %v", path, a.header)
		}
		tag := a.header.Get("ETag")
		again := call(t, h.browser(), "GET", h.tcp.URL+path, "", "If-None-Match", tag).want(http.StatusNotModified)
		if again.body != "" || tag == "" {
			t.Errorf("%s: 304 with a body, or no ETag", path)
		}
	}
}
