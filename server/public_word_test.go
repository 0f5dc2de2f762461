package server_test

import (
	"archive/zip"
	"io"
	"strings"
	"testing"
)

const wordType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

// wordBody is the text part of a file for Word.
func (a answer) wordBody() string {
	a.t.Helper()
	z, err := zip.NewReader(strings.NewReader(a.body), int64(len(a.body)))
	must(a.t, err)
	f, err := z.Open("word/document.xml")
	must(a.t, err)
	b, err := io.ReadAll(f)
	must(a.t, err)
	return string(b)
}

func TestCompareAsWordFile(t *testing.T) {
	h := staged(t)
	page := h.get("/privacy/ru/compare/2...3").want(200).has(`<a href="/privacy/ru/compare/2...3?format=docx" rel="nofollow" download>Скачать файл Word с исправлениями</a>`)
	h.get("/privacy/kk/compare/2...3").want(200).has("Түзетулері бар Word файлын жүктеп алу")
	h.get("/privacy/ru/compare/2...2").want(200).lacks("format=docx")
	a := h.get("/privacy/ru/compare/2...3?format=docx").want(200)
	if a.header.Get("Content-Type") != wordType || a.header.Get("Content-Disposition") != `attachment; filename="privacy-ru-2-3.docx"` {
		t.Errorf("header %v", a.header)
	}
	if body := a.wordBody(); !strings.Contains(body, "<w:ins ") || !strings.Contains(body, "<w:del ") {
		t.Errorf("no tracked changes in %s", body)
	}
	if again := h.get("/privacy/ru/compare/2...3").want(200); again.body != page.body {
		t.Error("the page is another after the file")
	}
	back := h.get("/privacy/ru/compare/3...2?format=docx").want(200)
	if back.body == a.body {
		t.Error("both directions are one file")
	}
	for _, path := range []string{"/privacy/ru/compare/1...9", "/privacy/ru/compare/1..2", "/privacy/de/compare/1...2", "/none/ru/compare/1...2", "/privacy/ru/compare/%22x...2"} {
		if a := h.get(path + "?format=docx"); a.status != 404 && a.status != 400 || a.header.Get("Content-Disposition") != "" {
			t.Errorf("%s: %v", path, a.header)
		}
	}
}

func TestAPIComparesAsWordFile(t *testing.T) {
	h := staged(t)
	a := h.remote("", "GET", "/documents/privacy/compare/2...3/docx?lang=kk", "").want(200)
	if a.header.Get("Content-Type") != wordType || a.header.Get("Content-Disposition") != `attachment; filename="privacy-kk-2-3.docx"` || !strings.Contains(a.wordBody(), "<w:ins ") {
		t.Errorf("header %v", a.header)
	}
	h.remote("", "GET", "/documents/privacy/compare/2..3/docx", "").refused(422, "invalid")
	h.remote("", "GET", "/documents/privacy/compare/2...9/docx", "").want(404)
}

// Each view has its own place in the cache.
func TestCompareViewsAreKeptApart(t *testing.T) {
	h := staged(t)
	for range 2 {
		for _, view := range []string{"inline", "list", "side"} {
			h.get("/privacy/ru/compare/2...3?view=" + view).want(200).has("redline-" + view + `"`)
		}
	}
}
