package translog

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// A proof is one file. It begins as a C2SP tlog-proof:
//
//	c2sp.org/tlog-proof@v1
//	index 41
//	<base64 hash> …
//
//	<checkpoint: origin, size, root, empty line, signature>
//
// After the signature and an empty line stand parts, each a line with its kind,
// name and length in bytes, then that many bytes, then a line end: "key LENGTH",
// "event LENGTH", and "blob NAME LENGTH" in byte order of the names. A blob has the
// name of the event's line that is its digest, such as source-ru-sha256, so the
// blobs need no trust. The key does: it is there for those who were given none,
// and whoever wants to be sure compares it with one that they have from elsewhere.
const proofHeader = "c2sp.org/tlog-proof@v1"

// Prove returns the proof of event seq: what /log/proof/{seq} serves. blobs are
// the public texts that its digests cover, by the keys of their lines, such as
// title-ru-sha256. A blob that no digest covers is refused; a digest without its
// blob is allowed. A blob that is not what the digest says is given away as it is:
// whoever verifies must see that the text was changed.
func (l *Log) Prove(ctx context.Context, seq int64, blobs map[string][]byte) ([]byte, error) {
	t, err := l.signed(ctx)
	if err != nil && (errors.Is(err, ErrRollback) || t.signed == nil || seq > t.at) {
		return nil, err
	}
	if seq < 1 || seq > t.at {
		return nil, fmt.Errorf("event %d: %w", seq, ErrNotFound)
	}
	hashes, err := tlog.ProveRecord(t.at, seq-1, t.hashes)
	if err != nil {
		return nil, fmt.Errorf("event %d: %w", seq, err)
	}
	event, err := t.event(ctx, seq)
	if err != nil {
		return nil, err
	}
	want := digests(event)
	for name := range blobs {
		if want[name] == "" {
			return nil, fmt.Errorf("event %d: no digest covers the blob %q", seq, name)
		}
	}
	return writeProof(seq, hashes, t.signed, t.vkey, event, blobs), nil
}

func (t *tree) event(ctx context.Context, seq int64) ([]byte, error) {
	events, err := t.config.Source(ctx, seq-1, 1)
	if err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	if len(events) != 1 || tlog.RecordHash(events[0]) != t.leaf(seq-1) {
		return nil, fmt.Errorf("event %d is no longer what it was", seq)
	}
	return events[0], nil
}

func writeProof(seq int64, hashes tlog.RecordProof, signed []byte, vkey string, event []byte, blobs map[string][]byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\nindex %d\n", proofHeader, seq-1)
	for _, h := range hashes {
		fmt.Fprintln(&b, h)
	}
	fmt.Fprintf(&b, "\n%s\n", signed)
	part := func(name string, data []byte) { fmt.Fprintf(&b, "%s %d\n%s\n", name, len(data), data) }
	part("key", []byte(vkey))
	part("event", event)
	for _, name := range slices.Sorted(maps.Keys(blobs)) {
		part("blob "+name, blobs[name])
	}
	return b.Bytes()
}

// checkBlobs holds each blob against the digest in the event.
func checkBlobs(event []byte, blobs map[string][]byte) error {
	want := digests(event)
	for _, name := range slices.Sorted(maps.Keys(blobs)) {
		digest, ok := want[name]
		if !ok {
			return fmt.Errorf("no digest covers the blob %q", name)
		}
		sum := sha256.Sum256(blobs[name])
		if hex.EncodeToString(sum[:]) != digest {
			return fmt.Errorf("the blob %q does not have the digest that the event states", name)
		}
	}
	return nil
}

// proof is a proof file taken apart; nothing of it is checked yet.
type proof struct {
	index      int64
	hashes     tlog.RecordProof
	checkpoint []byte
	key        string
	event      []byte
	blobs      map[string][]byte
}

var errProof = errors.New("this is not a proof as /log/proof/{seq} serves it")

func parseProof(data []byte) (proof, error) {
	var p proof
	// Header, body and signatures end in an empty line each; the parts follow.
	sections := bytes.SplitN(data, []byte("\n\n"), 4)
	if len(sections) != 4 {
		return p, errProof
	}
	if err := p.parseHead(string(sections[0])); err != nil {
		return p, err
	}
	p.checkpoint = slices.Concat(sections[1], []byte("\n\n"), sections[2], []byte("\n"))
	return p, p.parseParts(sections[3])
}

func (p *proof) parseHead(head string) error {
	lines := strings.Split(head, "\n")
	if lines[0] != proofHeader {
		return errProof
	}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	if len(lines) == 0 {
		return errProof
	}
	digits, ok := strings.CutPrefix(lines[0], "index ")
	index, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil || index < 0 || strconv.FormatInt(index, 10) != digits {
		return errProof
	}
	p.index = index
	for _, line := range lines[1:] {
		h, err := tlog.ParseHash(line)
		if err != nil || h.String() != line {
			return errProof
		}
		p.hashes = append(p.hashes, h)
	}
	return nil
}

func (p *proof) parseParts(rest []byte) error {
	p.blobs = map[string][]byte{}
	for len(rest) > 0 {
		name, data, after, err := parsePart(rest)
		if err != nil {
			return err
		}
		rest = after
		blob, isBlob := strings.CutPrefix(name, "blob ")
		_, twice := p.blobs[blob]
		switch {
		case isBlob && !twice:
			p.blobs[blob] = data
		case name == "key" && p.key == "":
			p.key = string(data)
		case name == "event" && p.event == nil:
			p.event = data
		default:
			return fmt.Errorf("%w: unexpected part %q", errProof, name)
		}
	}
	if p.event == nil || p.key == "" {
		return fmt.Errorf("%w: the event or the key is missing", errProof)
	}
	return nil
}

func parsePart(b []byte) (name string, data, rest []byte, err error) {
	head, body, ok := bytes.Cut(b, []byte("\n"))
	i := bytes.LastIndexByte(head, ' ')
	if !ok || i < 0 {
		return "", nil, nil, errProof
	}
	digits := string(head[i+1:])
	n, err := strconv.Atoi(digits)
	if err != nil || n < 0 || strconv.Itoa(n) != digits || n >= len(body) || body[n] != '\n' {
		return "", nil, nil, fmt.Errorf("%w: a length is wrong", errProof)
	}
	return string(head[:i]), body[:n:n], body[n+1:], nil
}
