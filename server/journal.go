package server

import (
	"io"
	"strconv"
	"sync"
	"time"
)

// Journal is what the log is written to. What a slog.Handler writes goes out at
// once; the lines of requests go out together, in their turn, a moment later.
type Journal struct {
	to io.Writer

	mu          sync.Mutex // guards all below
	held        []byte     // lines of requests
	due         *time.Timer
	second      int64 // that stamp and zone were made for, Unix
	stamp, zone []byte
}

const (
	heldFor  = 200 * time.Millisecond
	heldMost = 32 << 10 // bytes
)

// NewJournal writes to w, whose errors nobody could be told of.
func NewJournal(w io.Writer) *Journal { return &Journal{to: w} }

func (j *Journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.flush()
	return j.to.Write(p)
}

// Flush writes what is held. Call it before the process ends.
func (j *Journal) Flush() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.flush()
}

func (j *Journal) flush() {
	if len(j.held) > 0 {
		_, _ = j.to.Write(j.held)
		j.held = j.held[:0]
	}
}

// served is a request that was answered.
type served struct {
	id, method string
	route      string // its pattern, in quotes
	status     int
	sent       int64 // bytes of the body
}

// request adds a line, in the form of a slog.TextHandler.
func (j *Journal) request(s served, at time.Time, took time.Duration) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.held) > heldMost {
		j.flush()
	}
	if len(j.held) == 0 {
		j.wake()
	}
	b := append(j.timed(at), " level=INFO msg=request request="...)
	b = append(append(b, s.id...), " method="...)
	b = append(append(b, method(s.method)...), " route="...)
	b = append(append(b, s.route...), " status="...)
	b = append(strconv.AppendInt(b, int64(s.status), 10), " bytes="...)
	b = append(strconv.AppendInt(b, s.sent, 10), " ms="...)
	j.held = append(strconv.AppendInt(b, took.Milliseconds(), 10), '\n')
}

// timed is held with the beginning of a line.
func (j *Journal) timed(at time.Time) []byte {
	if s := at.Unix(); s != j.second || j.stamp == nil {
		j.second, j.stamp, j.zone = s, at.AppendFormat(j.stamp[:0], "time=2006-01-02T15:04:05."), at.AppendFormat(j.zone[:0], "Z07:00")
	}
	ms := at.Nanosecond() / int(time.Millisecond)
	return append(append(append(j.held, j.stamp...), byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10)), j.zone...)
}

// wake sees to it that what is held goes out soon.
func (j *Journal) wake() {
	if j.due == nil {
		j.due = time.AfterFunc(heldFor, j.Flush)
		return
	}
	j.due.Reset(heldFor)
}
