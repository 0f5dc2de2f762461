package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"vestnik/documents/markdown"
)

// pair is two neighbouring versions of a document.
type pair struct {
	name     string // document FROM→TO
	old, new []byte
	equal    bool   // readers get the same
	doubt    string // who says so alone, if not both do
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
	equal, err := readClasses(filepath.Join(root, "classes-open.json"))
	if err != nil {
		return nil, err
	}
	var out []pair
	for i := 1; i < len(files); i++ {
		if filepath.Dir(files[i-1]) != filepath.Dir(files[i]) {
			continue
		}
		p, err := readPair(files[i-1], files[i], equal)
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

func readPair(from, to string, equal map[string]bool) (pair, error) {
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
	ours, theirs := page(old) == page(new), equal[p.name]
	p.equal = ours || theirs
	switch {
	case ours && !theirs:
		p.doubt = "markdown's HTML alone is equal"
	case theirs && !ours:
		p.doubt = "another renderer's HTML alone is equal"
	}
	return p, nil
}

// page is a text's HTML, white space folded.
func page(t *markdown.Text) string {
	html, _ := t.HTML(markdown.Options{Lang: "en"})
	return strings.Join(strings.Fields(string(html)), " ")
}

func number(file string) string {
	name := strings.TrimSuffix(filepath.Base(file), ".md")
	if n, err := strconv.Atoi(name); err == nil {
		return strconv.Itoa(n)
	}
	return name
}

// readClasses names the pairs whose readers get the same, as others found.
func readClasses(file string) (map[string]bool, error) {
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []struct {
		Document string
		From, To int
		Classes  []string
		Rendered bool `json:"rendered_equal"`
	}
	if err := json.Unmarshal(b, &all); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	out := map[string]bool{}
	for _, c := range all {
		out[fmt.Sprintf("%s %d→%d", c.Document, c.From, c.To)] = c.Rendered || slices.Contains(c.Classes, "eol-or-bom-only")
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
