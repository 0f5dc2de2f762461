package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// oldText is a document of the corpus: a real history, version by version.
type oldText struct {
	ID        string
	Language  string
	Direction string
	Title     string
	Versions  []struct {
		Seq    int
		File   string
		SHA256 string
		Date   time.Time `json:"commit_date"`
	}
}

// readCorpus reads what the corpus says of itself.
func readCorpus(t *testing.T) (dir string, texts []oldText) {
	dir = os.Getenv("VESTNIK_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "corpus")
	}
	b, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("there is no corpus: set VESTNIK_CORPUS to its folder")
	}
	var all struct{ Documents []oldText }
	if err == nil {
		err = json.Unmarshal(b, &all)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir, all.Documents
}

// effective is when a version took effect, as its manifest says.
func (d oldText) effective(i int) string { return d.Versions[i].Date.Format(time.RFC3339) }

// onDay is the version in force at the end of a day.
func (d oldText) onDay(day string, zone *time.Location) int {
	found := 0
	for i, v := range d.Versions {
		if v.Date.In(zone).Format(time.DateOnly) <= day && (found == 0 || !v.Date.Before(d.Versions[found-1].Date)) {
			found = i + 1
		}
	}
	return found
}

// vestnik runs a command in this process and returns what it printed.
func vestnik(t *testing.T, want int, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if got := run(t.Context(), args, streams{strings.NewReader(""), &out, &errs}); got != want {
		t.Fatalf("vestnik %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, want, out.String(), errs.String())
	}
	return out.String()
}

// moveIn imports a document as a person would who has the files and their dates.
func (d oldText) moveIn(t *testing.T, corpus string, p *program) {
	t.Helper()
	h := history{Titles: map[string]string{d.Language: d.Title}, Prevailing: d.Language, Zone: "Asia/Almaty"}
	folder := t.TempDir()
	for i, v := range d.Versions {
		b, err := os.ReadFile(filepath.Join(corpus, d.ID, v.File))
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, v.File), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		h.Versions = append(h.Versions, historyVersion{Number: v.Seq, Effective: d.effective(i), Published: v.Date.Format(time.DateOnly),
			Texts: map[string]string{d.Language: v.File}})
	}
	b, err := json.Marshal(h)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "manifest.json"), b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	out := p.command("import", "-document", d.ID, folder)
	if want := fmt.Sprintf("imported %d, version %d is the last", len(d.Versions), len(d.Versions)); !strings.Contains(out, want) {
		t.Errorf("%s: %q, want %q", d.ID, out, want)
	}
}

// Every version of every document of the corpus moves in with its history and is
// served.
func TestCorpus(t *testing.T) {
	corpus, texts := readCorpus(t)
	p := &program{t: t, dir: filepath.Join(t.TempDir(), "data"), addr: freeAddr(t), args: []string{"-url", publicRoot}}
	began := time.Now()
	for _, d := range texts {
		d.moveIn(t, corpus, p)
	}
	t.Logf("%d documents moved in within %v", len(texts), time.Since(began))
	p.command("open")
	p.start()
	t.Cleanup(p.kill)
	r := newReader(httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: p.addr}))
	t.Run("documents", func(t *testing.T) {
		for _, d := range texts {
			t.Run(d.ID, func(t *testing.T) { t.Parallel(); d.read(t, r) })
		}
	})
	for _, path := range []string{"/", "/register", "/verify"} {
		r.page(t, path)
	}
	wellFormed(t, "/sitemap.xml", r.get(t, "/sitemap.xml"))
	r.follow(t)
	t.Logf("%v since the beginning", time.Since(began))
	if out := vestnik(t, 0, "verify", "http://"+p.addr); !strings.Contains(out, "The log holds") {
		t.Errorf("verify says %q", out)
	}
	p.stop()
	if out := p.command("check"); !strings.Contains(out, "No fault found") {
		t.Errorf("check says %q", out)
	}
}

// read looks at everything that is served of a document.
func (d oldText) read(t *testing.T, r *reader) {
	for i := range d.Versions {
		d.readVersion(t, r, i)
	}
	zone, err := time.LoadLocation("Asia/Almaty")
	if err != nil {
		t.Fatal(err)
	}
	root := "/" + d.ID + "/" + d.Language
	for i, v := range d.Versions {
		day := v.Date.In(zone).Format(time.DateOnly)
		want := d.Versions[d.onDay(day, zone)-1].SHA256
		if p := r.page(t, root+"/on/"+day); !strings.Contains(shownText(p.root), want) {
			t.Errorf("on %s another text is shown than %s", day, want)
		}
		var inForce struct{ Number int }
		if r.json(t, "/api/v1/documents/"+d.ID+"/in-force?at="+day, &inForce); inForce.Number != d.onDay(day, zone) {
			t.Errorf("on %s version %d is in force, want %d", day, inForce.Number, d.onDay(day, zone))
		}
		if i > 0 {
			d.readPair(t, r, i, i+1)
		}
	}
	if last := len(d.Versions); last > 1 {
		d.readPair(t, r, last, 1)
	}
	r.page(t, root)
	r.page(t, "/"+d.ID+"/register")
	for _, feed := range []string{"/" + d.ID + "/feed.atom", root + "/feed.atom"} {
		wellFormed(t, feed, r.get(t, feed))
	}
}

