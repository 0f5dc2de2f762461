package translog_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"vestnik/documents/translog"
)

func TestTiles(t *testing.T) {
	s := &store{}
	s.grow(70_000)
	l := open(t, config(t, s))
	for _, c := range []struct {
		path string
		full bool
		size int // in bytes; -1: not there
	}{
		{"tile/0/000", true, 256 * 32},
		{"tile/0/000.p/1", false, 32},
		{"tile/0/272", true, 256 * 32},
		{"tile/0/273.p/112", false, 112 * 32}, // 70,000 = 273 × 256 + 112
		{"tile/0/273.p/5", false, 5 * 32},
		{"tile/1/000", true, 256 * 32},
		{"tile/1/001.p/17", false, 17 * 32}, // 273 = 256 + 17
		{"tile/2/000.p/1", false, 32},
		{"tile/0/273.p/113", false, -1},
		{"tile/0/273", false, -1},
		{"tile/1/001.p/18", false, -1},
		{"tile/2/000", false, -1},
		{"tile/3/000.p/1", false, -1},
		{"tile/0/000.p/0", false, -1},
		{"tile/0/000.p/256", false, -1},
		{"tile/0/000.p/01", false, -1},
		{"tile/0/0", false, -1},
		{"tile/0/x000/001", false, -1},
		{"tile/00/000", false, -1},
		{"tile/6/000.p/1", false, -1},
		{"tile/63/000.p/1", false, -1},
		{"tile/-1/000", false, -1},
		{"tile/data/000", false, -1},
		{"tile/8/0/000", false, -1},
		{"tile/0/x999/x999/x999/x999/x999/x999/999.p/1", false, -1},
		{"tile/5/x999/x999/x999/x999/x999/999.p/1", false, -1},
		{"tile/entries/x001/000", false, -1},
		{"tile/0/000/../000", false, -1},
		{"0/000", false, -1},
		{"", false, -1},
	} {
		data, full, err := l.Tile(t.Context(), c.path)
		switch {
		case c.size < 0 && !errors.Is(err, translog.ErrNotFound):
			t.Errorf("%s: %d bytes, %v; want ErrNotFound", c.path, len(data), err)
		case c.size >= 0 && (err != nil || len(data) != c.size || full != c.full):
			t.Errorf("%s: %d bytes, full %v, %v; want %d, %v", c.path, len(data), full, err, c.size, c.full)
		}
	}
	row, _, err := l.Tile(t.Context(), "tile/0/273.p/112")
	if err != nil {
		t.Fatal(err)
	}
	if got := tlog.Hash(row[111*32:]); got != tlog.RecordHash(s.events[69_999]) {
		t.Error("the last hash of the last tile is not the last event's")
	}
}

func TestEntryBundles(t *testing.T) {
	s := &store{}
	s.grow(256 + 9)
	l := open(t, config(t, s))
	for _, c := range []struct {
		path         string
		first, count int
		full         bool
	}{{"tile/entries/000", 0, 256, true}, {"tile/entries/000.p/3", 0, 3, false}, {"tile/entries/001.p/9", 256, 9, false}, {"tile/entries/001.p/2", 256, 2, false}} {
		data, full, err := l.Tile(t.Context(), c.path)
		if err != nil || full != c.full {
			t.Errorf("%s: full %v, %v", c.path, full, err)
		}
		for i := range c.count {
			n := int(binary.BigEndian.Uint16(data))
			if string(data[2:2+n]) != string(s.events[c.first+i]) {
				t.Fatalf("%s: entry %d differs", c.path, i)
			}
			data = data[2+n:]
		}
		if len(data) != 0 {
			t.Errorf("%s: %d bytes too many", c.path, len(data))
		}
	}
	// A tile that a checkpoint of another node covers is taken in when asked for.
	s.grow(1)
	if _, _, err := l.Tile(t.Context(), "tile/entries/001.p/10"); err != nil {
		t.Error(err)
	}
	s.events[3] = event(4, []byte("changed behind our back"))
	if _, _, err := l.Tile(t.Context(), "tile/entries/000"); err == nil {
		t.Error("an event that is not what was signed is served")
	}
}

// TestTilesSuffice reads the tree as a C2SP client does: from tiles alone.
func TestTilesSuffice(t *testing.T) {
	s := &store{}
	s.grow(1000)
	l := open(t, config(t, s))
	_, c := checkpoint(t, l)
	r := tlog.TileHashReader(tlog.Tree{N: c.Size, Hash: c.Root}, tileClient{t, l})
	for _, index := range []int64{0, 255, 256, 767, 768, 999} {
		p, err := tlog.ProveRecord(c.Size, index, r)
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.CheckRecord(p, c.Size, c.Root, index, tlog.RecordHash(s.events[index])); err != nil {
			t.Errorf("event %d: %v", index+1, err)
		}
	}
}

type tileClient struct {
	t *testing.T
	l *translog.Log
}

func (c tileClient) Height() int                     { return 8 }
func (c tileClient) SaveTiles([]tlog.Tile, [][]byte) {}
func (c tileClient) ReadTiles(tiles []tlog.Tile) (out [][]byte, err error) {
	for _, t := range tiles {
		path := fmt.Sprintf("tile/%d/%03d", t.L, t.N)
		if t.W < 256 {
			path += fmt.Sprintf(".p/%d", t.W)
		}
		data, _, err := c.l.Tile(c.t.Context(), path)
		if err != nil {
			return nil, err
		}
		out = append(out, data)
	}
	return out, nil
}
