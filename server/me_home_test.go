package server_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"vestnik/documents"
	"vestnik/notifier"
)

var (
	noticeHeading = regexp.MustCompile(`<h3 id="n(\d+)-`)
	nextPage      = regexp.MustCompile(`href="([^"]*)" rel="next"`)
	doorHref      = regexp.MustCompile(`(?:href|action|src)="([^"]*/me/[^"]*)"`)
)

// owes adds notices about other versions: the odd ones were owed to one, all to
// the other.
func (d *doorHouse) owes(one, other string, count int) {
	d.t.Helper()
	var numbers []int64
	for _, id := range []string{other, one} {
		r, err := d.c.Notifier.Recipient(d.t.Context(), id)
		must(d.t, err)
		numbers = append(numbers, r.Number)
	}
	for i := range count {
		x := notifier.Notice{Seq: documents.Seq(1000 + i), Document: "privacy", Version: 2, State: notifier.Finished, Published: time.Now(), CountedAll: true, Revision: 1}
		var rows []notifier.Delivery
		for _, number := range numbers[:1+i%2] {
			rows = append(rows, notifier.Delivery{Notice: x.Seq, Recipient: number, State: notifier.Accepted, Language: "ru", Revision: 1})
		}
		must(d.t, d.c.Notifier.Store.PutNotice(d.t.Context(), x, rows))
	}
}

// walked are the notices on the page behind a link and on all that the links to
// earlier ones lead to. No address in them says more than the link did.
func (d *doorHouse) walked(me, query string) (seqs []string, pages []answer) {
	d.t.Helper()
	allowed := regexp.MustCompile(`^` + regexp.QuoteMeta(me) + `(\?(lang=[a-z]{2})?(&amp;)?(before=\d+)?)?#notices-[a-z]{2}$`)
	for path := me + query; ; {
		a := d.look(path, 200)
		pages = append(pages, a)
		for _, found := range noticeHeading.FindAllStringSubmatch(a.body, -1) {
			seqs = append(seqs, found[1])
		}
		for _, found := range doorHref.FindAllStringSubmatch(a.body, -1) {
			if !strings.HasPrefix(found[1], me) || strings.Contains(found[1], "before=") && !allowed.MatchString(found[1]) || strings.Contains(found[1], "example.kz") {
				d.t.Errorf("%s leads to %s", path, found[1])
			}
		}
		next := nextPage.FindStringSubmatch(a.body)
		if next == nil || len(pages) > 100 {
			return seqs, pages
		}
		if !strings.Contains(a.body, `id="`+next[1][strings.Index(next[1], "#")+1:]+`"`) {
			d.t.Errorf("%s leads to no place of the page", next[1])
		}
		path, _, _ = strings.Cut(strings.ReplaceAll(next[1], "&amp;", "&"), "#")
	}
}

// Whoever was owed many notices reaches each by the links of the pages, newest
// first, none twice and none of somebody else, and reads how many there are.
func TestDoorManyNotices(t *testing.T) {
	d := newDoor(t)
	for _, who := range []string{"a", "c"} { // c has no language
		told, err := d.c.Notifier.ToldTo(t.Context(), who)
		must(t, err)
		if len(told) == 0 || len(told) > 10 {
			t.Fatalf("%s was told of %d notices", who, len(told))
		}
	}
	few := d.look(d.link("a@example.kz", "ru"), 200).lacks("Всего")
	if nextPage.MatchString(few.body) {
		t.Error("a page that has all leads to more")
	}
	d.owes("a", "c", 130)
	for _, c := range []struct {
		who, query string
		owed       int
		span, last string
	}{
		{"a", "", 65, "Всего %d уведомлений. На этой странице: 1–10, сначала новые.", "61–%d"},
		{"a", "?lang=kk", 65, "Барлығы %d хабарлама. Осы бетте: 1–10, алдымен жаңалары.", "61–%d"},
		{"c", "?lang=en", 130, "%d notices in all. On this page: 1–10, the newest first.", "131–%d"},
	} {
		told, err := d.c.Notifier.ToldTo(t.Context(), c.who)
		must(t, err)
		var want []string
		for _, one := range told {
			want = append(want, fmt.Sprint(one.Notice.Seq))
		}
		if len(want) != 3+c.owed {
			t.Fatalf("%s was told of %d notices", c.who, len(want))
		}
		for i, seq := range want[:c.owed] { // the newest is 1129, and of every second to a
			if due := fmt.Sprint(1129 - i*130/c.owed); seq != due {
				t.Fatalf("%s was told of %s, want %s", c.who, seq, due)
			}
		}
		me := d.link(c.who+"@example.kz", "")
		seqs, pages := d.walked(me, c.query)
		if !slices.Equal(seqs, want) || len(pages) != (len(want)+9)/10 {
			t.Errorf("%s: %d pages have %v, want %v", c.who, len(pages), seqs, want)
		}
		spans := strings.ReplaceAll(pages[0].said(), "\u00a0", " ")
		if said := fmt.Sprintf(c.span, len(want)); !strings.Contains(spans, said) {
			t.Errorf("the first page of %s does not say %q", c.who, said)
		}
		pages[len(pages)-1].has(fmt.Sprintf(c.last, len(want)))
		for i, p := range pages {
			if back := strings.Contains(p.body, `href="`+me+c.query+`#notices-`); back != (i > 0) {
				t.Errorf("page %d of %s leads to the newest: %v", i+1, c.who, back)
			}
		}
	}
}

// The page of somebody whose language is not known has the notices in several, and
// each leads on in its own.
func TestDoorManyNoticesWithoutLanguage(t *testing.T) {
	d := newDoor(t)
	d.owes("a", "c", 25)
	me := d.link("c@example.kz", "")
	both := nextPage.FindAllStringSubmatch(d.look(me, 200).has("Всего", "Барлығы").body, -1)
	if len(both) != 2 || both[0][1] == both[1][1] {
		t.Fatalf("the page leads on to %q", both)
	}
	for _, one := range both {
		path, _, _ := strings.Cut(strings.ReplaceAll(one[1], "&amp;", "&"), "#")
		a := d.look(path, 200)
		if got := noticeHeading.FindAllString(a.body, -1); len(got) != 10 || !strings.Contains(a.body, "11–20") {
			t.Errorf("%s has %q", path, got)
		}
	}
}

// An address that no link has leads to the newest, never to an empty page.
func TestDoorOddPages(t *testing.T) {
	d := newDoor(t)
	d.owes("a", "c", 30)
	me := d.link("a@example.kz", "ru")
	first := noticeHeading.FindAllString(d.look(me, 200).body, -1)
	for _, before := range []string{"0", "-1", "1", "x", "99999", "9223372036854775808", "1e3", "%22%3E%3Cb%3E"} {
		got := noticeHeading.FindAllString(d.look(me+"?before="+before, 200).lacks("<b>").body, -1)
		if !slices.Equal(got, first) {
			t.Errorf("before=%s has %q", before, got)
		}
	}
}
