package translog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// The largest answers that are read: a server that is checked may be hostile.
const (
	maxNote   = 1 << 20
	maxBundle = tileWidth * (2 + maxEvent)
	maxProof  = 64 << 20
)

// Audit is a whole log that holds: the signature, every event under it, their
// order, all tiles, and the public texts.
type Audit struct {
	Checkpoint Checkpoint
	Signed     []byte // the checkpoint as served
	Key        string // the verifier key that the signature was checked with
	Given      bool   // the caller gave it; otherwise it is the log's own word
	Texts      int    // blobs whose digests were checked
	Missing    int    // digests whose blobs are not shown, as those of a text that is withheld
	hashes     hashes
}

// VerifyURL reads a whole log below base/log/ and checks it: checkpoint, entry
// bundles, hash tiles, and a proof for each event that has public texts. Without
// a vkey it takes base/log/key, and Given is false. report, if set, is told how
// far it is. An error that wraps ErrFault means that the log does not hold;
// another one, that this could not be found out.
func VerifyURL(ctx context.Context, client *http.Client, base, vkey string, report func(string)) (*Audit, error) {
	if report == nil {
		report = func(string) {}
	}
	r := remote{ctx: ctx, client: client, base: strings.TrimSuffix(base, "/") + "/log/"}
	a, err := r.open(vkey)
	if err != nil {
		return nil, err
	}
	if a.Given {
		report("the checkpoint is signed with the key that was given")
	} else {
		report("no key was given; the log names this one, unchecked: " + a.Key)
	}
	events, err := r.events(a, report)
	if err != nil {
		return nil, err
	}
	report(fmt.Sprintf("%d events have the signed root, in order", a.Checkpoint.Size))
	if err := r.tiles(a); err != nil {
		return nil, err
	}
	report("the hash tiles agree with them")
	return a, r.texts(a, events, report)
}

// remote reads a log over HTTP.
type remote struct {
	ctx    context.Context
	client *http.Client
	base   string
}

var errGone = errors.New("404")

func (r remote) get(path string, most int64) ([]byte, error) {
	req, err := http.NewRequestWithContext(r.ctx, http.MethodGet, r.base+path, nil)
	if err != nil {
		return nil, err
	}
	res, err := r.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	switch res.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound, http.StatusGone:
		return nil, fmt.Errorf("%s: %w", r.base+path, errGone)
	default:
		return nil, fmt.Errorf("%s: the server answers %s", r.base+path, res.Status)
	}
	data, err := io.ReadAll(io.LimitReader(res.Body, most+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.base+path, err)
	}
	if int64(len(data)) > most {
		return nil, fault(fmt.Errorf("%s: more than %d bytes", r.base+path, most))
	}
	return data, nil
}

// part is get for what a log must have once its checkpoint covers it.
func (r remote) part(path string, most int64) ([]byte, error) {
	data, err := r.get(path, most)
	if errors.Is(err, errGone) {
		return nil, fault(fmt.Errorf("%s is covered by the checkpoint and is not served", path))
	}
	return data, err
}

func (r remote) open(vkey string) (*Audit, error) {
	a := &Audit{Key: strings.TrimSpace(vkey), Given: vkey != ""}
	if !a.Given {
		key, err := r.get("key", maxNote)
		if err != nil {
			return nil, fmt.Errorf("key of the log: %w", err)
		}
		a.Key = strings.TrimSpace(string(key))
	}
	var err error
	if a.Signed, err = r.get("checkpoint", maxNote); err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	a.Checkpoint, err = openFound(a.Signed, a.Key, a.Given)
	return a, err
}

// events fetches all entry bundles and builds the tree anew from them.
func (r remote) events(a *Audit, report func(string)) ([][]byte, error) {
	var all [][]byte
	o := order{origin: a.Checkpoint.Origin}
	for first := int64(0); first < a.Checkpoint.Size; first += tileWidth {
		w := int(min(tileWidth, a.Checkpoint.Size-first))
		path := tile{H: tileHeight, L: entries, N: first >> tileHeight, W: w}.path()
		data, err := r.part(path, maxBundle)
		if err != nil {
			return nil, err
		}
		events, err := splitBundle(data, w)
		if err != nil {
			return nil, fault(fmt.Errorf("%s: %w", path, err))
		}
		if err := a.take(&o, events); err != nil {
			return nil, err
		}
		all = append(all, events...)
		report(fmt.Sprintf("%d of %d events read", len(all), a.Checkpoint.Size))
	}
	root, err := tlog.TreeHash(a.Checkpoint.Size, a.hashes)
	if err != nil {
		return nil, err
	}
	if root != a.Checkpoint.Root {
		return nil, fault(errors.New("the events do not have the root that the checkpoint is signed for"))
	}
	return all, nil
}

func (a *Audit) take(o *order, events [][]byte) error {
	for _, e := range events {
		index := o.seq
		if err := o.next(e); err != nil {
			return fault(err)
		}
		more, err := tlog.StoredHashes(index, e, a.hashes)
		if err != nil {
			return err
		}
		a.hashes = append(a.hashes, more...)
	}
	return nil
}

// tiles compares each tile of hashes, full or partial, with the tree.
func (r remote) tiles(a *Audit) error {
	for _, t := range tlog.NewTiles(tileHeight, 0, a.Checkpoint.Size) {
		want, err := tlog.ReadTileData(t, a.hashes)
		if err != nil {
			return err
		}
		path := tile(t).path()
		got, err := r.part(path, int64(len(want)))
		if err != nil {
			return err
		}
		if !bytes.Equal(got, want) {
			return fault(fmt.Errorf("%s is not what the events give", path))
		}
	}
	return nil
}

// texts checks the public texts of each event, by its proof.
func (r remote) texts(a *Audit, events [][]byte, report func(string)) error {
	for i, event := range events {
		seq := i + 1
		if len(digests(event)) == 0 {
			continue
		}
		data, err := r.part(fmt.Sprintf("proof/%d", seq), maxProof)
		if err != nil {
			return err
		}
		p, err := VerifyProof(data, a.Key)
		if err != nil {
			return fault(fmt.Errorf("proof of event %d: %w", seq, err))
		}
		if err := a.agrees(p, seq, event); err != nil {
			return fault(fmt.Errorf("proof of event %d: %w", seq, err))
		}
		a.Texts += len(p.Blobs)
		a.Missing += len(p.Missing)
		if seq%100 == 0 || seq == len(events) {
			report(fmt.Sprintf("texts of %d of %d events checked", seq, len(events)))
		}
	}
	return nil
}

// agrees compares a proof with the log that was read. The log may have grown
// meanwhile, so the proof's checkpoint may be larger.
func (a *Audit) agrees(p Proof, seq int, event []byte) error {
	switch {
	case p.Seq != int64(seq) || !bytes.Equal(p.Event, event):
		return errors.New("it proves another event")
	case p.Checkpoint.Size < a.Checkpoint.Size:
		return errors.New("its checkpoint is older than the log's")
	case p.Checkpoint.Size == a.Checkpoint.Size && p.Checkpoint.Root != a.Checkpoint.Root:
		return errors.New("the log signed two roots of the same size")
	}
	return nil
}
