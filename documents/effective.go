package documents

import "time"

// effective decides when the version of d takes effect. One without an instant
// means the event's own time.
//
// The default for class notice is the first local midnight after now, the hold,
// the estimated mailing and the notice period, or the instant of a version that is
// still upcoming where that is later; anything earlier than that midnight must be
// urgent. A first version makes no notice, so nobody waits for one, and it takes
// effect at once unless it says otherwise.
func (s scene) effective(d Draft, mailing time.Duration) (Effective, error) {
	zone := s.rules.Zone
	at, err := parseEffective(d.Effective, zone)
	if err != nil {
		return at, err
	}
	if d.Change.Class != Editorial && !s.first() {
		soonest := afterNotice(s.now.Add(s.rules.Hold+mailing), s.rules.NoticeDays, zone)
		if d.Effective == "" {
			at, _ = parseEffective(soonest.Format(time.DateOnly), zone)
			for _, u := range s.timeline.Upcoming(s.now) {
				if at.Instant.Before(u.Effective.Instant) {
					at = u.Effective
				}
			}
		}
		if orNow(at.Instant, s.now).Before(soonest) && !d.Change.Urgent {
			return at, Invalid("effective", CodeEarly, "Users would have less than the notice period: take %s or a later date, or declare the change urgent and give the reason.", soonest.Format(time.DateOnly))
		}
	}
	if !at.Instant.IsZero() && at.Instant.Before(s.now) {
		return at, Invalid("effective", CodePast, "%s has passed: give a later date, or now.", d.Effective)
	}
	return at, s.inOrder(orNow(at.Instant, s.now))
}

// inOrder refuses an instant before that of a version which is still upcoming.
func (s scene) inOrder(at time.Time) error {
	for _, u := range s.timeline.Upcoming(s.now) {
		if at.Before(u.Effective.Instant) {
			return Invalid("effective", CodeOrder, "Version %d is still to take effect on %s: give a date that is not before it, or withdraw that version first.", u.Number, u.Effective.Date)
		}
	}
	return nil
}

func orNow(at, now time.Time) time.Time {
	if at.IsZero() {
		return now
	}
	return at
}

// afterNotice is the first midnight in zone that comes at least so many days
// after t.
func afterNotice(t time.Time, days int, zone string) time.Time {
	place, err := time.LoadLocation(zone)
	if err != nil {
		place = time.UTC
	}
	end := t.In(place).AddDate(0, 0, days)
	midnight := StartOfDay(end, place)
	if midnight.Before(end) {
		midnight = StartOfDay(end.AddDate(0, 0, 1), place)
	}
	return midnight
}
