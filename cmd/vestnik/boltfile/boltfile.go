// Package boltfile reads a bbolt file page by page, without mapping or opening
// it, and says whether anything in it is not what was written. bbolt itself
// trusts its pages: a flipped bit can crash it, lead it astray, or silently
// take away the last commit. Nothing here writes, so a damaged file stays as it
// is.
//
// The format is bbolt's version 2: two meta pages, a free list, and B+ trees of
// branch and leaf pages. Every page below the high water mark must be reachable
// once or free; the elements of a page lie in order and without gaps; keys
// ascend across the tree; and each bucket and value passes the
// caller's check. A flip in a
// free page harms nothing and is not looked for.
package boltfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// ErrDamaged is wrapped by every error about the content of the file.
var ErrDamaged = errors.New("the store is damaged")

const (
	magic   = 0xED0CDAED
	version = 2

	pageHeader = 16
	metaSize   = 64
	branchElem = 16
	leafElem   = 16
	bucketHead = 16

	branchFlag   = 0x01
	leafFlag     = 0x02
	metaFlag     = 0x04
	freelistFlag = 0x10
	bucketValue  = 0x01
	noFreelist   = ^uint64(0)
)

// Content is what the caller knows of a sound file; an error of either function
// makes the file damaged. path is the names of the buckets around a key.
type Content struct {
	Bucket func(path []string, sequence uint64) error
	Value  func(path []string, key, value []byte) error
}

// Check reads the whole file. progress may be nil.
func Check(path string, content Content, progress func(done, of int64)) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	c := &checker{r: f, size: info.Size(), content: content, progress: progress, seen: map[uint64]bool{}}
	return c.file()
}

type checker struct {
	r        io.ReaderAt
	size     int64
	pageSize int64
	high     uint64 // the first page that is not in use
	content  Content
	progress func(done, of int64)
	seen     map[uint64]bool
	free     map[uint64]bool
}

type meta struct{ root, freelist, high, tx uint64 }

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}

func (c *checker) file() error {
	m, err := c.metas()
	if err != nil {
		return err
	}
	c.high = m.high
	if int64(m.high) > c.size/c.pageSize {
		return damaged("the file ends before its last page; it was cut off")
	}
	c.seen[0], c.seen[1] = true, true
	if err := c.freelist(m.freelist); err != nil {
		return err
	}
	if err := c.tree(m.root, nil, nil, nil); err != nil {
		return err
	}
	for id := uint64(0); id < c.high; id++ {
		if !c.seen[id] && !c.free[id] {
			return damaged("page %d belongs to nothing", id)
		}
	}
	return nil
}

// metas reads both meta pages. One that fails its checksum is damage and not a
// torn write: its 64 bytes lie in one sector. bbolt would fall back to the other
// and so lose the last commit without a word.
func (c *checker) metas() (meta, error) {
	head := make([]byte, pageHeader+metaSize)
	if _, err := c.r.ReadAt(head, 0); err != nil {
		return meta{}, damaged("this is no store of Vestnik: it is too short")
	}
	if binary.LittleEndian.Uint32(head[pageHeader:]) != magic {
		return meta{}, damaged("this is no store of Vestnik, or its first page is overwritten")
	}
	c.pageSize = int64(binary.LittleEndian.Uint32(head[pageHeader+8:]))
	if c.pageSize < 512 || c.pageSize > 1<<16 || c.pageSize&(c.pageSize-1) != 0 {
		return meta{}, damaged("the page size is wrong")
	}
	first, err := c.meta(0)
	if err != nil {
		return meta{}, err
	}
	second, err := c.meta(1)
	if err != nil {
		return meta{}, err
	}
	if second.tx > first.tx {
		return second, nil
	}
	return first, nil
}

func (c *checker) meta(id uint64) (meta, error) {
	b := make([]byte, pageHeader+metaSize)
	if _, err := c.r.ReadAt(b, int64(id)*c.pageSize); err != nil {
		return meta{}, damaged("the file is cut off in its second page")
	}
	if binary.LittleEndian.Uint16(b[8:]) != metaFlag {
		return meta{}, damaged("meta page %d is overwritten", id)
	}
	b = b[pageHeader:]
	sum := fnv.New64a()
	sum.Write(b[:metaSize-8])
	u64 := func(at int) uint64 { return binary.LittleEndian.Uint64(b[at:]) }
	switch {
	case binary.LittleEndian.Uint32(b) != magic || binary.LittleEndian.Uint32(b[4:]) != version,
		int64(binary.LittleEndian.Uint32(b[8:])) != c.pageSize,
		sum.Sum64() != u64(metaSize-8):
		return meta{}, damaged("meta page %d is overwritten", id)
	}
	return meta{root: u64(16), freelist: u64(32), high: u64(40), tx: u64(48)}, nil
}

