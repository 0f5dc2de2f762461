package notifier

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"vestnik/documents"
	"vestnik/documents/lang"
)

var (
	tagged    = regexp.MustCompile(`<style>(?s:.*?)</style>|<!--(?s:.*?)-->|<[^>]*>`)
	address   = regexp.MustCompile(`https?://\S+|\S+@\S+|example\.kz\S*`)
	latinWord = regexp.MustCompile(`[A-Za-z]{3,}`)
)

// TestNoEnglish holds every word of Kazakh and Russian mails against those of the
// English catalogue.
func TestNoEnglish(t *testing.T) {
	n, _, _ := told(t, 1)
	english, w := map[string]bool{}, n.Words("en")
	for _, key := range n.speech.catalogue.Keys("en") {
		for _, word := range latinWord.FindAllString(w.T(key)+" "+w.N(key, 2), -1) {
			english[strings.ToLower(word)] = true
		}
	}
	for name, m := range mails(t) {
		if strings.HasSuffix(name, "en") || strings.HasSuffix(name, "ar") {
			continue
		}
		seen := address.ReplaceAllString(m[0]+" "+m[1]+" "+tagged.ReplaceAllString(m[2], " "), " ")
		for _, word := range latinWord.FindAllString(seen, -1) {
			if english[strings.ToLower(word)] {
				t.Errorf("%s says %q", name, word)
			}
		}
		if i := strings.Index(seen, "["); i >= 0 && !strings.HasPrefix(name, "notice") || strings.Contains(seen, "{") {
			t.Errorf("%s has a key or a placeholder that nobody filled: %s", name, m[1])
		}
	}
}

func TestLettersSayNothingTwice(t *testing.T) {
	for name, m := range mails(t) {
		seen := map[string]bool{}
		for p := range strings.SplitSeq(m[1], "\n\n") {
			if seen[p] && !strings.HasPrefix(name, "notice") {
				t.Errorf("%s says twice: %s", name, p)
			}
			seen[p] = true
		}
	}
}

// TestTextIsNarrow: 72 columns, but for addresses.
func TestTextIsNarrow(t *testing.T) {
	for name, m := range mails(t) {
		for l := range strings.SplitSeq(m[1], "\n") {
			if breadth(l) > textWidth && !address.MatchString(l) {
				t.Errorf("%s has %d columns: %s", name, breadth(l), l)
			}
		}
	}
}

func TestWrap(t *testing.T) {
	for _, s := range []string{strings.Repeat("字", 300), strings.Repeat("я", 1000), "a " + strings.Repeat("b", 80) + " c", strings.Repeat("слово ", 50), "т\u0301" + strings.Repeat("т\u0301", 200)} {
		got := wrapIn("  ", s)
		for l := range strings.SplitSeq("  "+got, "\n") {
			if breadth(l) > textWidth {
				t.Errorf("%d columns: %s", breadth(l), l)
			}
		}
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if squeeze(got) != squeeze(s) {
			t.Errorf("wrapping %q lost something", s)
		}
	}
	link := "https://example.kz/" + strings.Repeat("x", 100)
	if got := wrap("слово " + link); got != "слово\n"+link {
		t.Errorf("a link was broken: %q", got)
	}
	if got := wrap(strings.Repeat("x ", 34) + "22\u00a0ноября"); !strings.Contains(got, "\n22\u00a0ноября") {
		t.Errorf("a no-break space broke: %q", got)
	}
}

// TestLongNotices: 300 changed clauses, and a note as long as it may be in all
// slots, stay below what Gmail shows whole.
func TestLongNotices(t *testing.T) {
	n, s, set := told(t, 300)
	for _, long := range []bool{false, true} {
		for tag, note := range s.standing.Notes {
			if long {
				all := strings.Repeat("Щ", 1999)
				note = documents.Note{What: all, Whom: all, Means: all, Do: all}
				s.standing.ReasonText = all
			}
			s.standing.Notes[tag] = note
		}
		for _, tags := range [][]string{{"ru"}, {"kk", "ru"}, {"kk", "ru", "en"}} {
			f, err := n.form(s, tags, set, nil)
			if err != nil {
				t.Fatal(err)
			}
			b, err := f.masked(maskID+"@masked.invalid", time.Unix(0, 0))
			if err != nil || len(b) > maxMail {
				t.Errorf("%v, long note %v: %d bytes, %v", tags, long, len(b), err)
			}
			for _, tag := range tags {
				left := regexp.MustCompile(regexp.QuoteMeta(strings.Split(n.Words(tag).N("clauses-more", 7), "7")[0]) + `\d+`)
				flat := strings.Join(strings.Fields(f.Text), " ")
				if !left.MatchString(flat) || !left.MatchString(f.HTML) {
					t.Errorf("%v, long note %v: %s does not say how much was left out", tags, long, tag)
				}
			}
			if cut := strings.Contains(f.HTML, n.Words(tags[0]).T("cut")); cut && !long {
				t.Errorf("%v: a short note was cut", tags)
			}
		}
	}
}

