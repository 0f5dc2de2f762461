package lang_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"vestnik/documents/lang"
)

func load(t *testing.T, ru, kk, en string) *lang.Catalogue {
	t.Helper()
	files := fstest.MapFS{"words/ru.json": {Data: []byte(ru)}, "words/kk.json": {Data: []byte(kk)}, "words/en.json": {Data: []byte(en)}}
	c, err := lang.Load(files, "words")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSentences(t *testing.T) {
	c := load(t,
		`{"told": {"one": "{n} человек узнал о «{title}»", "few": "{n} человека узнали о «{title}»", "many": "{n} человек узнали о «{title}»"}}`,
		`{"told": "«{title}» туралы {n} адам білді"}`,
		`{"told": {"one": "{n} person was told of “{title}”", "other": "{n} people were told of “{title}”"}}`)
	if faults := c.Faults(); len(faults) != 0 {
		t.Error(faults)
	}
	for _, w := range []struct {
		tag  string
		n    int
		want string
	}{
		{"ru", 1, "1 человек узнал о «X»"}, {"ru", 22, "22 человека узнали о «X»"}, {"ru", 11, "11 человек узнали о «X»"},
		{"ru", 12345, "12\u00a0345 человек узнали о «X»"}, {"kk", 1, "«X» туралы 1 адам білді"}, {"kk", 5, "«X» туралы 5 адам білді"},
		{"en", 1, "1 person was told of “X”"}, {"en-GB", 0, "0 people were told of “X”"}, {"ky", 3, "3 человека узнали о «X»"},
	} {
		if got := c.In(w.tag).N("told", w.n, "title", "X"); got != w.want {
			t.Errorf("%s, %d: %q, want %q", w.tag, w.n, got, w.want)
		}
	}
}

func TestValuesAreNotExpandedAgain(t *testing.T) {
	c := load(t, `{"a": "{x} {y}"}`, `{"a": "{x} {y}"}`, `{"a": "{x} {y} {z}"}`)
	if got := c.In("en").T("a", "x", "{y}", "y", "{x}"); got != "{y} {x} {z}" {
		t.Errorf("got %q", got)
	}
	places := load(t, `{"a": "{0} {1}"}`, `{"a": "{0} {1}"}`, `{"a": "{1} {"}`)
	if got := places.In("ru").T("a", 0, "x", 1, "{0}") + places.In("en").T("a", 0, "x", 1, 7); got != "x {0}7 {" {
		t.Errorf("by places: %q", got)
	}
	if got := c.In("en").T("none"); got != "[none]" {
		t.Errorf("an unknown key: %q", got)
	}
}

func TestFaults(t *testing.T) {
	c := load(t,
		`{"same": "{a}", "gone": "x", "forms": {"one": "x", "few": "x"}, "names": "{who} {what}"}`,
		`{"same": "{a}", "forms": "x", "names": "{who}"}`,
		`{"same": "{a}", "gone": "x", "forms": {"one": "x"}, "names": "{what} {who}", "more": "x"}`)
	want := []string{"ru: forms ", "en: forms ", "kk: gone ", "ru: more ", "kk: more ", "kk: names "}
	got := c.Faults()
	if len(got) != len(want) {
		t.Fatalf("got %q, want some about %q", got, want)
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("fault %d: %q, want one about %q", i, got[i], want[i])
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, ru := range map[string]string{"a category of no language": `{"a": {"two": "x"}}`, "no object": `[]`, "no JSON": `{`, "a number": `{"a": 1}`} {
		files := fstest.MapFS{"ru.json": {Data: []byte(ru)}, "kk.json": {Data: []byte("{}")}, "en.json": {Data: []byte("{}")}}
		if _, err := lang.Load(files, "."); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := lang.Load(fstest.MapFS{"ru.json": {Data: []byte("{}")}}, "."); err == nil {
		t.Error("a language without a file: taken")
	}
}

func TestKeys(t *testing.T) {
	c := load(t, `{"b": "x", "a": "x"}`, `{}`, `{}`)
	if got := c.Keys("ru"); !slices.Equal(got, []string{"a", "b"}) || len(c.Keys("kk")) != 0 || !c.In("ru").Has("a") || c.In("kk").Has("a") {
		t.Errorf("keys %q", got)
	}
}

func TestCatalogueOfFolders(t *testing.T) {
	all := func(extra string) fstest.MapFS {
		m := fstest.MapFS{}
		for _, tag := range lang.Interface {
			m["words/"+tag+".json"] = &fstest.MapFile{Data: []byte(`{"a": "A"}`)}
			m["words/below/"+tag+".json"] = &fstest.MapFile{Data: []byte(extra)}
		}
		return m
	}
	c, err := lang.Load(all(`{"b": "B"}`), "words")
	if err != nil {
		t.Fatal(err)
	}
	if w := c.In("kk"); w.T("a")+w.T("b") != "AB" {
		t.Errorf("got %q and %q", w.T("a"), w.T("b"))
	}
	if _, err := lang.Load(all(`{"a": "B"}`), "words"); err == nil {
		t.Error("a key in two files was taken")
	}
}
