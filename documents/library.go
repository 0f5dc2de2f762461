package documents

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
	"unicode/utf8"

	"vestnik/documents/redline"
)

// Rules are the settings of the organisation that publishing depends on.
type Rules struct {
	Zone       string        // IANA name, for dates without a time
	NoticeDays int           // from mailing to effect, for class notice
	Hold       time.Duration // between publication and the first mail
	OnePerson  bool          // one actor may save, approve and publish in one act
	Rehearsal  bool
	CanTell    bool // a version of class notice may be published: mail has somewhere to go
}

// Config is what a Library is made of.
type Config struct {
	Store  Store
	Origin string // of the log; stands in each event
	Rules  func(context.Context) (Rules, error)
	Log    *slog.Logger
}

// Library holds every rule of documents. It may be used from any goroutine.
type Library struct {
	Config

	mu     sync.RWMutex // held for reading during appends, for writing by Reopen
	origin string       // Config's, until Reopen

	timelines recent[Timeline]
	lineages  recent[*lineage]
	changed   recent[[]ClauseChange]
}

// What a Library remembers at most: of timelines in bytes; of clauses steps of some
// ten bytes, and changes of some two hundred.
const (
	mostTimelines = 64 << 20
	mostSteps     = 4 << 20
	mostChanges   = 100_000
)

// NewLibrary makes a Library.
func NewLibrary(c Config) *Library {
	l := &Library{Config: c, origin: c.Origin}
	l.timelines.most, l.lineages.most, l.changed.most = mostTimelines, mostSteps, mostChanges
	return l
}

// LogOrigin is the origin of the log as it is now: that of Config, until Reopen.
func (l *Library) LogOrigin() string {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.origin
}

// store appends b under the origin of the log.
func (l *Library) store(ctx context.Context, b Batch) ([]Event, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for i := range b.Entries {
		b.Entries[i].Event.Origin = l.origin
	}
	return l.Store.Append(ctx, b)
}

// page is how many things are asked of the store at once.
const page = 500

// Create adds a document. Its languages are the keys of its titles.
func (l *Library) Create(ctx context.Context, d Document, by Actor) (Document, error) {
	d.Revision = 1
	if err := checkDocument(d); err != nil {
		return Document{}, err
	}
	if err := l.Store.PutDocument(ctx, d); err != nil {
		return Document{}, fmt.Errorf("create %s: %w", d.ID, err)
	}
	return d, nil
}

// Update replaces a document's titles, languages, prevailing language and
// groups; d.Revision is the one that the caller saw, and another is ErrConflict.
// Versions that exist keep what they were published with.
func (l *Library) Update(ctx context.Context, d Document, by Actor) (Document, error) {
	if err := checkDocument(d); err != nil {
		return Document{}, err
	}
	if d.Revision < 1 {
		return Document{}, fmt.Errorf("update %s: %w", d.ID, ErrConflict)
	}
	if _, err := l.Document(ctx, d.ID); err != nil {
		return Document{}, err
	}
	d.Revision++
	if err := l.Store.PutDocument(ctx, d); err != nil {
		return Document{}, fmt.Errorf("update %s: %w", d.ID, err)
	}
	return d, nil
}

// Document returns the document with an ID.
func (l *Library) Document(ctx context.Context, id string) (Document, error) {
	d, err := l.Store.Document(ctx, id)
	if err != nil {
		return d, fmt.Errorf("document %s: %w", id, err)
	}
	return d, nil
}

// Documents lists all documents by ID.
func (l *Library) Documents(ctx context.Context) (all []Document, err error) {
	for after := ""; ; {
		some, err := l.Store.Documents(ctx, after, page)
		if err != nil || len(some) == 0 {
			return all, err
		}
		all, after = append(all, some...), some[len(some)-1].ID
	}
}

// Version returns a version with its texts and clause maps.
func (l *Library) Version(ctx context.Context, document string, number int) (Version, error) {
	v, err := l.Store.Version(ctx, document, number)
	if err != nil {
		return v, fmt.Errorf("%s: %w", in(document, number), err)
	}
	return v, nil
}

// Versions lists all versions of a document, without the sources and clause maps
// of their texts.
func (l *Library) Versions(ctx context.Context, document string) (all []Version, err error) {
	for after := 0; ; {
		some, err := l.Store.Versions(ctx, document, after, page)
		if err != nil || len(some) == 0 {
			return all, err
		}
		all, after = append(all, some...), some[len(some)-1].Number
	}
}

// Compare is the redline from version a to version b in lang.
func (l *Library) Compare(ctx context.Context, document string, a, b int, lang string) (*redline.Redline, error) {
	p, err := l.pair(ctx, document, a, b, lang)
	if err != nil {
		return nil, err
	}
	return p.compare(), nil
}

func (l *Library) text(ctx context.Context, document string, number int, lang string) (Text, error) {
	v, err := l.Version(ctx, document, number)
	if err != nil {
		return Text{}, err
	}
	t, ok := v.Text(lang)
	if !ok {
		return t, fmt.Errorf("%s in %s: %w", in(document, number), lang, ErrNotFound)
	}
	return t, nil
}

// Event returns one event of the log with its blobs.
func (l *Library) Event(ctx context.Context, seq Seq) (Event, error) {
	e, err := l.Store.Event(ctx, seq)
	if err != nil {
		return e, fmt.Errorf("event %d: %w", seq, err)
	}
	return e, nil
}

// Events lists up to limit events with a Seq above after; document "" means all.
func (l *Library) Events(ctx context.Context, document string, after Seq, limit int) ([]Event, error) {
	return l.Store.Events(ctx, document, after, limit)
}

// Last is the Seq of the last event of a document, or of the log if document is "".
func (l *Library) Last(ctx context.Context, document string) (Seq, error) {
	return l.Store.Last(ctx, document)
}

// Wait returns nil once there is an event with a Seq above after, or the error
// of ctx.
func (l *Library) Wait(ctx context.Context, after Seq) error { return l.Store.Wait(ctx, after) }

// Audit says who made the append that holds seq, on whose approval, and whether
// alone. It is for the desk; of it only Alone may be public.
func (l *Library) Audit(ctx context.Context, seq Seq) (PublicationAudit, error) {
	a, err := l.Store.Audit(ctx, seq)
	if err != nil {
		return a, fmt.Errorf("audit of event %d: %w", seq, err)
	}
	return a, nil
}

// replay returns the events that a key made before; ok is false if it is new.
func (l *Library) replay(ctx context.Context, key string, request Digest) (events []Event, ok bool, err error) {
	if key == "" {
		return nil, false, nil
	}
	if len(key) > maxKey {
		return nil, false, Invalid("key", CodeKey, "An idempotency key has %d characters at most: make a shorter one.", maxKey)
	}
	used, err := l.Store.Used(ctx, outsideKey(key))
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, false, nil
	case err != nil:
		return nil, false, err
	case used.Request != request:
		return nil, false, ErrKeyReused
	}
	for seq := used.First; seq <= used.Last; seq++ {
		e, err := l.Event(ctx, seq)
		if err != nil {
			return nil, false, err
		}
		events = append(events, e)
	}
	return events, true, nil
}

// outsideKey keeps the keys of callers apart from our own. A header may hold bytes
// that are not UTF-8, which no dump keeps; they are written in hex.
func outsideKey(key string) string {
	switch {
	case key == "":
		return ""
	case !utf8.ValidString(key):
		return "bytes/" + hex.EncodeToString([]byte(key))
	}
	return "key/" + key
}
