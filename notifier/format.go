package notifier

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"vestnik/documents"
)

// columns of recipients as CSV, DESIGN section 10.
var columns = []string{"external_id", "address", "language", "name", "registered_at", "groups"}

// maxRow is the longest row of a file, in bytes.
const maxRow = 64 << 10

// rows reads recipients from a file. It returns io.EOF after the last; a
// *documents.InvalidError is about one row, and reading goes on after it; any
// other error, such as an endError, ends the file.
type rows interface {
	next() (Recipient, error)
}

func newRows(format string, r io.Reader, zone *time.Location) (rows, int, error) {
	switch format {
	case "csv":
		c, err := newCSVRows(r, zone)
		return c, 2, err
	case "ndjson":
		s := bufio.NewScanner(withoutBOM(r))
		s.Buffer(make([]byte, 0, 4096), maxRow)
		return &jsonRows{s, zone}, 1, nil
	}
	return nil, 0, documents.Invalid("format", "import-format", "recipients are read as csv or ndjson: name one of them")
}

func withoutBOM(r io.Reader) *bufio.Reader {
	b := bufio.NewReader(r)
	if head, _ := b.Peek(3); bytes.Equal(head, []byte("\ufeff")) {
		b.Discard(3)
	}
	return b
}

// endError ends the reading of a file.
type endError struct{ error }

func (e endError) Unwrap() error { return e.error }

func tooLong() error {
	return endError{documents.Invalid("", "import-row", "the row is longer than %d bytes: a quotation mark may be missing", maxRow)}
}

// bounded fails when more than maxRow bytes are read for one row.
type bounded struct {
	r          io.Reader
	read, free int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.read > b.free {
		return 0, tooLong()
	}
	k, err := b.r.Read(p)
	b.read += int64(k)
	return k, err
}

type csvRows struct {
	r     *csv.Reader
	b     *bounded
	place map[string]int
	zone  *time.Location
}

func newCSVRows(r io.Reader, zone *time.Location) (*csvRows, error) {
	b := &bounded{r: withoutBOM(r), free: maxRow}
	c := &csvRows{r: csv.NewReader(b), b: b, place: map[string]int{}, zone: zone}
	c.r.ReuseRecord = true
	header, err := c.r.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, headerError()
	}
	for i, name := range header {
		if _, twice := c.place[name]; twice || !slices.Contains(columns, name) {
			return nil, headerError()
		}
		c.place[name] = i
	}
	for _, need := range []string{"external_id", "address", "registered_at"} {
		if _, ok := c.place[need]; !ok {
			return nil, headerError()
		}
	}
	return c, nil
}

func headerError() error {
	return documents.Invalid("header", "import-header", "the first row must be %s", strings.Join(columns, ","))
}

func (c *csvRows) next() (Recipient, error) {
	c.b.free = c.r.InputOffset() + maxRow
	record, err := c.r.Read()
	var fault *csv.ParseError
	switch {
	case errors.As(err, &fault) && fault.Err == csv.ErrFieldCount:
		return Recipient{}, documents.Invalid("", "import-row", "the row has %d fields and not %d", len(record), len(c.place))
	case errors.As(err, &fault):
		return Recipient{}, documents.Invalid("", "import-row", "the row is not CSV: a quotation mark is out of place")
	case err != nil:
		return Recipient{}, err
	}
	field := func(name string) string {
		if i, ok := c.place[name]; ok {
			return strings.Clone(record[i])
		}
		return ""
	}
	r := Recipient{ExternalID: field("external_id"), Address: field("address"), Language: field("language"), Name: field("name")}
	for g := range strings.SplitSeq(field("groups"), ";") {
		if g = strings.TrimSpace(g); g != "" {
			r.Groups = append(r.Groups, g)
		}
	}
	r.RegisteredAt, err = instant(field("registered_at"), c.zone)
	return r, err
}

// instant reads RFC 3339, or a date, which is its first moment in zone.
func instant(s string, zone *time.Location) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, s, zone); err == nil {
		return t, nil
	}
	return time.Time{}, documents.Invalid("registered_at", "recipient-registered", "registered_at is not a moment such as 2024-05-31T09:00:00Z")
}

// line is a recipient as NDJSON. State is written for those who are not active.
type line struct {
	ExternalID   string         `json:"external_id"`
	Address      string         `json:"address"`
	Language     string         `json:"language,omitempty"`
	Name         string         `json:"name,omitempty"`
	RegisteredAt string         `json:"registered_at"`
	Groups       []string       `json:"groups,omitempty"`
	Known        map[string]int `json:"known,omitempty"`
	State        RecipientState `json:"state,omitempty"`
}

type jsonRows struct {
	s    *bufio.Scanner
	zone *time.Location
}

func (j *jsonRows) next() (Recipient, error) {
	if !j.s.Scan() {
		if errors.Is(j.s.Err(), bufio.ErrTooLong) {
			return Recipient{}, tooLong()
		}
		if err := j.s.Err(); err != nil {
			return Recipient{}, err
		}
		return Recipient{}, io.EOF
	}
	var l line
	d := json.NewDecoder(bytes.NewReader(j.s.Bytes()))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil || d.More() {
		return Recipient{}, documents.Invalid("", "import-row", "the line is not one JSON object with the keys %s and known", strings.Join(columns, ", "))
	}
	if l.State != "" && l.State != Active && l.State != Left && l.State != Unreachable {
		return Recipient{}, documents.Invalid("state", "recipient-state", "the state is none of active, left, unreachable")
	}
	r := Recipient{ExternalID: l.ExternalID, Address: l.Address, Language: l.Language, Name: l.Name, Groups: l.Groups, Known: l.Known, State: l.State}
	var err error
	r.RegisteredAt, err = instant(l.RegisteredAt, j.zone)
	return r, err
}
