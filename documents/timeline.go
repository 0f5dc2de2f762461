package documents

import "time"

// Standing is a version as the events known so far leave it.
type Standing struct {
	Number     int
	Seq        Seq // of the event that brought it
	Published  time.Time
	Effective  Effective // as postponed
	Class      Class     // as reclassified
	Urgent     bool
	Imported   bool
	Withdrawn  bool
	Withheld   bool
	Titles     map[string]string
	Notes      map[string]Note // as corrected
	ReasonText string
	Stated     string
}

// Timeline is the fold of the events of one document that are known at an
// instant.
type Timeline struct {
	Document string
	Known    time.Time
	Versions []Standing // by Number
	Events   []Event
}

// InForce returns the version in force at an instant: the latest effective date
// not after it wins, ties go to the higher Number.
func (t Timeline) InForce(at time.Time) (Standing, bool) { panic("not yet") }

// Upcoming lists versions that are published and not yet in force at an instant,
// the next one first.
func (t Timeline) Upcoming(at time.Time) []Standing { panic("not yet") }

// Standing returns the version with a number.
func (t Timeline) Standing(number int) (Standing, bool) { panic("not yet") }

// Next is the next instant after at when the version in force changes; zero if
// nothing is scheduled.
func (t Timeline) Next(at time.Time) time.Time { panic("not yet") }
