package server_test

import (
	"encoding/json"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vestnik/documents/lang"
	"vestnik/web"
)

// sentences are the catalogue of a language: key to its forms.
func sentences(t *testing.T, tag string) map[string]map[string]string {
	t.Helper()
	files, err := fs.Glob(web.Files, "words/*/"+tag+".json")
	must(t, err)
	raw := map[string]json.RawMessage{}
	for _, name := range append(files, "words/"+tag+".json") {
		b, err := fs.ReadFile(web.Files, name)
		must(t, err)
		must(t, json.Unmarshal(b, &raw)) // lang.Load refuses a key that stands twice
	}
	out := map[string]map[string]string{}
	for key, value := range raw {
		var plain string
		if json.Unmarshal(value, &plain) == nil {
			out[key] = map[string]string{"": plain}
			continue
		}
		forms := map[string]string{}
		must(t, json.Unmarshal(value, &forms))
		out[key] = forms
	}
	return out
}

var placeholder = regexp.MustCompile(`\{[^}]*\}`)

func placeholders(s string) []string {
	found := placeholder.FindAllString(s, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestCataloguesSayTheSame(t *testing.T) {
	english := sentences(t, "en")
	needed := map[string][]string{"ru": {"one", "few", "many", "other"}, "kk": {"one", "other"}, "en": {"one", "other"}}
	for _, tag := range lang.Interface {
		have := sentences(t, tag)
		if len(have) != len(english) {
			t.Errorf("%s has %d keys, en has %d", tag, len(have), len(english))
		}
		for key, forms := range have {
			other, ok := english[key]
			if !ok {
				t.Errorf("%s: %q is not in en", tag, key)
				continue
			}
			if _, plural := forms[""]; !plural {
				for _, form := range needed[tag] {
					if forms[form] == "" {
						t.Errorf("%s: %q lacks its form %q", tag, key, form)
					}
				}
			}
			want := placeholders(other[""] + other["other"])
			for form, text := range forms {
				if got := placeholders(text); !slices.Equal(got, want) && !strings.HasPrefix(key, "invalid.") {
					t.Errorf("%s: %q (%s) has %v, en has %v", tag, key, form, got, want)
				}
				if strings.TrimSpace(text) == "" && key != "list-separator" {
					t.Errorf("%s: %q is empty", tag, key)
				}
			}
		}
	}
}

// literals are all strings in the room's Go files that could be keys.
func literals(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	must(t, err)
	var out []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name)
		must(t, err)
		out = append(out, keysIn(src, name)...)
	}
	return out
}

// keysIn finds the keys of calls T("key"…) and N("key"…).
func keysIn(src []byte, name string) (out []string) {
	set := token.NewFileSet()
	var s scanner.Scanner
	s.Init(set.AddFile(name, -1, len(src)), src, nil, 0)
	var before [3]string
	for {
		_, tok, text := s.Scan()
		if tok == token.EOF {
			return out
		}
		if tok == token.STRING && before[2] == "(" && (before[1] == "T" || before[1] == "N") && before[0] == "." {
			out = append(out, strings.Trim(text, "`\""))
		}
		if text == "" {
			text = tok.String()
		}
		before = [3]string{before[1], before[2], text}
	}
}

func TestEveryKeyIsThere(t *testing.T) {
	have := sentences(t, "en")
	used := regexp.MustCompile(`\.W\.[TN] "([^"]+)"`)
	templates, err := fs.Glob(web.Files, "templates/*.html")
	must(t, err)
	n := 0
	check := func(where, key string) {
		n++
		if strings.HasSuffix(key, "-") || key == "act-" || have[key] != nil {
			return
		}
		t.Errorf("%s uses %q, which the catalogues lack", where, key)
	}
	for _, name := range templates {
		b, err := fs.ReadFile(web.Files, name)
		must(t, err)
		for _, m := range used.FindAllStringSubmatch(string(b), -1) {
			check(name, m[1])
		}
	}
	for _, key := range literals(t) {
		check("a handler", key)
	}
	if n < 300 {
		t.Errorf("found only %d uses of keys: the search is broken", n)
	}
}

