package translog

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight = 8 // C2SP tlog-tiles
	tileWidth  = 1 << tileHeight
	maxEvent   = math.MaxUint16 // an entry bundle has 16-bit lengths
	entries    = -1             // the level that tlog gives to entry bundles
)

// Tile returns the tile for a path below /log/, such as tile/0/000 or
// tile/entries/x001/234.p/5, and whether it is full and so never changes. A path
// that is malformed or beyond the log is ErrNotFound.
func (l *Log) Tile(ctx context.Context, path string) (data []byte, full bool, err error) {
	tile, err := parseTile(path)
	if err != nil {
		return nil, false, err
	}
	t := l.now.Load()
	if !tile.within(t.size) {
		if t, err = l.grown(ctx); err != nil {
			return nil, false, err
		}
	}
	switch {
	case !tile.within(t.size):
		return nil, false, fmt.Errorf("tile %s: %w", path, ErrNotFound)
	case tile.L == entries:
		data, err = t.bundle(ctx, tile)
	default:
		data, err = tlog.ReadTileData(tlog.Tile(tile), t.hashes)
	}
	return data, err == nil && tile.W == tileWidth, err
}

type tile tlog.Tile

// path is how C2SP writes a tile: without the height that tlog puts in, and
// with "entries" for its "data".
func (t tile) path() string {
	p := strings.TrimPrefix(tlog.Tile(t).Path(), "tile/8/")
	if rest, ok := strings.CutPrefix(p, "data/"); ok {
		p = "entries/" + rest
	}
	return "tile/" + p
}

func parseTile(path string) (tile, error) {
	rest, _ := strings.CutPrefix(path, "tile/")
	if data, ok := strings.CutPrefix(rest, "entries/"); ok {
		rest = "data/" + data
	}
	t, err := tlog.ParseTilePath("tile/8/" + rest)
	if err != nil || tile(t).path() != path {
		return tile{}, fmt.Errorf("tile %q: %w", path, ErrNotFound)
	}
	return tile(t), nil
}

// within tells whether all of the tile is in a tree of the given size.
func (t tile) within(size int64) bool {
	nodes := size >> (tileHeight * max(0, t.L))
	return t.N <= nodes>>tileHeight && t.N<<tileHeight+int64(t.W) <= nodes
}

// bundle reads the events again and returns them only if they are still what the
// tree was built from.
func (t *tree) bundle(ctx context.Context, which tile) ([]byte, error) {
	first := which.N << tileHeight
	events, err := t.config.Source(ctx, first, which.W)
	if err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	if len(events) != which.W {
		return nil, fmt.Errorf("events from %d: %d instead of %d", first+1, len(events), which.W)
	}
	var out []byte
	for i, e := range events {
		if t.leaf(first+int64(i)) != tlog.RecordHash(e) {
			return nil, fmt.Errorf("event %d is no longer what it was", first+int64(i)+1)
		}
		out = binary.BigEndian.AppendUint16(out, uint16(len(e)))
		out = append(out, e...)
	}
	return out, nil
}

func (t *tree) leaf(index int64) tlog.Hash {
	return t.hashes[tlog.StoredHashIndex(0, index)]
}

var errBundle = errors.New("entry bundle: its lengths do not add up")

// splitBundle returns the count entries of a bundle.
func splitBundle(data []byte, count int) ([][]byte, error) {
	out := make([][]byte, 0, count)
	for range count {
		if len(data) < 2 {
			return nil, errBundle
		}
		n := 2 + int(binary.BigEndian.Uint16(data))
		if len(data) < n {
			return nil, errBundle
		}
		out, data = append(out, data[2:n]), data[n:]
	}
	if len(data) != 0 {
		return nil, errBundle
	}
	return out, nil
}
