package notifier_test

import (
	"strings"
	"testing"
	"time"

	"vestnik/notifier"
)

func days(t *testing.T, table string) *notifier.Workdays {
	t.Helper()
	w, err := notifier.ParseWorkdays(strings.NewReader(table))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// The table that comes with the program: weekends, moved holidays, the edge of a
// year, and what lies behind its end.
func TestWorkdaysOfKazakhstan(t *testing.T) {
	w := newHouse(t, nil).n.Workdays
	almaty, err := time.LoadLocation("Asia/Almaty")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		kind     notifier.RequestKind
		received string
		due      string
	}{
		{notifier.RequestCorrect, "2026-11-20 23:59", "2026-11-23"},  // Friday night: Monday
		{notifier.RequestRestrict, "2026-03-20 09:00", "2026-03-26"}, // Nauryz, two days of it moved
		{notifier.RequestAccess, "2026-12-14 10:00", "2026-12-18"},   // Independence Day between
		{notifier.RequestAccess, "2026-12-30 00:00", "2027-01-06"},   // New Year, a day of it moved
		{notifier.RequestWithdraw, "2026-04-30 12:00", "2026-05-26"}, // three holidays in May
		{notifier.RequestOther, "2028-12-15 12:00", "2029-01-08"},    // behind the table: weekends only
	} {
		at, err := time.ParseInLocation("2006-01-02 15:04", c.received, almaty)
		if err != nil {
			t.Fatal(err)
		}
		due := w.Due(c.kind, at)
		if got := due.In(almaty).Format("2006-01-02 15:04:05"); got != c.due+" 23:59:59" {
			t.Errorf("%s received %s is due %s, want %s", c.kind, c.received, got, c.due)
		}
		if w.Knows(due.In(almaty)) != (c.due < "2029") {
			t.Errorf("%s: knows %v", c.due, w.Knows(due))
		}
	}
}

func TestWorkdaysTable(t *testing.T) {
	w := days(t, "weekend friday Saturday # elsewhere\n\noff 2026-11-22\non 2026-11-21\nthrough 2026-12-31\nanswer access 2\n")
	at := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC) // a Friday
	if got := w.Due(notifier.RequestAccess, at).Format(time.DateOnly); got != "2026-11-23" {
		t.Errorf("due %s", got)
	}
	for _, table := range []string{
		"weekend someday", "off tomorrow", "off 2026-02-30", "answer export 1", "answer access 0", "answer access", "holiday 2026-01-01", "through",
		"weekend monday tuesday wednesday thursday friday saturday sunday",
	} {
		if _, err := notifier.ParseWorkdays(strings.NewReader(table)); err == nil {
			t.Errorf("%q was taken", table)
		}
	}
}
