package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"vestnik/server/mailbox"
)

// seedNumbers are the clauses of the policy that Vestnik was made for, with the
// lines that they begin on.
var seedNumbers = []string{
	"1. 11", "1.1. 13", "1.2. 20",
	"2. 22", "2.1. 24", "2.2. 26", "2.3. 28", "2.4. 30", "2.5. 32", "2.6. 34", "2.7. 36", "2.8. 38",
	"3. 42", "3.1. 44", "3.2. 46", "4. 53", "4.1. 55", "4.2. 57",
	"5. 66", "5.1. 68", "5.2. 70", "6. 72", "6.1. 74", "6.2. 76", "6.3. 78",
}

// seedLists are its lists: how many items each has.
var seedLists = []int{4, 4, 6}

// The words that the amendment adds.
const (
	addedCookies = "Отозвать такое согласие можно в настройках Сайта в любой день."
	addedNotice  = "О каждом таком изменении мы пишем не позже чем за тридцать дней."
)

// readSeed returns the policy as it is, and with clauses 2.8 and 6.1 amended: the
// first gets another sentence at the end of its second paragraph, in the second
// one replaces the last.
func readSeed(t *testing.T) (path, before, after string) {
	paths, err := filepath.Glob(filepath.Join("..", "..", "..", "shared", "seeds", "*.txt"))
	if err != nil || len(paths) != 1 {
		t.Skip("the policy that Vestnik was made for is not beside the project, in ../shared/seeds")
	}
	b, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(b), "\n")
	for i, line := range lines {
		switch {
		case i > 1 && strings.HasPrefix(lines[i-2], "2.8. "):
			lines[i] = line + " " + addedCookies
		case strings.HasPrefix(line, "6.1. "):
			lines[i] = line[:strings.LastIndex(strings.TrimSuffix(line, "."), ". ")+2] + addedNotice
		}
	}
	return paths[0], string(b), strings.Join(lines, "\n")
}

// publishSeed brings the policy and its amendment out, and waits until everybody
// was told. It returns the event of the amendment.
func publishSeed(t *testing.T, p *program, box *postbox, path, after string) published {
	folder := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	p.command("settings", "organisation=ТОО «Пример»", "postal=Алматы, улица Примерная, 1", "reply-to=privacy@example.kz", "languages=ru", "hold=0")
	p.command("import", "-document", "privacy", path)
	p.start()
	p.command("open")
	p.command("recipients", "import", write("people.csv", "external_id,address,language,name,registered_at,groups\n"+
		"u1,anna@example.kz,ru,Анна,2020-01-01,\nu2,dana@example.kz,kk,,2020-01-01,\nu3,oleg@example.kz,,,2020-01-01,\n"))
	p.command("publish", "-document", "privacy", "-class", "notice", "-reason", "Права пользователей стали шире.", "-text", "ru="+write("next.txt", after),
		"-note", "ru="+write("note.txt", "Согласие на cookies можно отозвать, а об изменениях мы пишем заранее.\n---\nВсех пользователей.\n---\nВремени на решение больше.\n"))
	if err := box.await(3); err != nil {
		t.Fatalf("%v\n%s", err, p.log.String())
	}
	var versions struct{ Versions []published }
	if err := p.client().call(t.Context(), "GET", "/documents/privacy/versions", nil, &versions); err != nil {
		t.Fatal(err)
	}
	return versions.Versions[len(versions.Versions)-1]
}

func (p *program) page(path string) *soundPage {
	p.t.Helper()
	resp, err := http.Get("http://" + p.addr + path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		p.t.Fatalf("%s: %s %v", path, resp.Status, err)
	}
	page := readPage(string(b))
	page.report(p.t, path)
	return page
}

