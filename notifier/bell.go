package notifier

import "sync"

// bell wakes everybody who waits in this process. It saves a wait and promises
// nothing: whoever listens also looks from time to time.
type bell struct {
	mu    sync.Mutex    // guards the rest
	ch    chan struct{} // closed by the next ring; nil while nobody waits
	rings int64
}

func (b *bell) wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch == nil {
		b.ch = make(chan struct{})
	}
	return b.ch
}

// rung counts the rings so far.
func (b *bell) rung() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.rings
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rings++
	if b.ch != nil {
		close(b.ch)
		b.ch = nil
	}
}
