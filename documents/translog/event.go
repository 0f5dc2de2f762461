package translog

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// field returns the value of the first line that begins with key and a space.
func field(event []byte, key string) (string, bool) {
	for line := range bytes.Lines(event) {
		k, v, ok := strings.Cut(strings.TrimSuffix(string(line), "\n"), " ")
		if ok && k == key {
			return v, true
		}
	}
	return "", false
}

func checkSeq(event []byte, seq int64) error {
	v, _ := field(event, "seq")
	if v != strconv.FormatInt(seq, 10) {
		return fmt.Errorf("event %d: its line seq says %q", seq, v)
	}
	return nil
}

// digests returns the value of each line whose key ends in -sha256, by that key.
func digests(event []byte) map[string]string {
	out := map[string]string{}
	for line := range bytes.Lines(event) {
		k, v, ok := strings.Cut(strings.TrimSuffix(string(line), "\n"), " ")
		if ok && strings.HasSuffix(k, "-sha256") {
			out[k] = v
		}
	}
	return out
}

// order checks what a reader of the whole log can: places without gaps, the
// origin of the log, and time that never runs back.
type order struct {
	origin string
	seq    int64
	last   time.Time
}

func (o *order) next(event []byte) error {
	o.seq++
	if err := checkSeq(event, o.seq); err != nil {
		return err
	}
	if v, _ := field(event, "origin"); v != o.origin {
		return fmt.Errorf("event %d: its origin is %q, the log's is %q", o.seq, v, o.origin)
	}
	v, _ := field(event, "time")
	at, err := time.Parse(time.RFC3339Nano, v)
	if err != nil {
		return fmt.Errorf("event %d: %q is no time", o.seq, v)
	}
	if at.Before(o.last) {
		return fmt.Errorf("event %d: its time %s is before that of event %d", o.seq, v, o.seq-1)
	}
	o.last = at
	return nil
}
