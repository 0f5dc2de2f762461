package server_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"vestnik/documents/lang"
)

// spokenWords is the catalogue of each language.
type spokenWords map[string]map[string]map[string]string

func catalogues(t *testing.T) spokenWords {
	t.Helper()
	out := spokenWords{}
	for _, tag := range lang.Interface {
		out[tag] = sentences(t, tag)
	}
	return out
}

// latin are the words in Latin letters that the catalogue of a language has.
func (w spokenWords) latin(tag string) map[string]bool {
	out := map[string]bool{}
	for _, forms := range w[tag] {
		for _, text := range forms {
			for _, word := range lettersOf(placeholder.ReplaceAllString(text, " ")) {
				if word[0] < 0x80 {
					out[strings.ToLower(word)] = true
				}
			}
		}
	}
	return out
}

// lettersOf are the words of s; addresses and digests are none.
func lettersOf(s string) (out []string) {
	for token := range strings.FieldsSeq(s) {
		if !strings.ContainsAny(token, "/@_=0123456789") && !strings.Contains(strings.TrimRight(token, ".,;:»"), ".") {
			out = append(out, strings.FieldsFunc(token, func(r rune) bool { return !unicode.IsLetter(r) })...)
		}
	}
	return out
}

// checkSpoken fails on English in a Kazakh or Russian page, on Cyrillic letters in an
// English one, and on letters and sentences of Kazakh in Russian or the other way:
// where the element says no other language, and is no code. Өзен is a name.
func checkSpoken(t *testing.T, name, tag string, root *html.Node, words spokenWords) {
	t.Helper()
	if got := attr(find(root, "html"), "lang"); got != tag {
		t.Errorf("%s: lang is %q", name, got)
	}
	english, own := words.latin("en"), words.latin(tag)
	foreign := map[string]string{"ru": "әғқңөұүһі", "kk": ""}[tag]
	var said strings.Builder
	for n := range find(root, "body").Descendants() {
		if n.Type != html.TextNode || langOf(n) != tag || isCode(n) {
			continue
		}
		said.WriteString(n.Data + " ")
		for _, word := range lettersOf(n.Data) {
			wrong := word[0] < 0x80 && english[strings.ToLower(word)] && !own[strings.ToLower(word)]
			if tag == "en" {
				wrong = word[0] >= 0x80
			}
			if (wrong || strings.ContainsAny(strings.ToLower(word), foreign)) && word != "Өзен" {
				t.Errorf("%s: the word %q", name, word)
			}
		}
	}
	other := map[string]string{"kk": "ru", "ru": "kk"}[tag]
	page := strings.Join(strings.Fields(said.String()), " ")
	for key, forms := range words[other] {
		if s := forms[""]; len(strings.Fields(s)) > 2 && s != words[tag][key][""] && strings.Contains(page, s) {
			t.Errorf("%s says %q of %s", name, s, other)
		}
	}
}

// isCode tells whether a text is what a program is told, or a digest.
func isCode(n *html.Node) bool {
	return slices.ContainsFunc(ancestors(n), func(p *html.Node) bool {
		return slices.Contains([]string{"code", "pre", "script", "samp"}, p.Data) || strings.Contains(attr(p, "class"), "digest")
	})
}

// Public pages speak one language: the reader's. What is in another says so.
func TestPublicPagesSpeakOneLanguage(t *testing.T) {
	h := registered(t)
	h.local("PUT", "/settings", toJSON(t, map[string]string{"organisation": "Өзен", "languages": "ru,kk,en", "zone": "Asia/Almaty"})).want(200)
	words := catalogues(t)
	ver, err := h.library.Version(t.Context(), "privacy", 2)
	must(t, err)
	kk, _ := ver.Text("kk")
	for tag := range words {
		for _, path := range []string{"/", "/?q=7", "/register", "/register?kind=published", "/privacy/register", "/verify", "/why", "/privacy/{lang}", "/privacy/{lang}?q=7", "/privacy/{lang}/v/1",
			"/privacy/{lang}/versions", "/privacy/{lang}/on/2021-05-05", "/privacy/{lang}/compare/1...2", "/privacy/{lang}/compare/2...3?view=side", "/privacy/{lang}/compare/3...1?view=inline", "/privacy/{lang}/compare/2...2", "/privacy/{lang}/clause/" + kk.Clauses[1].ID} {
			path = strings.ReplaceAll(path, "{lang}", tag)
			checkSpoken(t, path+" in "+tag, tag, checkHTML(t, path, h.get(path, "Accept-Language", tag).want(200).body), words)
		}
	}
}
