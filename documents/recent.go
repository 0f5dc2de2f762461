package documents

import (
	"container/list"
	"sync"
)

// recent keeps what was computed from versions, which never change, up to a
// weight; what was asked for least recently goes first.
type recent[V any] struct {
	mu     sync.Mutex // guards all below
	most   int
	weight int
	by     map[string]*list.Element
	order  list.List // of *remembered[V], the most recent first
}

type remembered[V any] struct {
	key    string
	value  V
	weight int
}

func (r *recent[V]) get(key string) (v V, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.by[key]
	if e == nil {
		return v, false
	}
	r.order.MoveToFront(e)
	return e.Value.(*remembered[V]).value, true
}

// getOr is get, or else keeps what make makes, of no weight yet.
func (r *recent[V]) getOr(key string, make func() V) V {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.by[key]; e != nil {
		r.order.MoveToFront(e)
		return e.Value.(*remembered[V]).value
	}
	v := make()
	r.keep(key, v, 1)
	return v
}

// put keeps v; put again, it has the new weight.
func (r *recent[V]) put(key string, v V, weight int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.by[key]; e != nil {
		r.drop(e)
	}
	r.keep(key, v, weight)
}

// keep is put of what is not there. mu is held.
func (r *recent[V]) keep(key string, v V, weight int) {
	if r.by == nil {
		r.by = map[string]*list.Element{}
	}
	r.by[key] = r.order.PushFront(&remembered[V]{key, v, weight})
	r.weight += weight
	for r.weight > r.most && r.order.Len() > 1 {
		r.drop(r.order.Back())
	}
}

func (r *recent[V]) drop(e *list.Element) {
	one := r.order.Remove(e).(*remembered[V])
	delete(r.by, one.key)
	r.weight -= one.weight
}
