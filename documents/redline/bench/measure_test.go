package main

import "testing"

func (f figures) without() figures { f.read = 0; return f }

func TestMeasure(t *testing.T) {
	eq := func(s string) stretch { return stretch{same, s} }
	del := func(s string) stretch { return stretch{removed, s} }
	ins := func(s string) stretch { return stretch{added, s} }
	of := func(r ...stretch) piece { return piece{runs: r} }
	for name, c := range map[string]struct {
		pieces []piece
		want   figures
	}{
		"nothing":                    {[]piece{of(eq("a b"))}, figures{}},
		"two beside each other":      {[]piece{of(del("a"), ins("b"), eq(" "), ins("c"))}, figures{2, 1, 3, 0, 0}},
		"two in lines":               {[]piece{of(eq("x "), ins("b")), of(ins("c"), eq(" y"))}, figures{2, 1, 2, 0, 0}},
		"lines that came, and went":  {[]piece{of(ins("a b")), of(), of(del("c")), of(eq("d")), of(ins("e"))}, figures{2, 2, 5, 0, 0}},
		"a link":                     {[]piece{{runs: []stretch{eq("a")}, aside: true}}, figures{1, 1, 0, 0, 0}},
		"a link and a word":          {[]piece{{runs: []stretch{eq("a "), ins("b")}, aside: true}}, figures{1, 1, 1, 0, 0}},
		"the end of a word":          {[]piece{of(eq("foo"), ins("bar"))}, figures{1, 1, 3, 1, 0}},
		"into a word":                {[]piece{of(eq("foo"), ins(" x "), eq("bar"))}, figures{1, 1, 3, 1, 0}},
		"inside both":                {[]piece{of(eq("қаз"), del("ақ"), ins("ір"), eq("ша."))}, figures{1, 1, 8, 2, 0}},
		"a word of each side, twice": {[]piece{of(eq("f"), del("o"), eq("o"), del("b"))}, figures{2, 2, 2, 2, 0}},
		"between signs of Chinese":   {[]piece{of(eq("法"), del("律"), eq("。"))}, figures{1, 1, 3, 0, 0}},
		"in a later line":            {[]piece{of(eq("one\ntwo\nthr"), del("ee\nfour"), eq(" five"))}, figures{1, 1, 7, 1, 0}},
		"apart":                      {[]piece{{runs: []stretch{eq("foo"), del("bar")}, apart: true}}, figures{1, 1, 3, 0, 0}},
	} {
		if got := measure(c.pieces); got.without() != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestPorcelain(t *testing.T) {
	got := porcelain([]byte("diff --git a b\n--- a\n+++ b\n@@ -1 +1 @@\n One \n-two\n+three\n~\n~\n+--- four\n~\n\\ No newline\n"))
	if f := measure(got); f.without() != (figures{2, 1, 16, 0, 0}) || len(got) != 4 {
		t.Errorf("%+v of %+v", f, got)
	}
}

func TestWikiLines(t *testing.T) {
	got, err := wikiLines([]byte(`{"diff":[{"type":0,"text":"a"},{"type":4,"text":"gone"},{"type":3,"text":"onetwo x","highlightRanges":[{"start":0,"length":3,"type":1},{"start":3,"length":3,"type":0}]},{"type":1,"text":"b"},{"type":2,"text":"c"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if f := measure(got); f.without() != (figures{2, 2, 8, 0, 0}) || len(got) != 4 {
		t.Errorf("%+v of %+v", f, got)
	}
}

func TestRead(t *testing.T) {
	if f := measure([]piece{{runs: []stretch{{same, "abc"}, {removed, "d"}, {added, "ef"}}}}); f.read != 9 {
		t.Errorf("%d bytes were read, want 9", f.read)
	}
}
