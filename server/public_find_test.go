package server

import (
	"strings"
	"testing"
)

// A search reads across markup and not across blocks, whatever the case, the marks
// and the keyboard, and leaves the words as they were.
func TestFind(t *testing.T) {
	body := "<p class=\"clause\" id=\"c-aaaaaaaa\"><a class=\"number\" href=\"#c-aaaaaaaa\">1.</a><a class=\"share\" href=\"/x\">Қазақ</a> Қа<b>зақ</b>\nтілі &lt;b&gt; ещё</p><p>الأَحكام Ёлка</p>"
	for query, want := range map[string]string{
		"казак  ТИЛИ": "<mark id=\"find-1\">Қа</mark><b><mark>зақ</mark></b><mark>\nтілі</mark>", "<B>": "<mark id=\"find-1\">&lt;b&gt;</mark>",
		"الاحكام": "<mark id=\"find-1\">الأَحكام</mark>", "елка": "<mark id=\"find-1\">Ёлка</mark>", "ещё الأ": "", "́": "",
	} {
		f := newFinding(body)
		hits := f.hits(query)
		lines := f.lines(hits)
		f.mark(hits)
		got := f.html()
		if want == "" != (len(hits) == 0) || !strings.Contains(squeezed(got), squeezed(want)) {
			t.Errorf("%q finds %v in %s", query, hits, got)
		}
		if len(hits) > 0 && (len(lines) != 1 || lines[0].Number != "1" && query != "الاحكام" && query != "елка") {
			t.Errorf("%q is listed as %+v", query, lines)
		}
	}
}

// squeezed has spaces for line feeds.
func squeezed(s string) string { return strings.ReplaceAll(s, "\n", " ") }
