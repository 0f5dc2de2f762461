package documents_test

import (
	"testing"
	"testing/synctest"
	"time"

	"vestnik/documents"
)

// The clock of a bubble begins at 2000-01-01T00:00:00Z, which was 06:00 in
// Almaty.
func TestDefaultDate(t *testing.T) {
	for _, c := range []struct {
		name    string
		mailing time.Duration
		change  func(*documents.Draft, *documents.Rules)
		date    string
		instant string
	}{
		{"notice", 0, nil, "2000-02-01", "2000-01-31T18:00:00Z"},
		{"a mailing past midnight", 18 * time.Hour, nil, "2000-02-02", "2000-02-01T18:00:00Z"},
		{"a hold past midnight", 0, func(_ *documents.Draft, r *documents.Rules) { r.Hold = 19 * time.Hour }, "2000-02-02", "2000-02-01T18:00:00Z"},
		{"fifteen days", 0, func(_ *documents.Draft, r *documents.Rules) { r.NoticeDays = 15 }, "2000-01-17", "2000-01-16T18:00:00Z"},
		{"another zone", 0, func(_ *documents.Draft, r *documents.Rules) { r.Zone = "America/New_York" }, "2000-01-31", "2000-01-31T05:00:00Z"},
		{"a day that begins at one o'clock", 0, func(d *documents.Draft, r *documents.Rules) { d.Effective, r.Zone = "2000-10-15", "America/Santiago" }, "2000-10-15", "2000-10-15T04:00:00Z"},
		{"a notice that ends on such a day", 0, func(_ *documents.Draft, r *documents.Rules) { r.NoticeDays, r.Zone = 288, "America/Santiago" }, "2000-10-15", "2000-10-15T04:00:00Z"},
		{"editorial", 0, func(d *documents.Draft, _ *documents.Rules) {
			d.Change.Class, d.Change.Reason = documents.Editorial, "a"
		}, "2000-01-01", "2000-01-01T00:00:00Z"},
		{"a date", 0, func(d *documents.Draft, _ *documents.Rules) { d.Effective = "2000-03-26" }, "2000-03-26", "2000-03-25T18:00:00Z"},
		{"an instant", 0, func(d *documents.Draft, _ *documents.Rules) { d.Effective = "2000-03-26T20:00:00+01:00" }, "2000-03-27", "2000-03-26T19:00:00Z"},
		{"urgent", 0, func(d *documents.Draft, _ *documents.Rules) {
			d.Change.Urgent, d.Change.Reason, d.Effective = true, "a", "now"
		}, "2000-01-01", "2000-01-01T00:00:00Z"},
		{"urgent, with no date named", 0, func(d *documents.Draft, _ *documents.Rules) { d.Change.Urgent, d.Change.Reason = true, "a" }, "2000-02-01", "2000-01-31T18:00:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rules := alone()
				l := library(t, &rules)
				privacy(t, l)
				publish(t, l, draft("Первый."))
				d := draft("Второй.")
				if c.change != nil {
					c.change(d, &rules)
				}
				e, err := l.Publish(t.Context(), documents.Publication{Document: "privacy", Draft: d, Based: 1, Estimated: c.mailing}, staff)
				if err != nil {
					t.Fatal(err)
				}
				if got := e.Effective.Instant.Format(time.RFC3339); e.Effective.Date != c.date || got != c.instant {
					t.Errorf("got %s, %s; want %s, %s", e.Effective.Date, got, c.date, c.instant)
				}
			})
		})
	}
}

// Where no date is named, a version follows the one that is still upcoming, even if
// its own notice would be over sooner: the first was published with a hold that
// reached past midnight.
func TestDefaultDateFollowsUpcoming(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rules := alone()
		rules.Hold = 19 * time.Hour
		l := library(t, &rules)
		privacy(t, l)
		publish(t, l, draft("Первый."))
		publish(t, l, draft("Второй."))
		rules.Hold = 0
		for _, c := range []struct{ date, want string }{{"2000-02-01", documents.CodeOrder}, {"", ""}} {
			d := draft("Третий.")
			d.Effective = c.date
			e, err := l.Publish(t.Context(), documents.Publication{Document: "privacy", Draft: d, Based: 2}, staff)
			if c.want != "" {
				if code(err) != c.want {
					t.Errorf("%q: %v, want %s", c.date, err, c.want)
				}
				continue
			}
			if err != nil || e.Effective.Date != "2000-02-02" {
				t.Errorf("takes effect on %s, %v; want that of version 2", e.Effective.Date, err)
			}
		}
	})
}

// A version passes from upcoming to in force by the clock alone.
func TestTakingEffect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rules := alone()
		l := story(t, &rules)
		check := func(want int, withdraw string) {
			t.Helper()
			line, err := l.Timeline(t.Context(), "privacy", time.Now())
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := line.InForce(time.Now()); got.Number != want {
				t.Errorf("at %v version %d is in force, want %d", time.Now(), got.Number, want)
			}
			if withdraw == "" {
				return
			}
			if _, err := l.Withdraw(t.Context(), "privacy", 2, "a", staff); code(err) != withdraw {
				t.Errorf("withdrawing: %v, want %s", err, withdraw)
			}
		}
		line, err := l.Timeline(t.Context(), "privacy", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Until(line.Next(time.Now())) - time.Microsecond)
		check(1, "")
		time.Sleep(time.Microsecond)
		check(2, documents.CodeNotUpcoming)
		early := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
		if line, err = l.Timeline(t.Context(), "privacy", early.Add(-1)); err != nil || len(line.Versions) != 0 {
			t.Errorf("known before the first event: %+v, %v", line.Versions, err)
		}
	})
}

// Summer time begins at midnight in Santiago, and in Cairo: such a day begins at
// one o'clock.
func TestStartOfDay(t *testing.T) {
	for _, c := range []struct{ zone, day, want string }{
		{"Asia/Almaty", "2024-03-01", "2024-02-29T19:00:00Z"},
		{"America/Santiago", "2024-09-08", "2024-09-08T04:00:00Z"},
		{"America/Santiago", "2024-09-09", "2024-09-09T03:00:00Z"},
		{"Africa/Cairo", "2024-04-26", "2024-04-25T22:00:00Z"},
	} {
		place, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		day, err := time.Parse(time.DateOnly, c.day)
		if err != nil {
			t.Fatal(err)
		}
		if got := documents.StartOfDay(day, place).UTC().Format(time.RFC3339); got != c.want {
			t.Errorf("%s in %s begins at %s, want %s", c.day, c.zone, got, c.want)
		}
	}
}
