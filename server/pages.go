package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"

	"vestnik/documents/lang"
	"vestnik/web"
)

// templates are all pages. They are never written to.
var templates = template.Must(template.ParseFS(web.Files, "templates/*.html"))

// style is the stylesheet, under a name that changes with its bytes: the sheets of
// static/style one after another, by name.
var style = mustAsset("style", "css", "static/style/*.css")

// scripts are the files of static/script by their names without ".js". A page that
// has one says so at its route: see html.
var scripts = mustScripts()

// asset is a file whose address changes with its bytes.
type asset struct {
	name, kind string
	body       []byte
}

// mustAsset joins files that are embedded.
func mustAsset(stem, ext, pattern string) asset {
	kind := map[string]string{"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}[ext]
	names, err := fs.Glob(web.Files, pattern)
	if err != nil || len(names) == 0 {
		panic("no file is " + pattern)
	}
	var all []byte
	for _, name := range names {
		b, err := web.Files.ReadFile(name)
		if err != nil {
			panic(err)
		}
		all = append(all, b...)
	}
	sum := sha256.Sum256(all)
	return asset{stem + "." + hex.EncodeToString(sum[:6]) + "." + ext, kind, all}
}

func mustScripts() map[string]asset {
	files, err := fs.Glob(web.Files, "static/script/*.js")
	if err != nil {
		panic(err)
	}
	out := map[string]asset{}
	for _, file := range files {
		stem := strings.TrimSuffix(path.Base(file), ".js")
		out[stem] = mustAsset(stem, "js", file)
	}
	return out
}

// page is what every template begins with.
type page struct {
	W            lang.Words
	Lang, Dir    string
	Title        string
	Organisation string
	BIN, Postal  string
	Base         string // path of the public root, without a trailing slash
	Home         string
	Style        string
	Scripts      []string
	Canonical    string
	Alternates   []link
	Feeds        []link
	Nav          []link
	Languages    []link
	NoIndex      bool
	Private      bool
	Desk         bool
	Demo         bool
	Rehearsal    bool
	SignOut      string // where the button of somebody signed in leads
	Person       string // who that is
	Here         string // where the choice of a desk's language returns to
	Speak        []link // that choice; Value is the tag
	Problem      string // a refusal, in the reader's language
	ProblemAt    string // the id of the input that it is about
	Dress        dress
	Data         any // what the page is, in the words of schema.org
}

// link leads somewhere; Value makes it an option of a choice.
type link struct {
	Href, Text, More, Lang, Value string
	Current                       bool
}

// Brief is a language's name where there is room for three letters only.
func (l link) Brief() string {
	name := []rune(l.Text)
	if !slices.Contains(lang.Interface, l.Lang) || len(name) < 3 {
		return strings.ToUpper(l.Lang)
	}
	return strings.ToUpper(string(name[0])) + string(name[1:3])
}

// fact is a term and what there is to say about it.
type fact struct {
	Text, More, Date, Href string
	Current, Digest        bool
}

// tag is a state in words, with the style class that colours it.
type tag struct{ Class, Text string }

// field is one input of a form with its label, hint and refusal.
type field struct {
	ID, Name, Label, Hint, Value, Error string
	Kind                                string // "", source, slot, select, radio, checkbox
	Type, Autocomplete                  string
	Lang, Dir                           string
	Options                             []link
	On, Short, Digits                   bool
}

// act is a form with one button.
type act struct {
	ID, Title, Hint, Action, Submit, Class string
	Hidden                                 []link
	Fields                                 []field
	Open                                   bool
}

func (s *Server) basePage(w lang.Words, set Settings, title string) page {
	return page{
		W: w, Lang: w.Lang, Dir: lang.Dir(w.Lang), Title: title, Organisation: set.Organisation.In(w.Lang), BIN: set.BIN, Postal: set.Postal.In(w.Lang),
		Base: s.base(), Home: s.base() + "/", Style: s.base() + "/static/" + style.name, Demo: s.Demo, Rehearsal: s.rehearsal(),
		Dress: dressOf(s.base(), w.Lang, set),
	}
}

// absolute is the address of a path of ours that begins with the base.
func (s *Server) absolute(href string) string {
	return strings.TrimSuffix(s.root.Scheme+"://"+s.root.Host, "://") + href
}

// execute renders a template into memory, so that an error never follows half a
// page.
func execute(name string, data any) ([]byte, error) {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, data); err != nil {
		return nil, fmt.Errorf("template %s: %w", name, err)
	}
	return b.Bytes(), nil
}

const htmlType = "text/html; charset=utf-8"

// pagePolicy lets a page have its stylesheet and its own images, and nothing
// that runs.
const pagePolicy = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// scriptPolicy is what a page with scripts of ours adds: they run, and ask nobody
// but us. Nothing in the page itself runs.
const scriptPolicy = "; script-src 'self'; connect-src 'self'"

// writePage answers with a page that is nobody else's: it is not kept anywhere.
func writePage(w http.ResponseWriter, status int, body []byte) error {
	h := w.Header()
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", htmlType)
	w.WriteHeader(status)
	_, err := w.Write(body)
	return err
}

// showAsset serves the stylesheet and the scripts. Their addresses change with
// them, so they are kept for ever.
func showAsset(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("file")
	stem, _, _ := strings.Cut(name, ".")
	one, ok := scripts[stem]
	if !ok {
		one = style
	}
	if name != one.name {
		return errNoPage
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	return serveTagged(w, r, one.kind, one.body)
}
