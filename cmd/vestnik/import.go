package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"vestnik/documents/lang"
)

var importCommand = command{"import", "PATH...", "moves a history in, silently: 0001.ru.md 0001.kk.md …, 2020-01-31.md, or manifest.json", func(f *flag.FlagSet) action {
	w := target(f)
	document := f.String("document", "", "the `ID` of the document; it is created if it is missing")
	tag := f.String("lang", "ru", "the `language` of files whose name does not say it")
	return func(ctx context.Context, s streams, args []string) error {
		if *document == "" || len(args) == 0 {
			return usagef("give -document ID and the files of its history")
		}
		if err := checkLang(*tag); err != nil {
			return err
		}
		h, err := readHistory(s, *tag, args)
		if err != nil {
			return err
		}
		return w.with(ctx, s, true, func(c *client) error { return sendHistory(ctx, s, c, *document, h) })
	}
}}

// history is a manifest, and what the API takes: there each text is the source
// itself, in a manifest the name of a file beside it.
type history struct {
	Titles     map[string]string `json:"titles,omitempty"`
	Prevailing string            `json:"prevailing,omitempty"`
	Zone       string            `json:"zone,omitempty"`
	Versions   []historyVersion  `json:"versions"`
}

type historyVersion struct {
	Number    int               `json:"number,omitempty"`
	Effective string            `json:"effective,omitempty"`
	Published string            `json:"published,omitempty"`
	Texts     map[string]string `json:"texts"`
	Class     string            `json:"class,omitempty"`
	Reason    string            `json:"reason,omitempty"`
	Basis     json.RawMessage   `json:"basis,omitempty"`
}

func sendHistory(ctx context.Context, s streams, c *client, document string, h history) error {
	var done struct {
		Events []struct {
			Seq     int64 `json:"seq"`
			Version int   `json:"version"`
		} `json:"events"`
	}
	bar := progress(s.err, -1, "importing")
	err := c.call(ctx, "POST", "/documents/"+url.PathEscape(document)+"/import", h, &done)
	bar.Finish()
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: imported %d, version %d is the last\n", document, len(done.Events), done.Events[len(done.Events)-1].Version)
	return nil
}

// readHistory finds the versions in files and folders, and reads their texts.
func readHistory(s streams, tag string, paths []string) (history, error) {
	files, err := listFiles(paths)
	if err != nil {
		return history{}, err
	}
	for _, f := range files {
		if filepath.Base(f) != "manifest.json" {
			continue
		}
		if len(paths) > 1 {
			return history{}, usagef("a manifest names its files itself; give it alone")
		}
		return readManifest(f)
	}
	return readNamed(s, tag, files)
}

// listFiles replaces each folder by what lies in it: its manifest, or the files
// whose names are those of versions.
func listFiles(paths []string) ([]string, error) {
	var out []string
	for _, p := range paths {
		info, err := os.Stat(p)
		if p == "-" || err == nil && !info.IsDir() {
			out = append(out, p)
			continue
		}
		if err != nil {
			return nil, err
		}
		if manifest := filepath.Join(p, "manifest.json"); exists(manifest) {
			out = append(out, manifest)
			continue
		}
		entries, err := os.ReadDir(p)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if versionName.MatchString(e.Name()) {
				out = append(out, filepath.Join(p, e.Name()))
			}
		}
	}
	if len(out) == 0 {
		return nil, errors.New("no file there is named like a version; name them 0001.ru.md, 2020-01-31.ru.md and so on")
	}
	return out, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func readManifest(path string) (history, error) {
	b, err := readFile(streams{}, path)
	if err != nil {
		return history{}, err
	}
	var h history
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.DisallowUnknownFields()
	if err := d.Decode(&h); err != nil {
		return h, fmt.Errorf("%s is no manifest: %w", path, err)
	}
	if len(h.Versions) == 0 {
		return h, fmt.Errorf("%s names no versions", path)
	}
	root, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return h, err
	}
	defer root.Close()
	for i, v := range h.Versions {
		for tag, name := range v.Texts {
			if v.Texts[tag], err = readBeside(root, name); err != nil {
				return h, fmt.Errorf("%s: version %d: %w", path, i+1, err)
			}
		}
	}
	return h, nil
}

// readBeside reads a text that a manifest names; it cannot lie outside the
// manifest's folder.
func readBeside(root *os.Root, name string) (string, error) {
	if !filepath.IsLocal(name) {
		return "", fmt.Errorf("%q lies outside the manifest's folder; put the texts beside the manifest", name)
	}
	f, err := root.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := readAll(f, name)
	if err != nil {
		return "", err
	}
	return utf8Text(b, name)
}

// versionName is NNNN[.LANG].EXT or YYYY-MM-DD[.LANG].EXT.
var versionName = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2}|\d{1,6})(?:\.([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*))?\.(?:md|markdown|txt)$`)

func readNamed(s streams, tag string, files []string) (history, error) {
	versions := map[string]*historyVersion{}
	for _, path := range files {
		name := versionName.FindStringSubmatch(filepath.Base(path))
		if name == nil {
			if len(files) > 1 {
				return history{}, fmt.Errorf("%s is not named like a version; name it 0001.%s.md or 2020-01-31.%s.md", path, tag, tag)
			}
			name = []string{"", "", ""} // one file of any name is a single version
		}
		text, err := readText(s, path)
		if err != nil {
			return history{}, err
		}
		v := versions[name[1]]
		if v == nil {
			v = named(name[1])
			versions[name[1]] = v
		}
		if err := v.add(cmp.Or(name[2], tag), text, path); err != nil {
			return history{}, err
		}
	}
	return inOrder(versions, tag)
}

// named is a version that its file's name gives a number or a date.
func named(name string) *historyVersion {
	v := &historyVersion{Texts: map[string]string{}}
	if n, err := strconv.Atoi(name); err == nil {
		v.Number = n
	} else {
		v.Effective = name
	}
	return v
}

func (v *historyVersion) add(tag, text, path string) error {
	if !lang.Valid(tag) {
		return fmt.Errorf("%s: %q is no language tag", path, tag)
	}
	if _, twice := v.Texts[tag]; twice {
		return fmt.Errorf("%s: the version has a text in %q already", path, tag)
	}
	v.Texts[tag] = text
	return nil
}

func inOrder(versions map[string]*historyVersion, tag string) (history, error) {
	var h history
	numbered := 0
	for _, v := range versions {
		if v.Number > 0 {
			numbered++
		}
		h.Versions = append(h.Versions, *v)
	}
	if numbered > 0 && numbered < len(h.Versions) {
		return h, errors.New("some files are named by number and others by date; choose one")
	}
	slices.SortFunc(h.Versions, func(a, b historyVersion) int {
		return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.Effective, b.Effective))
	})
	h.Prevailing = prevailing(h.Versions, tag)
	return h, nil
}

// prevailing is tag if the texts have it, else the first of their languages.
func prevailing(versions []historyVersion, tag string) string {
	var tags []string
	for t := range versions[len(versions)-1].Texts {
		tags = append(tags, t)
	}
	if slices.Contains(tags, tag) {
		return tag
	}
	return slices.Min(tags)
}
