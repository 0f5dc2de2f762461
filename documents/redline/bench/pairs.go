package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"

	"vestnik/documents/markdown"
)

// pair is two neighbouring versions of a document.
type pair struct {
	name     string // document FROM→TO
	old, new []byte
	equal    bool // readers get the same
	disputed bool // another renderer says so, ours does not
}

// readPairs reads every pair below root, or n of them evenly spread.
func readPairs(root string, n int) ([]pair, error) {
	files, err := filepath.Glob(filepath.Join(root, "*", "[0-9]*.md"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("there are no texts in %s: name the corpus with -corpus", root)
	}
	slices.Sort(files)
	classes, err := readClasses(filepath.Join(root, "classes-open.json"))
	if err != nil {
		return nil, err
	}
	var out []pair
	for i := 1; i < len(files); i++ {
		if filepath.Dir(files[i-1]) != filepath.Dir(files[i]) {
			continue
		}
		p, err := readPair(files[i-1], files[i], classes)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return spread(out, n), nil
}

func spread(of []pair, n int) []pair {
	if n <= 0 || n >= len(of) {
		return of
	}
	out := make([]pair, n)
	for i := range out {
		out[i] = of[i*len(of)/n]
	}
	return out
}

func readPair(from, to string, classes map[string]class) (pair, error) {
	p := pair{name: filepath.Base(filepath.Dir(to)) + " " + number(from) + "→" + number(to)}
	var err error
	if p.old, err = os.ReadFile(from); err != nil {
		return p, err
	}
	if p.new, err = os.ReadFile(to); err != nil {
		return p, err
	}
	old, err := markdown.Parse(p.old)
	if err != nil {
		return p, fmt.Errorf("%s: %w", from, err)
	}
	new, err := markdown.Parse(p.new)
	if err != nil {
		return p, fmt.Errorf("%s: %w", to, err)
	}
	class := classes[p.name]
	p.equal = page(old) == page(new) || class.has("eol-or-bom-only")
	p.disputed = class.Rendered && !p.equal
	return p, nil
}

// page is a text's HTML without ids, which nobody sees, its white space folded.
func page(t *markdown.Text) string {
	out, _ := t.HTML(markdown.Options{Lang: "en"})
	var b strings.Builder
	z := html.NewTokenizer(bytes.NewReader(out))
	for z.Next() != html.ErrorToken {
		token := z.Token()
		token.Attr = slices.DeleteFunc(token.Attr, func(a html.Attribute) bool { return a.Key == "id" })
		if token.Data == "a" && len(token.Attr) == 0 {
			continue
		}
		b.WriteString(token.String())
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func number(file string) string {
	name := strings.TrimSuffix(filepath.Base(file), ".md")
	if n, err := strconv.Atoi(name); err == nil {
		return strconv.Itoa(n)
	}
	return name
}

// class is what others found of a pair.
type class struct {
	Document string
	From, To int
	Classes  []string
	Rendered bool `json:"rendered_equal"`
}

func (c class) has(name string) bool { return slices.Contains(c.Classes, name) }

func readClasses(file string) (map[string]class, error) {
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []class
	if err := json.Unmarshal(b, &all); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	out := map[string]class{}
	for _, c := range all {
		out[fmt.Sprintf("%s %d→%d", c.Document, c.From, c.To)] = c
	}
	return out, nil
}

// readers is what readers see of a text, a blank line between blocks.
func readers(t *markdown.Text) string {
	var out []string
	for _, b := range t.Blocks {
		if b.Text != "" {
			out = append(out, b.Text)
		}
	}
	return strings.Join(out, "\n\n") + "\n"
}
