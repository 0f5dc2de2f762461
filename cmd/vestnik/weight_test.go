package main

import (
	"io"
	"net/http"
	"regexp"
	"testing"
)

// mostWeight is what a page may weigh, with its style and scripts, as sent.
const mostWeight = 60_000

var partOfPage = regexp.MustCompile(`(?:href|src)="([^"]*/static/[^"]+\.(?:css|js))"`)

// Every kind of page weighs little, in every language.
func TestPagesWeighLittle(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	for _, path := range []string{"/?lang=", "/privacy/", "/privacy/register?lang=", "/verify?lang="} {
		for _, tag := range []string{"ru", "kk", "en"} {
			weighed(t, d.url, path+tag)
		}
	}
	for _, tag := range []string{"ru", "kk", "en"} {
		for _, view := range []string{"", "?view=list", "?view=inline", "?view=side"} {
			weighed(t, d.url, "/privacy/"+tag+"/compare/1...2"+view)
		}
	}
}

func weighed(t *testing.T, origin, path string) {
	t.Helper()
	body, _ := received(t, origin+path, "identity")
	_, sum := received(t, origin+path, "br")
	parts := partOfPage.FindAllStringSubmatch(body, -1)
	if len(parts) == 0 {
		t.Errorf("%s has no style", path)
	}
	for _, m := range parts {
		_, n := received(t, origin+m[1], "br")
		sum += n
	}
	if sum > mostWeight {
		t.Errorf("%s weighs %d bytes, more than %d", path, sum, mostWeight)
	}
	t.Logf("%s: %d bytes, %d files", path, sum, len(parts)+1)
}

func received(t *testing.T, url, encoding string) (string, int) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", encoding)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, resp.Status, err)
	}
	return string(body), len(body)
}
