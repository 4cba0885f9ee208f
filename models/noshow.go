package models

import "time"

// NoShowRule says what follows when somebody had a place and did not come: below
// Strikes times within StrikeDays a warning, from then on a pause of PauseDays.
// Strikes 0: nothing follows. Rooms and activities go by it alike.
type NoShowRule struct {
	Strikes    int
	StrikeDays int
	PauseDays  int
}

// UsualNoShows is the rule where none is set. Ours.
func UsualNoShows() NoShowRule { return NoShowRule{Strikes: 3, StrikeDays: 90, PauseDays: 14} }

// Since is from when on the times count that somebody did not come.
func (r NoShowRule) Since(now Instant) Instant {
	return now.Add(-time.Duration(r.StrikeDays) * 24 * time.Hour)
}

// Pauses reports whether the nth time is followed by a pause.
func (r NoShowRule) Pauses(n int) bool { return r.Strikes > 0 && n >= r.Strikes }

// Pause is what follows then: from now until a midnight.
func (r NoShowRule) Pause(account, person *int64, now Instant, zone *time.Location) Pause {
	return Pause{AccountID: account, PersonID: person, StartsAt: now, EndsAt: DayOf(now, zone).Add(r.PauseDays).At(0, zone)}
}

// ActivityRule is what an organisation has said about not coming to its activities,
// and those of the organisations below it that say nothing: sessions that end from SetAt
// on go by it. Inherits takes its own rule back; that of the nearest above counts again.
type ActivityRule struct {
	ID         int64
	OrgID      int64
	Inherits   bool
	Strikes    int
	StrikeDays int
	PauseDays  int
	SetBy      int64
	SetAt      Instant
}

// NoShows is what follows when somebody does not come.
func (r ActivityRule) NoShows() NoShowRule { return NoShowRule{r.Strikes, r.StrikeDays, r.PauseDays} }

// Pause keeps somebody from booking at a venue, or from signing up with an
// organisation, until EndsAt: a person for whom it was, or else the account for itself.
// Whoever keeps or helps somebody books for them all the same. Source is the last straw.
// It has one appeal and one answer.
type Pause struct {
	ID         int64
	Kind       string // the feature
	Source     string
	OrgID      int64
	VenueID    *int64 // nil: all of the organisation's
	AccountID  *int64
	PersonID   *int64
	StartsAt   Instant
	EndsAt     Instant
	Appeal     string
	AppealedAt Instant
	Answer     string
	AnsweredBy *int64
	AnsweredAt Instant
	LiftedAt   Instant
}

// Counts reports whether it keeps anybody from anything still.
func (p Pause) Counts(now Instant) bool { return p.LiftedAt.IsZero() && p.EndsAt.After(now) }
