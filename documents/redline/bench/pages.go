package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vestnik/documents/lang"
	"vestnik/documents/markdown"
	"vestnik/documents/redline"
)

// goldenPair is what pages need of a golden file.
type goldenPair struct {
	Pair [2]string
	Why  string
	Note string
}

// styleOf joins the sheets of a folder by name, as the pages have them.
func styleOf(folder string) (string, error) {
	names, err := filepath.Glob(filepath.Join(folder, "*.css"))
	if err != nil {
		return "", err
	}
	var all strings.Builder
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		all.Write(b)
	}
	return all.String(), nil
}

// writePages writes each golden pair as it looks: a page for each view, and the
// text form, with an index of all.
func writePages(o options) error {
	files, err := filepath.Glob(filepath.Join(o.golden, "*.json"))
	if err != nil {
		return err
	}
	style, err := styleOf(o.css)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.pages, 0o755); err != nil {
		return err
	}
	slices.Sort(files)
	var index strings.Builder
	bar := progress(int64(len(files)), "writing pages")
	for _, file := range files {
		entry, err := writePair(o, file, style)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		index.WriteString(entry)
		if err := bar.Add(1); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(o.pages, "index.html"), []byte(framed("Golden pairs", string(style), "<ul>"+index.String()+"</ul>")), 0o644)
}

func writePair(o options, file, style string) (string, error) {
	var g goldenPair
	b, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	if err := json.Unmarshal(b, &g); err != nil {
		return "", err
	}
	r, err := compareFiles(filepath.Join(o.corpus, g.Pair[0]), filepath.Join(o.corpus, g.Pair[1]))
	if err != nil {
		return "", err
	}
	name := strings.TrimSuffix(filepath.Base(file), ".json")
	tag := language(name)
	head := "<h1>" + html.EscapeString(name) + "</h1><p>" + html.EscapeString(g.Why+" "+g.Note) + "</p>"
	body := r.HTML(tag)
	links := ""
	for _, view := range []string{"list", "inline", "side"} {
		page := framed(name, style, head+`<div class="text redline redline-`+view+`" lang="`+tag+`" dir="`+lang.Dir(tag)+`">`+body+"</div>")
		at := name + "." + view + ".html"
		if err := os.WriteFile(filepath.Join(o.pages, at), []byte(page), 0o644); err != nil {
			return "", err
		}
		links += ` <a href="` + html.EscapeString(at) + `">` + view + "</a>"
	}
	text := &strings.Builder{}
	if err := errors.Join(r.Text(text, tag), os.WriteFile(filepath.Join(o.pages, name+".txt"), []byte(text.String()), 0o644)); err != nil {
		return "", err
	}
	return fmt.Sprintf(`<li>%s:%s <a href="%s.txt">text</a> %s</li>`, html.EscapeString(name), links, html.EscapeString(name), html.EscapeString(g.Why)), nil
}

// language is the text's, as the document's name says it.
func language(name string) string {
	for _, tag := range []string{"ar", "de", "fr", "he", "ja", "kk", "ru", "zh"} {
		if slices.Contains(strings.Split(name, "-"), tag) {
			return tag
		}
	}
	return "en"
}

func compareFiles(from, to string) (*redline.Redline, error) {
	var texts [2]*markdown.Text
	for i, name := range []string{from, to} {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if texts[i], err = markdown.Parse(b); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return redline.Compare(texts[0], texts[1]), nil
}

func framed(title, style, body string) string {
	return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>` +
		html.EscapeString(title) + "</title><style>" + style + `</style><body><main class="wide">` + body + "</main></body></html>"
}
