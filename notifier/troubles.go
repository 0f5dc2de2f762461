package notifier

import (
	"errors"
	"log/slog"
	"sync"
	"time"

	"vestnik/documents"
)

// troubles remembers what fails, so that the log has a line where it begins and
// one where it ends, and none for each try in between.
type troubles struct {
	mu sync.Mutex // guards m
	m  map[string]trouble
}

type trouble struct {
	text  string
	since time.Time
}

// partStore stands for the store itself: when it is away everybody fails.
const partStore = "store"

// fails says that part could not do its work and tries again.
func (n *Notifier) fails(part string, err error) {
	n.note(err)
	text := nameless(err)
	known := trouble{text, time.Now()}
	if errors.Is(err, documents.ErrAway) {
		part, known.text = partStore, "" // the words differ from try to try
	}
	n.troubles.mu.Lock()
	was, failing := n.troubles.m[part]
	if n.troubles.m == nil {
		n.troubles.m = map[string]trouble{}
	}
	if failing {
		known.since = was.since
	}
	n.troubles.m[part] = known
	n.troubles.mu.Unlock()
	switch {
	case failing && was.text == known.text:
	case part == partStore:
		n.Log.Error("the store does not answer: nothing is sent until it does", slog.String("err", text))
	default:
		n.Log.Error("notifier", slog.String("part", part), slog.String("err", text))
	}
}

// works says that part did its work.
func (n *Notifier) works(part string) {
	n.troubles.mu.Lock()
	was, failing := n.troubles.m[part]
	delete(n.troubles.m, part)
	n.troubles.mu.Unlock()
	if failing {
		n.Log.Info("notifier works again", slog.String("part", part), slog.Duration("after", time.Since(was.since).Round(time.Second)))
	}
}
