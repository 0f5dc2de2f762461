package server

import (
	"errors"
	"net/http"
	"regexp"
	"strings"

	"vestnik/documents"
	"vestnik/documents/lang"
)

// Alias leads from an address of before to a page of a document.
type Alias struct{ From, To string }

func (a Alias) String() string { return a.From + " " + a.To }

const aliasMost = 500

// aliasTo is a document, perhaps a language, perhaps a clause.
var aliasTo = regexp.MustCompile(`^([a-z0-9]+(?:-[a-z0-9]+)*)(?:/([A-Za-z0-9-]+)(?:/(c-[a-z2-7]{8}))?)?$`)

// parseAliases reads lines such as "/old/privacy.html privacy/ru/c-abcdefgh".
func parseAliases(s *Settings, v string) error {
	s.Aliases = nil
	seen := map[string]bool{}
	for _, row := range linesTyped(v) {
		a, err := parseAlias(row)
		if err != nil {
			return err
		}
		if seen[a.From] {
			return documents.Invalid("aliases", "alias-twice", "The address %s stands there twice: leave one of the lines.", a.From)
		}
		if len(s.Aliases) == aliasMost {
			return documents.Invalid("aliases", "alias-many", "There may be %d old addresses: leave out those that nobody follows.", aliasMost)
		}
		seen[a.From] = true
		s.Aliases = append(s.Aliases, a)
	}
	return nil
}

func parseAlias(row string) (Alias, error) {
	if err := line("aliases", row, 2*maxAddress); err != nil {
		return Alias{}, err
	}
	words := strings.Fields(strings.ReplaceAll(row, "→", " "))
	if len(words) != 2 || !strings.HasPrefix(words[0], "/") || len(words[0]) > maxAddress || strings.ContainsAny(words[0], "#\\") {
		return Alias{}, documents.Invalid("aliases", "alias-malformed", "Write each old address as /old/page privacy/ru: the path, then the document, perhaps its language and a clause.")
	}
	a := Alias{trimmedPath(words[0]), strings.Trim(words[1], "/")}
	m := aliasTo.FindStringSubmatch(a.To)
	if m == nil || m[2] != "" && !lang.Valid(m[2]) {
		return Alias{}, documents.Invalid("aliases", "alias-target", "%q is no page of a document: write privacy, privacy/ru or privacy/ru/c-abcdefgh.", words[1])
	}
	if a.From == "" || a.From[0] == '?' || isReserved(a.From) {
		return Alias{}, documents.Invalid("aliases", "alias-reserved", "The address %s is one of the service itself: it cannot lead elsewhere.", words[0])
	}
	return a, nil
}

// trimmedPath is an address without the slash at the end of its path.
func trimmedPath(p string) string {
	at, query, has := strings.Cut(p, "?")
	at = strings.TrimRight(at, "/")
	if has {
		return at + "?" + query
	}
	return at
}

// href is the page that a leads to.
func (a Alias) href(base string) string {
	m := aliasTo.FindStringSubmatch(a.To)
	out := base + "/" + m[1]
	if m[2] != "" {
		out += "/" + m[2]
	}
	if m[3] != "" {
		out += "/clause/" + m[3]
	}
	return out
}

// errorShower writes the page of an error.
type errorShower func(w http.ResponseWriter, r *http.Request, status int, err error)

// aliased follows an alias where nothing else has the address. What has one always
// comes first, so an alias hides no page; and it leads to a document that has a
// version, whose addresses are no alias's, so none leads to another.
func (p *site) aliased(show errorShower) errorShower {
	return func(w http.ResponseWriter, r *http.Request, status int, err error) {
		if to := p.alias(r); status == http.StatusNotFound && to != "" {
			w.Header().Set("Cache-Control", "public, max-age=3600") // a wrong one can be mended
			http.Redirect(w, r, to, http.StatusMovedPermanently)
			return
		}
		show(w, r, status, err)
	}
}

// alias is where the address of r leads since it is no longer one, or "".
func (p *site) alias(r *http.Request) string {
	if (r.Method != http.MethodGet && r.Method != http.MethodHead) || isReserved(r.URL.Path) {
		return ""
	}
	k, _ := p.present.last()
	for _, a := range k.settings.Aliases {
		if !a.matches(r, p.base()) {
			continue
		}
		first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		target, _, _ := strings.Cut(a.To, "/")
		_, missing := p.Library.Document(r.Context(), first)
		if last, err := p.Library.Last(r.Context(), target); err != nil || last == 0 || !errors.Is(missing, documents.ErrNotFound) {
			return ""
		}
		return a.href(p.base())
	}
	return ""
}

// matches tells whether r asks for a: with its query if a has one.
func (a Alias) matches(r *http.Request, base string) bool {
	path, query, has := strings.Cut(a.From, "?")
	at := strings.TrimRight(r.URL.Path, "/")
	return (path == at || path == base+at) && (!has || query == r.URL.RawQuery)
}
