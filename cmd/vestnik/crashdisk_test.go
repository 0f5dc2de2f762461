package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// change is one that a power failure may undo until it is synced.
type change struct {
	folder string // whose sync keeps it; "" for content
	inode  int    // whose sync keeps it, where folder is ""
	make   func(*disk)
	data   []byte // of a write, and its place
	at     int64
}

// disk is files and folders as a power failure leaves them: names lead to inodes.
// The root folder itself is always there.
type disk struct {
	names map[string]int
	files map[int][]byte // nil for a folder
}

func newDisk(root string) *disk {
	return &disk{names: map[string]int{root: 0}, files: map[int][]byte{0: nil}}
}

func (d *disk) clone() *disk {
	out := &disk{names: map[string]int{}, files: map[int][]byte{}}
	for k, v := range d.names {
		out.names[k] = v
	}
	for k, v := range d.files {
		out.files[k] = v // never changed in place
	}
	return out
}

func (d *disk) write(inode int, at int64, data []byte) {
	old := d.files[inode]
	b := make([]byte, max(len(old), int(at)+len(data)))
	copy(b, old)
	copy(b[at:], data)
	d.files[inode] = b
}

func (d *disk) truncate(inode int, size int64) {
	b := make([]byte, size)
	copy(b, d.files[inode])
	d.files[inode] = b
}

// rename moves a name and all that lies below it.
func (d *disk) rename(from, to string) {
	for name, inode := range d.names {
		if rest, ok := strings.CutPrefix(name, from); ok && (rest == "" || rest[0] == '/') {
			delete(d.names, name)
			d.names[to+rest] = inode
		}
	}
}

// store writes what lies below root, and whose folders are all there, to a real
// folder.
func (d *disk) store(t *testing.T, root, into string) {
	t.Helper()
	for name, inode := range d.names {
		rest, ok := strings.CutPrefix(name, root)
		if !ok || d.files[inode] == nil || !d.reachable(root, filepath.Dir(name)) {
			continue
		}
		path := filepath.Join(into, rest)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, d.files[inode], 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func (d *disk) reachable(root, folder string) bool {
	for ; len(folder) >= len(root); folder = filepath.Dir(folder) {
		if _, ok := d.names[folder]; !ok {
			return false
		}
	}
	return true
}

// playback plays calls back. live is what the program saw; kept is what every
// power failure leaves; pending may be lost.
type playback struct {
	root    string
	live    *disk
	kept    *disk
	pending []change
	inodes  int
	ends    map[int]int64 // where the next write to a file goes
}

func newPlayback(root string) *playback {
	return &playback{root: root, live: newDisk(root), kept: newDisk(root), ends: map[int]int64{}}
}

func (r *playback) do(c change) {
	c.make(r.live)
	r.pending = append(r.pending, c)
}

// play takes in one call. A call that syncs is not played: see sync.
func (r *playback) play(t *testing.T, c call) {
	t.Helper()
	if !strings.HasPrefix(c.path, r.root+"/") || strings.HasSuffix(c.path, ".sock") {
		return
	}
	inode, known := r.live.names[c.path]
	parent := filepath.Dir(c.path)
	switch c.name {
	case "mkdirat":
		r.inodes++
		n, path := r.inodes, c.path
		r.do(change{folder: parent, make: func(d *disk) { d.names[path] = n; d.files[n] = nil }})
	case "openat":
		if !c.create || known {
			return
		}
		r.inodes++
		n, path := r.inodes, c.path
		r.live.files[n], r.kept.files[n] = []byte{}, []byte{}
		r.do(change{folder: parent, make: func(d *disk) { d.names[path] = n }})
	case "write", "pwrite64":
		at := c.at
		if c.name == "write" {
			at = r.ends[inode]
			r.ends[inode] += int64(len(c.data))
		}
		r.do(written(inode, at, c.data))
	case "ftruncate":
		r.do(change{inode: inode, make: func(d *disk) { d.truncate(inode, c.at) }})
	case "unlinkat":
		r.do(change{folder: parent, make: func(d *disk) { delete(d.names, c.path) }})
	case "linkat":
		r.do(change{folder: filepath.Dir(c.to), make: func(d *disk) { d.names[c.to] = inode }})
	case "renameat", "renameat2":
		r.do(change{folder: parent, make: func(d *disk) { d.rename(c.path, c.to) }})
	default:
		t.Fatalf("%s of %s is not understood", c.name, c.path)
	}
}

func written(inode int, at int64, data []byte) change {
	return change{inode: inode, at: at, data: data, make: func(d *disk) { d.write(inode, at, data) }}
}

// isSync tells whether c makes something lasting.
func (r *playback) isSync(c call) bool {
	_, known := r.live.names[c.path]
	return known && (c.name == "fsync" || c.name == "fdatasync")
}

// sync keeps what c covers: of a file its content, of a folder the names in it.
func (r *playback) sync(c call) {
	inode := r.live.names[c.path]
	var left []change
	for _, one := range r.pending {
		if one.folder == c.path || one.folder == "" && one.inode == inode {
			one.make(r.kept)
		} else {
			left = append(left, one)
		}
	}
	r.pending = left
}

// image is what a failure leaves that spares the pending changes named in spared.
// Journals keep names in order, so after the first lost one all names are lost.
func (r *playback) image(spared []bool) *disk {
	d, names := r.kept.clone(), true
	for i, one := range r.pending {
		names = names && (one.folder == "" || spared[i])
		if spared[i] && (one.folder == "" || names) {
			one.make(d)
		}
	}
	return d
}

// torn is image with all changes, but of change i only some sectors.
func (r *playback) torn(i int, sector func(int) bool) *disk {
	const size = 512
	d := r.kept.clone()
	for k, one := range r.pending {
		if k != i {
			one.make(d)
			continue
		}
		for at := 0; at < len(one.data); at += size {
			if sector(at / size) {
				d.write(one.inode, one.at+int64(at), bytes.Clone(one.data[at:min(at+size, len(one.data))]))
			}
		}
	}
	return d
}
