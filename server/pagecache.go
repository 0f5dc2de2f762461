package server

import (
	"container/list"
	"sync"
	"time"
)

// pageCache keeps rendered pages up to a number of bytes; the one that was asked
// for least recently goes first.
type pageCache struct {
	mu    sync.Mutex // guards all below
	most  int
	size  int
	by    map[string]*list.Element
	order *list.List // of *cachedPage, the most recent first
}

type cachedPage struct {
	key   string
	body  sent
	until time.Time // zero: for ever
}

func newPageCache(most int) *pageCache {
	return &pageCache{most: most, by: map[string]*list.Element{}, order: list.New()}
}

func (c *pageCache) get(key string, now time.Time) (cachedPage, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.by[key]
	if e == nil {
		return cachedPage{}, false
	}
	one := e.Value.(*cachedPage)
	if !one.until.IsZero() && !now.Before(one.until) {
		c.drop(e)
		return cachedPage{}, false
	}
	c.order.MoveToFront(e)
	return *one, true
}

func (c *pageCache) put(page cachedPage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.by[page.key]; e != nil {
		c.drop(e)
	}
	c.by[page.key] = c.order.PushFront(&page)
	c.size += len(page.key) + len(page.body.bytes)
	for c.size > c.most {
		c.drop(c.order.Back())
	}
}

func (c *pageCache) drop(e *list.Element) {
	one := c.order.Remove(e).(*cachedPage)
	delete(c.by, one.key)
	c.size -= len(one.key) + len(one.body.bytes)
}