// page reads page id with what overflows from it, and marks all of it as seen.
func (c *checker) page(id uint64) (flags uint16, count int, body []byte, err error) {
	if id < 2 || id >= c.high {
		return 0, 0, nil, damaged("a reference leads to page %d, which is not in use", id)
	}
	head := make([]byte, pageHeader)
	if _, err := c.r.ReadAt(head, int64(id)*c.pageSize); err != nil {
		return 0, 0, nil, fmt.Errorf("page %d: %w", id, err)
	}
	overflow := uint64(binary.LittleEndian.Uint32(head[12:]))
	if binary.LittleEndian.Uint64(head) != id || id+overflow >= c.high {
		return 0, 0, nil, damaged("the head of page %d is overwritten", id)
	}
	for i := id; i <= id+overflow; i++ {
		if c.seen[i] || c.free[i] {
			return 0, 0, nil, damaged("page %d is used twice", i)
		}
		c.seen[i] = true
	}
	body = make([]byte, int64(overflow+1)*c.pageSize-pageHeader)
	if _, err := c.r.ReadAt(body, int64(id)*c.pageSize+pageHeader); err != nil {
		return 0, 0, nil, fmt.Errorf("page %d: %w", id, err)
	}
	if c.progress != nil {
		c.progress(int64(len(c.seen)), int64(c.high)-int64(len(c.free)))
	}
	return binary.LittleEndian.Uint16(head[8:]), int(binary.LittleEndian.Uint16(head[10:])), body, nil
}

func (c *checker) freelist(id uint64) error {
	if id == noFreelist {
		return damaged("the free list is missing")
	}
	flags, count, body, err := c.page(id)
	if err != nil {
		return err
	}
	if flags != freelistFlag {
		return damaged("page %d is no free list", id)
	}
	n := uint64(count)
	if count == 0xFFFF { // more than a page's counter holds: the first entry counts
		n, body = binary.LittleEndian.Uint64(body), body[8:]
	}
	if n > uint64(len(body)/8) {
		return damaged("the free list is longer than its page")
	}
	c.free = make(map[uint64]bool, n)
	for i := range n {
		p := binary.LittleEndian.Uint64(body[i*8:])
		if p < 2 || p >= c.high || c.free[p] || c.seen[p] {
			return damaged("the free list names page %d wrongly", p)
		}
		c.free[p] = true
	}
	return nil
}

// tree walks the tree below page id. Its keys lie in [low, high); nil is open.
func (c *checker) tree(id uint64, path []string, low, high []byte) error {
	flags, count, body, err := c.page(id)
	if err != nil {
		return err
	}
	switch flags {
	case leafFlag:
		return c.leaf(fmt.Sprintf("page %d", id), count, body, path, low, high)
	case branchFlag:
		return c.branch(id, count, body, path, low, high)
	}
	return damaged("page %d is of no known kind", id)
}

func (c *checker) branch(id uint64, count int, body []byte, path []string, low, high []byte) error {
	if count == 0 || count*branchElem > len(body) {
		return damaged("page %d has a wrong number of branches", id)
	}
	keys, children := make([][]byte, count+1), make([]uint64, count)
	end := count * branchElem
	for i := range count {
		e := body[i*branchElem:]
		pos, size := uint64(binary.LittleEndian.Uint32(e)), uint64(binary.LittleEndian.Uint32(e[4:]))
		start := uint64(i*branchElem) + pos
		if start != uint64(end) || start+size > uint64(len(body)) {
			return damaged("branch %d of page %d is overwritten", i, id)
		}
		end = int(start + size)
		keys[i], children[i] = body[start:end], binary.LittleEndian.Uint64(e[8:])
		if i > 0 && bytes.Compare(keys[i-1], keys[i]) >= 0 {
			return damaged("the keys of page %d are out of order", id)
		}
	}
	keys[count] = high
	for i, child := range children {
		from := keys[i]
		if i == 0 {
			from = low // the first branch also leads to smaller keys
		}
		if err := c.tree(child, path, from, keys[i+1]); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) leaf(where string, count int, body []byte, path []string, low, high []byte) error {
	if count*leafElem > len(body) {
		return damaged("%s has a wrong number of entries", where)
	}
	end := uint64(count * leafElem)
	var previous []byte
	for i := range count {
		e := body[i*leafElem:]
		u32 := func(at int) uint64 { return uint64(binary.LittleEndian.Uint32(e[at:])) }
		start := uint64(i*leafElem) + u32(4)
		if start != end || start+u32(8)+u32(12) > uint64(len(body)) {
			return damaged("entry %d of %s is overwritten", i, where)
		}
		end = start + u32(8) + u32(12)
		key, val := body[start:start+u32(8)], body[start+u32(8):end]
		if (i > 0 && bytes.Compare(previous, key) >= 0) || (low != nil && bytes.Compare(key, low) < 0) || (high != nil && bytes.Compare(key, high) >= 0) {
			return damaged("the keys of %s are out of order", where)
		}
		previous = key
		if err := c.entry(u32(0), path, key, val); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) entry(flags uint64, path []string, key, val []byte) error {
	switch flags {
	case 0:
		if err := c.content.Value(path, key, val); err != nil {
			return fmt.Errorf("%w: in %q: %w", ErrDamaged, path, err)
		}
		return nil
	case bucketValue:
		return c.bucket(append(path[:len(path):len(path)], string(key)), val)
	}
	return damaged("an entry in %q is of no known kind", path)
}

func (c *checker) bucket(path []string, val []byte) error {
	if len(val) < bucketHead {
		return damaged("the head of bucket %q is cut off", path)
	}
	if err := c.content.Bucket(path, binary.LittleEndian.Uint64(val[8:])); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if root := binary.LittleEndian.Uint64(val); root != 0 {
		return c.tree(root, path, nil, nil)
	}
	inline := val[bucketHead:]
	if len(inline) < pageHeader || binary.LittleEndian.Uint16(inline[8:]) != leafFlag {
		return damaged("bucket %q is overwritten", path)
	}
	count := int(binary.LittleEndian.Uint16(inline[10:]))
	return c.leaf(fmt.Sprintf("bucket %q", path), count, inline[pageHeader:], path, nil, nil)
}