func TestSubjects(t *testing.T) {
	n, s, set := told(t, 1)
	for _, title := range []string{"", "Политика", strings.Repeat("длинное название ", 60), strings.Repeat("x", 1000), "=?utf-8?q?x?=", "a\u202eb\u2028c\r\nBcc: x@y.kz"} {
		for tag := range s.document.Titles {
			s.document.Titles[tag] = title
		}
		for _, tags := range [][]string{{"ru"}, {"kk"}, {"en"}, {"kk", "ru"}} {
			line := n.subjectLine(s, tags, set)
			most := subjectRoom
			if len(tags) > 1 {
				most = subjectsRoom
			}
			if utf8.RuneCountInString(line) > most || !strings.Contains(line, "2026") || !strings.Contains(line, "22") {
				t.Errorf("%d characters: %s", utf8.RuneCountInString(line), line)
			}
			f, err := n.form(s, tags, set, nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.masked(maskID+"@masked.invalid", time.Unix(0, 0)); err != nil {
				t.Errorf("%q: %v", title, err)
			}
		}
	}
}

func TestPluralsOfMails(t *testing.T) {
	n, _, _ := told(t, 1)
	if faults := n.speech.catalogue.Faults(); len(faults) != 0 {
		t.Error(faults)
	}
	for tag, want := range map[string]string{
		"ru": "0 изменений|1 изменение:|2 изменения|5 изменений|11 изменений|21 изменение:",
		"kk": "0 өзгеріс|1 өзгеріс|2 өзгеріс|5 өзгеріс|11 өзгеріс|21 өзгеріс",
		"en": "0 more changes|1 more change:|2 more changes|5 more changes|11 more changes|21 more changes",
	} {
		for i, count := range []int{0, 1, 2, 5, 11, 21} {
			if got := n.Words(tag).N("clauses-more", count); !strings.Contains(got, strings.Split(want, "|")[i]) {
				t.Errorf("%s, %d: %s", tag, count, got)
			}
		}
		if got := lang.Plural(tag, "1.5"); got != "other" {
			t.Errorf("%s: 1.5 is %s", tag, got)
		}
	}
}

// TestBrackets: on a side of which something stayed, what changed is marked.
func TestBrackets(t *testing.T) {
	for want, side := range map[string][]words{
		"a [b] c":            {{{"a ", false}, {"b", true}, {" c", false}}},
		"a [b] c2":           {{{"a", false}, {" b ", true}, {"c2", false}}},
		"all":                {{{"al", true}, {"l", true}}},
		"all\nof it":         {{{"all", true}}, {{"of it", true}}},
		"same":               {{{"same", false}}},
		"x [one 2]":          {{{"x ", false}, {"one ", true}, {"2", true}}},
		"stayed\n[came]":     {{{"stayed", false}}, {{"came", true}}},
		"it [is]\n[all new]": {{{"it ", false}, {"is", true}}, {{"all new", true}}},
	} {
		if got := sideText(side); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func sideText(ps []words) string { return strings.TrimPrefix(side("", ps), ": ") }

// structure is a mail's tree of elements, with languages and directions.
var structure = regexp.MustCompile(`<(h[1-6]|table|ins|del|hr|html|div|body)\b[^>]*>`)

func TestStructureOfANotice(t *testing.T) {
	m := mails(t)["notice-kk+ru"]
	var got []string
	for _, e := range structure.FindAllString(m[2], -1) {
		e = regexp.MustCompile(` (style|cellpadding|cellspacing|border|align|width)="[^"]*"`).ReplaceAllString(e, "")
		got = append(got, e)
	}
	part := func(tag string) []string {
		clause := []string{`<h3 class="name">`, `<div class="was">`, `<del class="del">`, `<div class="now">`, `<ins class="ins">`}
		out := []string{`<div lang="` + tag + `" dir="ltr">`, `<h1 class="title" lang="` + tag + `" dir="ltr">`}
		out = append(out, slices.Repeat([]string{`<h2 class="head">`}, 4)...)
		out = append(out, `<table role="presentation" class="wide">`, `<h2 class="head">`)
		out = append(out, slices.Repeat(clause, 6)...)
		return append(out, `<h2 class="head">`, `<div class="box">`, `<h2 class="boxhead">`, `<div class="foot">`)
	}
	want := append([]string{`<html lang="kk" dir="ltr">`, `<body class="body">`, `<table role="presentation">`, `<div role="main" class="page">`}, part("kk")...)
	want = append(append(want, `<hr class="gap">`), part("ru")...)
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for name, m := range mails(t) {
		for _, never := range []string{"<img", "<script", "url(", "http-equiv", "@import", "<link", "ZgotmplZ"} {
			if strings.Contains(m[2], never) {
				t.Errorf("%s has %s", name, never)
			}
		}
	}
	if rtl := mails(t)["notice-ar"][2]; !strings.Contains(rtl, `lang="ar" dir="rtl"`) || !strings.Contains(rtl, `<div class="was-rtl"`) {
		t.Error("an Arabic document does not run from right to left")
	}
}
