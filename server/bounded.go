package server

import (
	"container/list"
	"sync"
)

// What this process keeps in memory at most, in bytes.
const (
	mostPages    = 48 << 20 // answers, each in the encodings that were asked for
	mostReady    = 16 << 20 // of these, those with their headers; the bytes are the same
	mostLent     = 16 << 20 // of those, once more, for the kernel to send
	mostAged     = 8 << 20  // pages that say how old they are, while the store is away
	mostRedlines = 64 << 20 // comparisons, by what they hold
)

// bounded keeps values up to a number of bytes in all; the one that was asked for
// least recently goes first.
type bounded[K comparable, V any] struct {
	mu    sync.Mutex // guards all below
	most  int
	size  int
	by    map[K]*list.Element
	order list.List // of *weighed[K, V], the most recent first
}

type weighed[K comparable, V any] struct {
	key   K
	value V
	size  int
}

func newBounded[K comparable, V any](most int) *bounded[K, V] {
	return &bounded[K, V]{most: most, by: map[K]*list.Element{}}
}

func (b *bounded[K, V]) get(key K) (v V, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.by[key]
	if e == nil {
		return v, false
	}
	b.order.MoveToFront(e)
	return e.Value.(*weighed[K, V]).value, true
}

// put keeps v of a size in bytes in the place of what had its key.
func (b *bounded[K, V]) put(key K, v V, size int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if e := b.by[key]; e != nil {
		b.drop(e)
	}
	b.by[key] = b.order.PushFront(&weighed[K, V]{key, v, size})
	b.size += size
	for b.size > b.most {
		b.drop(b.order.Back())
	}
}

func (b *bounded[K, V]) drop(e *list.Element) {
	one := b.order.Remove(e).(*weighed[K, V])
	delete(b.by, one.key)
	b.size -= one.size
}
