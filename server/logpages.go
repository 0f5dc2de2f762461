package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"vestnik/documents"
	"vestnik/documents/translog"
)

const textType = "text/plain; charset=utf-8"

func (p *site) checkpoint(v *visit, w http.ResponseWriter) error {
	signed, err := v.signed()
	if err != nil {
		return err
	}
	anyoneMay(w)
	return serveTagged(w, v.r, textType, signed)
}

// signed is the checkpoint of the log, or the last one where nothing can be read or
// written: that is older, and still true.
func (v *visit) signed() ([]byte, error) {
	ctx, cancel := context.WithCancel(v.ctx)
	defer cancel()
	if v.away != nil {
		cancel() // nothing is asked for
	}
	signed, err := v.Tree.Checkpoint(ctx)
	if err != nil && (signed == nil || v.away == nil && !isFull(err) && !isAway(err) && !errors.Is(err, context.DeadlineExceeded)) {
		return nil, fmt.Errorf("checkpoint: %w", errors.Join(err, v.away))
	}
	return signed, nil
}

func (p *site) logKey(v *visit, w http.ResponseWriter) error {
	anyoneMay(w)
	return serveTagged(w, v.r, textType, []byte(p.Tree.VerifierKey()+"\n"))
}

// tile serves tiles as C2SP tlog-tiles says. A full one never changes.
func (p *site) tile(v *visit, w http.ResponseWriter) error {
	path := v.r.PathValue("path")
	anyoneMay(w)
	if !strings.Contains(path, ".p/") && !p.rehearsal() && v.away == nil {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable") // fail takes it back
	}
	return v.kept(w, "application/octet-stream", noSpot, func() ([]byte, time.Time, error) {
		data, _, err := p.Tree.Tile(v.ctx, "tile/"+path)
		return data, time.Time{}, logError(err)
	})
}

// proof serves what proves one event: its bytes, the texts that they cover, and
// its place in the tree.
func (p *site) proof(v *visit, w http.ResponseWriter) error {
	seq, err := numberIn(v.r.PathValue("seq"))
	if err != nil {
		return err
	}
	anyoneMay(w)
	w.Header().Set("Content-Disposition", fmt.Sprintf("inline; filename=%q", fmt.Sprintf("%d.tlog-proof", seq)))
	err = v.kept(w, textType, noSpot, func() ([]byte, time.Time, error) {
		body, err := v.prove(seq)
		return body, time.Time{}, logError(err)
	})
	if err != nil {
		w.Header().Del("Content-Disposition")
	}
	return err
}

func (v *visit) prove(seq int) ([]byte, error) {
	e, err := v.Library.Event(v.ctx, documents.Seq(seq))
	if err != nil {
		return nil, err
	}
	var brought *documents.Version
	if e.Kind == documents.Published || e.Kind == documents.Imported {
		ver, err := v.Library.Version(v.ctx, e.Document, e.Version)
		if err != nil {
			return nil, err
		}
		brought = &ver
	}
	return v.Tree.Prove(v.ctx, int64(seq), v.blobs(e, brought))
}

// blobs are the texts that go with a proof; of a version that is withheld, none
// but the digests in the event.
func (v *visit) blobs(e documents.Event, brought *documents.Version) map[string][]byte {
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
