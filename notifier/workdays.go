package notifier

import (
	"bufio"
	_ "embed"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

//go:embed workdays.txt
var defaultWorkdays string

// Workdays say when an answer is due: a table, because holidays are set yearly.
type Workdays struct {
	weekend map[time.Weekday]bool
	moved   map[string]bool // date to whether people work on it
	through string          // the last date of the table
	within  map[RequestKind]int
}

// answerWithin is for a kind that the table does not name.
const answerWithin = 15

// ParseWorkdays reads lines, with comments from # on:
//
//	weekend saturday sunday
//	off 2026-03-09          nobody works
//	on 2026-03-14           people do, though it is a weekend
//	through 2028-12-31      beyond this date only weekends are known
//	answer correct 1        working days for a kind of request
func ParseWorkdays(r io.Reader) (*Workdays, error) {
	w := &Workdays{weekend: map[time.Weekday]bool{}, moved: map[string]bool{}, within: map[RequestKind]int{}}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		text, _, _ := strings.Cut(lines.Text(), "#")
		if err := w.line(strings.Fields(text)); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(w.weekend) == 7 {
		return nil, fmt.Errorf("every day is a weekend")
	}
	return w, nil
}

func (w *Workdays) line(words []string) error {
	if len(words) == 0 {
		return nil
	}
	switch name, args := words[0], words[1:]; {
	case name == "weekend":
		return w.weekends(args)
	case (name == "off" || name == "on" || name == "through") && len(args) == 1:
		if _, err := time.Parse(time.DateOnly, args[0]); err != nil {
			return fmt.Errorf("%q is no date: write 2026-12-31", args[0])
		}
		if name == "through" {
			w.through = args[0]
		} else {
			w.moved[args[0]] = name == "on"
		}
		return nil
	case name == "answer" && len(args) == 2:
		days, err := strconv.Atoi(args[1])
		if kind := RequestKind(args[0]); err == nil && kind.human() && days > 0 && days <= 365 {
			w.within[kind] = days
			return nil
		}
	}
	return fmt.Errorf("%q is not understood: weekend DAY…, off DATE, on DATE, through DATE or answer KIND DAYS", strings.Join(words, " "))
}

func (w *Workdays) weekends(names []string) error {
	for _, name := range names {
		day := time.Sunday
		for ; day <= time.Saturday && !strings.EqualFold(day.String(), name); day++ {
		}
		if day > time.Saturday {
			return fmt.Errorf("%q is no day of the week", name)
		}
		w.weekend[day] = true
	}
	return nil
}

// works tells whether people work on the day of t.
func (w *Workdays) works(t time.Time) bool {
	if on, ok := w.moved[t.Format(time.DateOnly)]; ok {
		return on
	}
	return !w.weekend[t.Weekday()]
}

// Due is the last moment of the last working day for an answer to what was
// received at a local time. The day of receipt does not count.
func (w *Workdays) Due(kind RequestKind, received time.Time) time.Time {
	left, ok := w.within[kind]
	if !ok {
		left = answerWithin
	}
	year, month, day := received.Date()
	for left > 0 {
		day++
		if w.works(time.Date(year, month, day, 12, 0, 0, 0, received.Location())) {
			left--
		}
	}
	return time.Date(year, month, day+1, 0, 0, 0, 0, received.Location()).Add(-time.Microsecond).UTC()
}

// Knows tells whether the table of holidays reaches to a day.
func (w *Workdays) Knows(t time.Time) bool { return t.Format(time.DateOnly) <= w.through }