// The policy that Vestnik was made for goes the whole way as it is.
func TestSeed(t *testing.T) {
	path, before, after := readSeed(t)
	box, stop, err := newPostbox("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	p := &program{t: t, dir: filepath.Join(t.TempDir(), "data"), addr: freeAddr(t), args: []string{"-smtp", "smtp://" + box.addr, "-from", "privacy@example.kz"}}
	t.Cleanup(func() {
		if p.cmd != nil {
			p.kill()
		}
	})
	second := publishSeed(t, p, box, path, after)
	for n, source := range map[int]string{1: before, 2: after} {
		seedPage(t, p, n, source)
	}
	seedRedline(t, p)
	for _, to := range []string{"anna@example.kz", "dana@example.kz", "oleg@example.kz"} {
		seedMail(t, box.only(t, to))
	}
	settled := p.command("notices", "show", fmt.Sprint(second.Seq))
	for _, want := range []string{"due       3\n", "accepted  3\n", "open      0\n", "languages ru 3\n"} {
		if !strings.Contains(settled, want) {
			t.Errorf("the notice is not %q:\n%s", want, settled)
		}
	}
}

// seedPage: every number is a clause with its anchor, none is renumbered, every
// list is a list, and no word of the text is lost.
func seedPage(t *testing.T, p *program, version int, source string) {
	t.Helper()
	var got versionJSON
	if err := p.client().call(t.Context(), "GET", fmt.Sprintf("/documents/privacy/versions/%d", version), nil, &got); err != nil {
		t.Fatal(err)
	}
	page := p.page(fmt.Sprintf("/privacy/ru/v/%d", version))
	title, _, _ := strings.Cut(strings.TrimSpace(source), "\n")
	if h1 := first(page.root, "h1"); h1 == nil || shownText(h1) != strings.TrimSpace(title) {
		t.Error("the page is not headed by what the text calls itself")
	}
	text := page.texts[0]
	if !strings.Contains(attr(text, "class"), "titled") {
		t.Error("the page shows twice what the text calls itself")
	}
	var numbers []string
	for _, c := range got.Texts["ru"].Clauses {
		if c.Number == nil {
			t.Fatalf("a clause without number: %+v", c)
		}
		numbers = append(numbers, fmt.Sprint(*c.Number, " ", c.Lines[0]))
		anchor := byID(text, "p"+strings.TrimSuffix(*c.Number, "."))
		if anchor == nil || byID(text, c.ID) == nil || c.Anchor != "p"+strings.TrimSuffix(*c.Number, ".") {
			t.Errorf("version %d: clause %s lacks an anchor", version, *c.Number)
			continue
		}
		if line := strings.TrimSpace(shownText(paragraphOf(anchor))); !strings.HasPrefix(line, *c.Number+" ") {
			t.Errorf("version %d: clause %s does not show its number as written: %.30q", version, *c.Number, line)
		}
	}
	if !slices.Equal(numbers, seedNumbers) {
		t.Errorf("version %d: the clauses are %v", version, numbers)
	}
	var lists []int
	each(text, func(n *html.Node) {
		switch n.Data {
		case "ul":
			items := 0
			each(n, func(c *html.Node) {
				if c.Data == "li" {
					items++
				}
			})
			lists = append(lists, items)
		case "ol":
			t.Errorf("version %d: a list that the browser would number", version)
		}
	})
	if !slices.Equal(lists, seedLists) {
		t.Errorf("version %d: the lists have %v items, want %v", version, lists, seedLists)
	}
	written := strings.NewReplacer("\n- ", "\n", "<", "", ">", "").Replace("\n" + source)
	if shown := shownText(text); !slices.Equal(strings.Fields(shown), strings.Fields(written)) {
		t.Errorf("version %d: the page has %d words, the text %d, or other ones", version, len(strings.Fields(shown)), len(strings.Fields(written)))
	}
}

// seedRedline: the amendment changes these two clauses and no other, over the API
// and on the page.
func seedRedline(t *testing.T, p *program) {
	t.Helper()
	var line struct {
		Summary map[string]int
		Changes []struct {
			Kind                           string
			Old_Clause, New_Clause         *string
			Moved, Renumbered, Reformatted bool
			Spans                          []struct{ Op, Text string }
		}
	}
	if err := p.client().call(t.Context(), "GET", "/documents/privacy/compare/1...2", nil, &line); err != nil {
		t.Fatal(err)
	}
	var changed []string
	added := ""
	for _, c := range line.Changes {
		if c.Kind == "same" && !c.Moved && !c.Renumbered && !c.Reformatted {
			continue
		}
		changed = append(changed, fmt.Sprint(c.Kind, " ", *c.Old_Clause, " ", *c.New_Clause))
		for _, s := range c.Spans {
			if s.Op == "added" {
				added += s.Text
			}
		}
	}
	if want := []string{"changed 2.8. 2.8.", "changed 6.1. 6.1."}; !slices.Equal(changed, want) || line.Summary["changed"] != 2 || line.Summary["same"] != len(line.Changes)-2 {
		t.Errorf("changed are %v, %v", changed, line.Summary)
	}
	if !strings.HasPrefix(strings.TrimSpace(added), addedCookies) || !strings.Contains(added, "тридцать") {
		t.Errorf("added is %q", added)
	}
	page := p.page("/privacy/ru/compare/1...2")
	var heads []string
	marks := 0
	each(page.texts[0], func(n *html.Node) {
		switch {
		case strings.HasPrefix(attr(n, "class"), "rl-entry "):
			heads = append(heads, attr(n, "class")+" "+shownText(first(n, "h3")))
			if len(heads) == 1 && !strings.Contains(shownText(n), addedCookies) {
				t.Error("the first change on the page lacks its words")
			}
			each(n, func(c *html.Node) { marks -= isMark(c) })
		}
		marks += isMark(n)
	})
	if len(heads) != 2 || !strings.Contains(heads[0], "rl-changed Пункт 2.8 ") || !strings.Contains(heads[1], "rl-changed Пункт 6.1 ") || marks != 0 {
		t.Errorf("on the page changed are %q, and %d marks stand elsewhere", heads, marks)
	}
}

func isMark(n *html.Node) int {
	if n.Data == "ins" || n.Data == "del" {
		return 1
	}
	return 0
}

var (
	spaces      = regexp.MustCompile(`\s+`)
	unbracketed = strings.NewReplacer("[", "", "]", "") // marks of changed words in plain text
)

// seedMail: the mail tells of these two clauses and no other, in both its forms.
func seedMail(t *testing.T, m mailbox.View) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(m.HTML))
	if err != nil {
		t.Fatal(err)
	}
	for form, text := range map[string]string{"text": m.Text, "HTML": shownText(root)} {
		text = unbracketed.Replace(spaces.ReplaceAllString(text, " "))
		for _, want := range []string{addedCookies, addedNotice, "Согласие на cookies можно отозвать", "Права пользователей стали шире", "/privacy/ru/v/2", "/privacy/ru/compare/1...2", "/me/", "Алматы"} {
			if !strings.Contains(text, want) && !(form == "HTML" && strings.HasPrefix(want, "/")) {
				t.Errorf("the mail as %s lacks %q", form, want)
			}
		}
		var told []string
		for _, clause := range regexp.MustCompile(`Пункт ([0-9.]+) `).FindAllStringSubmatch(text, -1) {
			told = append(told, clause[1])
		}
		if !slices.Equal(told, []string{"2.8", "6.1"}) {
			t.Errorf("the mail as %s tells of the clauses %v", form, told)
		}
	}
}

func first(n *html.Node, name string) (found *html.Node) {
	each(n, func(c *html.Node) {
		if found == nil && c.Data == name {
			found = c
		}
	})
	return found
}

func byID(n *html.Node, id string) (found *html.Node) {
	each(n, func(c *html.Node) {
		if attr(c, "id") == id {
			found = c
		}
	})
	return found
}

// each calls do for every element below n, and n.
func each(n *html.Node, do func(*html.Node)) {
	if n.Type == html.ElementNode {
		do(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		each(c, do)
	}
}

// paragraphOf is the block that an anchor stands in, or is.
func paragraphOf(n *html.Node) *html.Node {
	for n.Parent != nil && !slices.Contains(blocks, n.Data) {
		n = n.Parent
	}
	return n
}
