package server

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

const wordType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

// comparison answers with a page, or with ?format=docx with the file that Word
// opens.
func (p *site) comparison() handler {
	page, open, file := p.html(p.compare, "redline"), p.unfolded(), p.public(p.compareFile)
	return func(w http.ResponseWriter, r *http.Request) error {
		switch q := r.URL.Query(); {
		case q.Get("format") == "docx":
			return file(w, r)
		case q.Get("unfold") != "":
			return open(w, r)
		}
		return page(w, r)
	}
}

func (p *site) compareFile(v *visit, w http.ResponseWriter) error {
	w.Header().Set("Content-Disposition", wordName(v.r.PathValue("document"), v.r.PathValue("lang"), v.r.PathValue("range")))
	err := v.kept(w, wordType, noSpot, func() ([]byte, time.Time, error) {
		c, err := v.compared()
		if err != nil {
			return nil, time.Time{}, err
		}
		line, err := v.redline(c)
		if err != nil || line == nil {
			return nil, time.Time{}, orNoPage(err)
		}
		var out bytes.Buffer
		err = line.DOCX(&out, c.tag)
		return out.Bytes(), time.Time{}, err
	})
	if err != nil {
		w.Header().Del("Content-Disposition")
	}
	return err
}

// wordName names a file after what it compares: privacy-ru-1-2.docx.
func wordName(document, tag, pair string) string {
	return fmt.Sprintf("attachment; filename=%q", document+"-"+tag+"-"+strings.ReplaceAll(pair, "...", "-")+".docx")
}

// file is an answer that is kept under a name.
type file struct {
	ContentType        string `header:"Content-Type"`
	ContentDisposition string `header:"Content-Disposition"`
	Body               []byte
}

func (a *api) compareFileOperation() {
	add(a, anyone, huma.Operation{OperationID: "compare-versions-docx", Method: http.MethodGet, Path: "/documents/{id}/compare/{range}/docx", Summary: "The redline of two versions as a Word file with tracked changes",
		Responses: binary(wordType, "The file")}, a.compareFile)
}

func (a *api) compareFile(ctx context.Context, in *compareRange) (*file, error) {
	red, tag, err := a.redline(ctx, in)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := red.DOCX(&out, tag); err != nil {
		return nil, err
	}
	return &file{wordType, wordName(in.ID, tag, in.Range), out.Bytes()}, nil
}
