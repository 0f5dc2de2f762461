package server

import (
	"errors"
	"fmt"
	"net/http"

	"vestnik/documents"
	"vestnik/documents/translog"
)

const textType = "text/plain; charset=utf-8"

func (p *site) checkpoint(v *visit, w http.ResponseWriter) error {
	signed, err := p.Tree.Checkpoint(v.ctx)
	if err != nil && (signed == nil || !isFull(err)) { // the last one is still true
		return fmt.Errorf("checkpoint: %w", err)
	}
	anyoneMay(w)
	return serveTagged(w, v.r, textType, signed)
}

func (p *site) logKey(v *visit, w http.ResponseWriter) error {
	anyoneMay(w)
	return serveTagged(w, v.r, textType, []byte(p.Tree.VerifierKey()+"\n"))
}

// tile serves tiles as C2SP tlog-tiles says. A full one never changes.
func (p *site) tile(v *visit, w http.ResponseWriter) error {
	data, full, err := p.Tree.Tile(v.ctx, "tile/"+v.r.PathValue("path"))
	if err != nil {
		return logError(err)
	}
	if full && !p.rehearsal() {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	anyoneMay(w)
	return serveTagged(w, v.r, "application/octet-stream", data)
}

// proof serves what proves one event: its bytes, the texts that they cover, and
// its place in the tree.
func (p *site) proof(v *visit, w http.ResponseWriter) error {
	seq, err := numberIn(v.r.PathValue("seq"))
	if err != nil {
		return err
	}
	e, err := p.Library.Event(v.ctx, documents.Seq(seq))
	if err != nil {
		return err
	}
	var brought *documents.Version
	if e.Kind == documents.Published || e.Kind == documents.Imported {
		ver, err := p.Library.Version(v.ctx, e.Document, e.Version)
		if err != nil {
			return err
		}
		brought = &ver
	}
	body, err := p.Tree.Prove(v.ctx, int64(seq), p.blobs(v, e, brought))
	if err != nil {
		return logError(err)
	}
	anyoneMay(w)
	w.Header().Set("Content-Disposition", fmt.Sprintf("inline; filename=%q", fmt.Sprintf("%d.tlog-proof", seq)))
	return serveTagged(w, v.r, textType, body)
}

// blobs are the texts that go with a proof; of a version that is withheld, none
// but the digests in the event.
func (p *site) blobs(v *visit, e documents.Event, brought *documents.Version) map[string][]byte {
	if brought != nil {
		t, err := v.timeline(e.Document)
		if here, ok := t.Standing(e.Version); err != nil || ok && here.Withheld {
			brought = nil
		}
	}
	return documents.Blobs(e, brought)
}

// anyoneMay lets programs on other sites read the log: it is public, and
// checking it should be possible from anywhere.
func anyoneMay(w http.ResponseWriter) { w.Header().Set("Access-Control-Allow-Origin", "*") }

func logError(err error) error {
	if errors.Is(err, translog.ErrNotFound) {
		return fmt.Errorf("%w: %w", documents.ErrNotFound, err)
	}
	return err
}

type verifyPage struct {
	page
	Key, Root, Origin, Checkpoint string
	Seq                           int64
}

// verify explains to somebody who has never seen a log how to check this one.
func (p *site) verify(v *visit) (view, error) {
	signed, err := p.Tree.Checkpoint(v.ctx)
	if err != nil && (signed == nil || !isFull(err)) {
		return view{}, fmt.Errorf("checkpoint: %w", err)
	}
	size, err := p.Tree.Size(v.ctx)
	if err != nil {
		return view{}, err
	}
	out := &verifyPage{page: v.page(v.w.T("verify-title")), Key: p.Tree.VerifierKey(), Root: v.absolute(v.base()), Origin: p.Tree.Origin(), Checkpoint: string(signed), Seq: size}
	out.Languages, out.Canonical = v.switched("/verify"), v.absolute(v.base()+"/verify")
	return view{template: "verify.html", data: out}, nil
}
