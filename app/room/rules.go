package room

import (
	"time"

	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/pause"
	"youyue/models"
)

// asked is a wish as the rules look at it.
type asked struct {
	span      models.Span
	whom      booking.Bearer
	attendees int
	guardian  string
	except    int64     // the booking that is moved, 0 for none
	decides   bool      // who asks runs the place: held to its hours and size, not to how far ahead
	later     **instead // where to leave what is to be suggested once nobody waits for this transaction; nil: at once
}

// booker is the kind of booker, by whom the rule goes.
func (w asked) booker() models.RoomBooker {
	if w.whom.OrgID != nil {
		return models.ByOrg
	}
	return models.ByResident
}

// atDesk reports whether a clerk books for somebody who rang or came.
func (w asked) atDesk() bool { return w.whom.Channel != models.ChannelOnline }

func minutes(d time.Duration) int { return int(d / time.Minute) }

func minutesOf(n int) time.Duration { return time.Duration(n) * time.Minute }

// fits holds a wish to the room itself: its size, its grid, its hours.
func (st setting) fits(w asked) *errs.Error {
	switch {
	case !w.span.Valid():
		return ErrSpan.At(errs.Field{Name: "end", Code: "other"})
	case st.Kind != models.RoomEquipment && w.attendees > st.Capacity:
		return ErrCapacity.With("room", st.Title()).With("max", st.Capacity).
			At(errs.Field{Name: "attendees", Code: "max", Args: map[string]any{"param": st.Capacity}})
	case st.Audience == models.RoomForChildren && w.guardian == "" && w.whom.OrgID == nil:
		return ErrGuardian.At(errs.Field{Name: "guardian", Code: "required"})
	}
	if refusal := st.open(w.span); refusal != nil {
		return refusal
	}
	if st.Kind == models.RoomEquipment {
		return nil
	}
	open, _ := st.within(st.place, w.span)
	m := models.Minutes{From: minutes(w.span.Start.Sub(open.Start)), To: minutes(w.span.End.Sub(open.Start))}
	if st.SlotMin == 0 { // the grid is that of the clock
		midnight := models.DayOf(open.Start, st.zone).At(0, st.zone)
		m = models.Minutes{From: minutes(w.span.Start.Sub(midnight)), To: minutes(w.span.End.Sub(midnight))}
	}
	if w.span.Start.Sub(open.Start)%time.Minute != 0 || w.span.End.Sub(open.Start)%time.Minute != 0 || !st.OnGrid(0, m) {
		e := ErrGrid.With("room", st.Title()).With("minutes", st.Step()).With("opens", clockTime(open.Start, st.zone)).
			Add("step_min", st.Step()).At(errs.Field{Name: "start", Code: "other"})
		if st.SlotMin == 0 {
			e = e.Worded("room.grid_free")
		}
		return e
	}
	return nil
}

func clockTime(i models.Instant, zone *time.Location) string { return i.In(zone).Format("15:04") }

// timely holds a wish to how far ahead, and how long, the rule lets book. The desk
// books on the spot, also what has just begun.
func (st setting) timely(now models.Instant, w asked) *errs.Error {
	r := st.rule(w.booker())
	day, today := models.DayOf(w.span.Start, st.zone), models.DayOf(now, st.zone)
	field := errs.Field{Name: "start", Code: "other"}
	switch {
	case w.atDesk() || w.decides:
		if !w.span.End.After(now) {
			return ErrPast.At(field)
		}
	case !w.span.Start.After(now):
		return ErrPast.At(field)
	case w.span.Start.Sub(now) < time.Duration(r.AheadMin)*time.Minute:
		return ErrTooLate.With("room", st.Title()).With("minutes", r.AheadMin).At(field)
	}
	if w.decides {
		return nil
	}
	if day.Sub(today) > r.AheadDays {
		from := day.Add(-r.AheadDays).At(0, st.zone)
		return ErrTooEarly.With("room", st.Title()).With("days", r.AheadDays).With("from", from).Add("from", from).At(field)
	}
	if minutes(w.span.End.Sub(w.span.Start)) > r.LongestMin {
		return ErrTooLong.With("room", st.Title()).With("minutes", r.LongestMin).Add("longest_min", r.LongestMin).At(errs.Field{Name: "end", Code: "other"})
	}
	return nil
}

// week is the Monday-to-Sunday of a moment.
func (st setting) week(i models.Instant) models.Span {
	day := models.DayOf(i, st.zone)
	monday := day.Add(-(int(day.Weekday()) + 6) % 7)
	return models.Span{Start: monday.At(0, st.zone), End: monday.Add(7).At(0, st.zone)}
}

// fair holds a wish to what one booker may have: no pause, so many a week, and
// online no more than leaves phone and window their share. The resources are locked.
func (st setting) fair(tx *db.Tx, w asked) error {
	if w.decides || w.whom.OrgID != nil {
		return nil
	}
	r := st.rule(w.booker())
	b := models.RoomBooking{ID: w.except, HolderID: w.whom.HolderID, PersonID: w.whom.PersonID, OrgID: w.whom.OrgID}
	until, err := pause.Until(tx, missOf(st, b))
	if err != nil {
		return err
	}
	if !until.IsZero() {
		return ErrPaused.With("from", until).Add("from", until)
	}
	if r.PerWeek > 0 {
		week := st.week(w.span.Start)
		n, err := countWeek(tx, st.VenueID, b, week)
		if err != nil {
			return err
		}
		if n >= r.PerWeek {
			return ErrPerWeek.With("venue", st.Venue).With("max", r.PerWeek).With("from", week.Start).With("until", week.End).
				Add("per_week", r.PerWeek).Add("from", week.End)
		}
	}
	return st.share(tx, w, r)
}

// deskUntil is until when the share of phone and window is kept.
const deskUntil = 24 * time.Hour

func (st setting) share(tx *db.Tx, w asked, r models.RoomRule) error {
	day := models.DayOf(w.span.Start, st.zone)
	midnight := day.At(0, st.zone)
	free := midnight.Add(-deskUntil)
	if w.atDesk() || r.DeskPercent == 0 || !tx.Now().Before(free) {
		return nil
	}
	open := 0
	for _, s := range st.hours(st.place, day, day) {
		open += minutes(s.End.Sub(s.Start))
	}
	taken, err := onlineMinutes(tx, st.ID, models.Span{Start: midnight, End: day.Add(1).At(0, st.zone)}, w.except)
	if err != nil {
		return err
	}
	if taken+minutes(w.span.End.Sub(w.span.Start)) > open*(100-r.DeskPercent)/100 {
		return ErrDeskShare.With("room", st.Title()).With("from", free).Add("from", free)
	}
	return nil
}

// check holds a wish to every rule; what else is possible comes with the refusal.
func (s *Service) check(tx *db.Tx, st setting, w asked) error {
	refusal := st.fits(w)
	if refusal == nil {
		refusal = st.timely(tx.Now(), w)
	}
	if refusal != nil {
		return s.withSuggestions(tx, st, w, refusal)
	}
	return st.fair(tx, w)
}
