package notifier

import "sync"

// bell wakes everybody who waits in this process. It saves a wait and promises
// nothing: whoever listens also looks from time to time.
type bell struct {
	mu sync.Mutex
	ch chan struct{} // closed by the next ring; nil while nobody waits
}

func (b *bell) wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch == nil {
		b.ch = make(chan struct{})
	}
	return b.ch
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch != nil {
		close(b.ch)
		b.ch = nil
	}
}