// versionJSON is what these tests need of a version.
type versionJSON struct {
	Number    int
	Effective struct{ Instant time.Time }
	Texts     map[string]struct {
		SHA256  string
		Clauses []struct {
			ID     string
			Number *string
			Anchor string
			Lines  [2]int
		}
	}
}

func (d oldText) readVersion(t *testing.T, r *reader, i int) {
	t.Helper()
	v, path := d.Versions[i], fmt.Sprintf("/%s/%s/v/%d", d.ID, d.Language, i+1)
	var got versionJSON
	r.json(t, fmt.Sprintf("/api/v1/documents/%s/versions/%d", d.ID, i+1), &got)
	text := got.Texts[d.Language]
	if got.Number != i+1 || !got.Effective.Instant.Equal(v.Date) || text.SHA256 != v.SHA256 {
		t.Errorf("version %d in force from %v with %s, want %v with %s", got.Number, got.Effective.Instant, text.SHA256, v.Date, v.SHA256)
	}
	p := r.page(t, path)
	if !strings.Contains(shownText(p.root), v.SHA256) {
		t.Errorf("%s does not show its digest", path)
	}
	if len(p.texts) != 1 || attr(p.texts[0], "lang") != d.Language || attr(p.texts[0], "dir") != d.Direction {
		t.Errorf("%s: %d texts, lang and dir are not %s and %s", path, len(p.texts), d.Language, d.Direction)
	}
	for _, c := range text.Clauses {
		if !p.ids[c.ID] || c.Anchor != "" && !p.ids[c.Anchor] {
			t.Errorf("%s: the clause %s has no anchor %s on the page", path, c.ID, c.Anchor)
		}
	}
}

// readPair compares two versions, on pages of both forms and over the API.
func (d oldText) readPair(t *testing.T, r *reader, a, b int) {
	t.Helper()
	path := fmt.Sprintf("/%s/%s/compare/%d...%d", d.ID, d.Language, a, b)
	p := r.page(t, path)
	if len(p.texts) != 1 || attr(p.texts[0], "lang") != d.Language || attr(p.texts[0], "dir") != d.Direction {
		t.Errorf("%s: %d texts, lang and dir are not %s and %s", path, len(p.texts), d.Language, d.Direction)
	}
	if b == len(d.Versions) {
		r.page(t, path+"?view=side")
	}
	var line struct {
		Old, New struct{ SHA256 string }
		Changes  []json.RawMessage
	}
	r.json(t, fmt.Sprintf("/api/v1/documents/%s/compare/%d...%d", d.ID, a, b), &line)
	if line.Old.SHA256 != d.Versions[a-1].SHA256 || line.New.SHA256 != d.Versions[b-1].SHA256 || len(line.Changes) == 0 {
		t.Errorf("%s: the redline over the API is of %s and %s, with %d entries", path, line.Old.SHA256, line.New.SHA256, len(line.Changes))
	}
}

// What moves in by the names of its files is numbered or dated by them.
func TestCorpusByNames(t *testing.T) {
	corpus, texts := readCorpus(t)
	texts = slices.DeleteFunc(texts, func(d oldText) bool { return !strings.HasPrefix(d.ID, "cc-code-of-conduct-he") })
	d, data := texts[0], filepath.Join(t.TempDir(), "data")
	vestnik(t, 0, "import", "-data", data, "-document", "numbered", "-lang", d.Language, filepath.Join(corpus, d.ID))
	dated := t.TempDir()
	for _, v := range d.Versions {
		b, err := os.ReadFile(filepath.Join(corpus, d.ID, v.File))
		if err == nil {
			err = os.WriteFile(filepath.Join(dated, v.Date.Format(time.DateOnly)+"."+d.Language+".md"), b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	vestnik(t, 0, "import", "-data", data, "-document", "dated", dated)
	in, err := openInstallation(t.Context(), folder(data), false, options{url: publicRoot})
	if err != nil {
		t.Fatal(err)
	}
	defer in.close()
	for _, document := range []string{"numbered", "dated"} {
		line, err := in.library.Timeline(t.Context(), document, time.Time{})
		if err != nil || len(line.Versions) != len(d.Versions) {
			t.Fatalf("%s: %d versions, %v", document, len(line.Versions), err)
		}
		for i, v := range line.Versions {
			want := map[string]string{"numbered": "", "dated": d.Versions[i].Date.Format(time.DateOnly)}[document]
			full, err := in.library.Version(t.Context(), document, v.Number)
			if err != nil || v.Number != i+1 || v.Effective.Date != want || full.Texts[0].SourceDigest().String() != d.Versions[i].SHA256 || full.Texts[0].Lang != d.Language {
				t.Errorf("%s: version %d from %q, want %q (%v)", document, v.Number, v.Effective.Date, want, err)
			}
		}
	}
}
