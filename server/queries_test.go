package server

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Where a query is read that is in no key, and why none is needed.
var unkeyed = map[string]string{
	"lang":   "the language of the page is in the key",
	"q":      "a search is not kept",
	"unfold": "what is unfolded is not kept",
	"format": "a file for Word is not kept",
	"date":   "it only leads elsewhere",
	"from":   "it only leads elsewhere",
	"to":     "it only leads elsewhere",
}

// Whatever a public page reads of its query is in the key of what is kept, or it would
// be shown to who asked for something else; and nothing else is, or anybody could fill
// the memory with one page.
func TestQueriesOfPagesAreInTheirKeys(t *testing.T) {
	var files []string
	for _, pattern := range []string{"public*.go", "feed*.go", "sitemap.go", "embed.go", "verify.go", "why.go", "logpages.go", "front.go", "kept.go", "i18n.go", "robots.go", "warm.go"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	read := map[string]bool{}
	query := regexp.MustCompile(`(?:Query\(\)|\bq)\.(?:Get|Has)\("(\w+)"\)`)
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, m := range query.FindAllSubmatch(src, -1) {
			one := string(m[1])
			if read[one] = true; !slices.Contains(pageQueries, one) && unkeyed[one] == "" {
				t.Errorf("%s reads ?%s=, which is in no key", name, one)
			}
		}
	}
	for _, one := range pageQueries {
		if !read[one] {
			t.Errorf("?%s= is in the key, and no page reads it", one)
		}
	}
	for one := range unkeyed {
		if !read[one] || slices.Contains(pageQueries, one) {
			t.Errorf("?%s= is an exception, and needs to be none", one)
		}
	}
}