// Keys that are put together from parts, by their parts.
func TestComposedKeysAreThere(t *testing.T) {
	have := sentences(t, "en")
	for prefix, values := range map[string]string{
		"kind-":         "published imported corrected reclassified postponed withdrawn withheld closed rerendered restored",
		"class-":        "editorial notice consent",
		"notice-state-": "holding sending stopped cancelled closed",
		"delivery-":     "waiting deferred in-doubt accepted failed excluded covered",
		"draft-state-":  "draft in-review returned approved scheduled",
		"role-":         "author approver publisher administrator auditor",
		"role-short-":   "author approver publisher administrator auditor",
		"slot-":         "what whom means do",
		"act-":          "submit approve return publish correct reclassify postpone withdraw stop resume cancel",
		"mail-":         "html text source",
		"audit-":        "added changed choice event format revision role roles rows versions",
		"setting-":      "organisation bin postal reply-to zone languages unknown-languages notice-days hold one-person allow rate abuse colour colour-dark logo footer aliases url smtp from",
		"did-": "backup.made document.changed document.created document.imported draft.approve draft.return draft.saved draft.submit installation.checked installation.opened notice.cancel notice.resume notice.stop " +
			"recipient.left recipient.put recipients.exported recipients.imported sending.released settings.changed staff.disabled staff.invited staff.link staff.signed-in token.made token.revoked " +
			"version.corrected version.postponed version.published version.reclassified version.withdrawn",
		"error-": "404 401 403 405 409 413 429 500 503",
	} {
		for value := range strings.FieldsSeq(values) {
			if have[prefix+value] == nil {
				t.Errorf("%q is missing", prefix+value)
			}
			if prefix == "act-" && have[prefix+value+"-hint"] == nil {
				t.Errorf("%q is missing", prefix+value+"-hint")
			}
		}
	}
}

// Every code that documents can refuse with has its sentence.
func TestRefusalsOfDocumentsAreTranslated(t *testing.T) {
	have := sentences(t, "en")
	src, err := os.ReadFile(filepath.Join("..", "documents", "code.go"))
	must(t, err)
	found := regexp.MustCompile(`Code\w+\s*= "([^"]+)"`).FindAllStringSubmatch(string(src), -1)
	if len(found) < 30 {
		t.Fatalf("found %d codes: the search is broken", len(found))
	}
	// What only the command line and the API can meet is said as it comes.
	elsewhere := regexp.MustCompile(`^(key$|import-|text-not-utf8|text-nul|text-twice|note-slots|fixed|figures|lost|origin|basis-long)`)
	for _, m := range found {
		if have["invalid."+m[1]] == nil && !elsewhere.MatchString(m[1]) {
			t.Errorf("the refusal %q has no sentence", m[1])
		}
	}
}

// So has every code that the server itself refuses with.
func TestRefusalsOfTheServerAreTranslated(t *testing.T) {
	have := sentences(t, "en")
	files, err := filepath.Glob("*.go")
	must(t, err)
	found := map[string]bool{}
	for _, name := range files {
		src, err := os.ReadFile(name)
		must(t, err)
		for _, m := range regexp.MustCompile(`documents\.Invalid\([^,]+, "([^"]+)"`).FindAllStringSubmatch(string(src), -1) {
			found[m[1]] = true
		}
	}
	if len(found) < 20 {
		t.Fatalf("found %d codes: the search is broken", len(found))
	}
	// What only the command line and the API can meet is said as it comes.
	elsewhere := regexp.MustCompile(`^(name-missing|proxy-|token-exists|role-not-yours|setting-(recorded|unknown)|not-here|url-|range-|revision-and-texts|smtp-|digest-|time-)`)
	for code := range found {
		if have["invalid."+code] == nil && !elsewhere.MatchString(code) {
			t.Errorf("the refusal %q has no sentence", code)
		}
	}
}
