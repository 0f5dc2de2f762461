package server

import (
	"encoding/xml"
	"fmt"
	"net/url"
	"testing"
)

// Whatever the number of pages, each stands in exactly one of the files that the
// index names, and none is too long.
func TestSitemapIndex(t *testing.T) {
	const most = 7
	for n := range 30 {
		var all []sitemapPage
		for i := range n {
			all = append(all, sitemapPage{Loc: fmt.Sprint("https://site.example/", i)})
		}
		seen := map[string]int{}
		for _, before := range partsOf(t, all, most) {
			body, err := sitemapXML(all, before, "https://site.example/sitemap.xml", most)
			if err != nil {
				t.Fatalf("%d pages, before %q: %v", n, before, err)
			}
			var part struct {
				URLs []sitemapPart `xml:"url"`
			}
			if err := xml.Unmarshal(body, &part); err != nil || len(part.URLs) > most {
				t.Fatalf("%d pages, before %q: %d, %v", n, before, len(part.URLs), err)
			}
			for _, u := range part.URLs {
				seen[u.Loc]++
			}
		}
		for _, one := range all {
			if seen[one.Loc] != 1 {
				t.Fatalf("of %d pages %s stands in %d files", n, one.Loc, seen[one.Loc])
			}
		}
		for _, wrong := range []string{"0", "1", "9", "x", "7", "9223372036854775807", fmt.Sprint(n + 2*most + 1)} {
			if _, err := sitemapXML(all, wrong, "", most); err == nil {
				t.Fatalf("of %d pages there is one before %s", n, wrong)
			}
		}
	}
}

// partsOf are the queries of all files.
func partsOf(t *testing.T, all []sitemapPage, most int) []string {
	body, err := sitemapXML(all, "", "https://site.example/sitemap.xml", most)
	if err != nil {
		t.Fatal(err)
	}
	var index sitemapIndex
	if xml.Unmarshal(body, &index) != nil {
		return []string{""} // it is no index but the only file
	}
	var out []string
	for _, p := range index.Parts {
		u, err := url.Parse(p.Loc)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, u.Query().Get("before"))
	}
	return out
}
