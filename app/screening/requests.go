package screening

import (
	"context"
	"fmt"
	"slices"
	"time"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/app/list"
	"youyue/app/venue"
	"youyue/models"
)

// How long a request may stay undecided, and how many times one branch may hold
// at once; what it asks for beyond that queues without holding. Ours.
const (
	decideWithin = 72 * time.Hour
	decideBefore = 12 * time.Hour // at the latest before the start
	answerWithin = 48 * time.Hour // the branch's answer to another time
	maxHolds     = 5
)

// HallWish is a branch's wish for the whole hall; no screening need exist.
type HallWish struct {
	HallID    int64 // 0: the only hall
	FilmID    int64
	OrgID     int64 // 0: the actor's only branch
	StartsAt  models.Instant
	Headcount int
	Purpose   string
	Oath      WithOath
	Channel   models.Channel
	Key       idem.Key
}

// WithOath says whether the oath (宣誓) is said before the film.
type WithOath bool

// RequestView is a request as it is read.
type RequestView struct {
	models.HallRequest
	FilmTitle  string
	RuntimeMin int
	HallName   string
	OrgName    string
	OrgPath    string  // of the branch
	PlacePath  string  // of who runs the hall
	Shown      Showing `gorm:"embedded"`
	Rivals     []Rival `gorm:"-"`
}

// Rival is another request for some of the same time.
type Rival struct {
	ID        int64          `json:"id"`
	OrgName   string         `json:"org"`
	FilmTitle string         `json:"film"`
	StartsAt  models.Instant `json:"starts_at"`
	Headcount int            `json:"headcount"`
	Holds     bool           `json:"holds"`
}

// Request returns one request with its rivals.
func (s *Service) Request(ctx context.Context, a auth.Actor, id int64) (v RequestView, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { v, err = request(tx, a, id); return err })
	return v, err
}

// Requests lists the requests the actor may see, those to decide first.
func (s *Service) Requests(ctx context.Context, a auth.Actor, q list.Query, status models.HallRequestStatus) (out list.Of[RequestView], err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		rows, total, err := requestsOf(tx, a, q, status)
		if err != nil {
			return err
		}
		for i := range rows {
			if rows[i].Rivals, err = rivals(tx, rows[i].HallRequest); err != nil {
				return err
			}
		}
		out = list.New(q, rows, total)
		return nil
	})
	return out, err
}

// AskHall asks for the whole hall. When the time is free the request holds it
// until its deadline; behind another pending request it queues. A time that a
// screening has is refused with ErrHallBusy.
func (s *Service) AskHall(ctx context.Context, a auth.Actor, w HallWish) (v RequestView, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		id, err := idem.Once(tx, w.Key, func() (int64, error) { return s.askHall(tx, a, w) })
		if err != nil {
			return err
		}
		v, err = request(tx, a, id)
		return err
	})
	return v, err
}

func (s *Service) askHall(tx *db.Tx, a auth.Actor, w HallWish) (int64, error) {
	org, err := askingBranch(tx, a, w.OrgID)
	if err != nil {
		return 0, err
	}
	hall, film, err := s.place(tx, w.HallID, w.FilmID)
	if err != nil {
		return 0, err
	}
	span, occupied := hallSpans(w.StartsAt, film, w.Oath)
	if err := s.allowed(tx, film, span); err != nil {
		return 0, err
	}
	plan, err := s.kernel.Plan(tx, *hall.PlanID)
	if err != nil {
		return 0, err
	}
	if w.Headcount > plan.ForSale() {
		return 0, ErrHeadcount.With("max", plan.ForSale()).At(errs.Field{Name: "headcount", Code: "max", Args: map[string]any{"param": plan.ForSale()}})
	}
	if err := booking.LockResources(tx, hall.ID); err != nil {
		return 0, err
	}
	if err := s.early(tx, a, hall, film, w.StartsAt, occupied); err != nil {
		return 0, err
	}
	if err := s.released(tx, hall.ID, film, occupied); err != nil {
		return 0, err
	}
	holds, err := s.mayHold(tx, hall, film, org, occupied)
	if err != nil {
		return 0, err
	}
	if hall, err = venue.Get(tx, hall.ID); err != nil { // under the lock: who confirms, and when
		return 0, err
	}
	if w.Channel == "" {
		w.Channel = models.ChannelOnline
	}
	q := models.HallRequest{HallID: hall.ID, FilmID: film.ID, OrgID: org.ID, HolderID: a.AccountID, StartsAt: w.StartsAt,
		SpanStart: occupied.Start, SpanEnd: occupied.End, Headcount: w.Headcount, Purpose: w.Purpose, Oath: bool(w.Oath),
		Status: models.HallPending, Holds: holds, Deadline: deadline(tx.Now(), w.StartsAt, decideWithin), Channel: w.Channel,
		CreatedBy: a.AccountID, CreatedAt: tx.Now()}
	if hall.Confirm == models.ConfirmBefore {
		q.Status = models.HallConfirming
	}
	if err := insertRequest(tx, &q); err != nil {
		return 0, err
	}
	if holds {
		if err := s.hold(tx, q); err != nil {
			return 0, err
		}
	}
	if err := s.note(tx, a, q, hall.OrgID, "hall_request.ask", "", fmt.Sprintf("%s %s, %d people, holds %t", film.Title, q.StartsAt, q.Headcount, holds), ""); err != nil {
		return 0, err
	}
	if q.Status == models.HallConfirming {
		return q.ID, s.tellOperators(tx, q, film.Title, org.Name, hall)
	}
	return q.ID, s.tellSchedulers(tx, q, film, org, hall)
}

// early holds a wish to the hall's lead time. Whoever decides about the hall knows
// whether it can still be done, and is not held to it.
func (s *Service) early(tx *db.Tx, a auth.Actor, hall venue.Hall, film models.Film, start models.Instant, occupied models.Span) error {
	earliest := tx.Now().Add(time.Duration(hall.LeadHours) * time.Hour)
	if !start.Before(earliest) || a.CanAt(auth.HallDecide, hall.OrgPath) {
		return nil
	}
	length := occupied.End.Sub(occupied.Start)
	free, err := s.slots(tx, hall.ID, film, models.Span{Start: earliest, End: earliest.Add(length)})
	if err != nil {
		return err
	}
	free = slices.DeleteFunc(free, func(x Slot) bool { return x.StartsAt.Before(earliest) })
	e := ErrLead.With("hours", hall.LeadHours).With("earliest", earliest).Add("earliest", earliest).Add("alternatives", free).
		At(errs.Field{Name: "starts_at", Code: "other"})
	if len(free) > 0 {
		return e.With("instead", free[0].StartsAt).Worded("hall_request.lead.instead")
	}
	return e
}

func hallSpans(start models.Instant, film models.Film, oath WithOath) (event, occupied models.Span) {
	oathMin := 0
	if oath {
		oathMin = models.DefaultOathMin
	}
	return models.ScreeningSpans(start, oathMin, film.RuntimeMin, models.DefaultCleanupMin)
}

// deadline is the earlier of a fixed time from now and a while before the start,
// but never so early that nobody could decide.
func deadline(now, start models.Instant, within time.Duration) models.Instant {
	d := now.Add(within)
	if latest := start.Add(-decideBefore); latest.Before(d) {
		d = latest
	}
	if soonest := now.Add(time.Hour); d.Before(soonest) {
		d = soonest
	}
	if d.After(start) {
		d = start
	}
	return d
}

// mayHold says whether a new request gets the time: it is free, and the branch
// does not hold too many already. ErrHallBusy when a screening has it.
func (s *Service) mayHold(tx *db.Tx, hall venue.Hall, film models.Film, org models.Org, occupied models.Span) (bool, error) {
	clashes, err := booking.Clashes(tx, booking.Claim{ResourceID: hall.ID, Span: occupied})
	if err != nil {
		return false, err
	}
	if slices.ContainsFunc(clashes, func(c booking.Clash) bool { return c.Source.Kind != kindRequest }) {
		return false, s.busy(tx, hall.ID, film, occupied, clashes)
	}
	if len(clashes) > 0 {
		return false, nil
	}
	n, err := holding(tx, org.ID)
	return n < maxHolds, err
}

func (s *Service) hold(tx *db.Tx, q models.HallRequest) error {
	clashes, err := booking.Reserve(tx, source(q.ID), booking.Claim{ResourceID: q.HallID, Span: q.Span()})
	if err == nil && len(clashes) > 0 {
		err = fmt.Errorf("hall request %d: time was free under the lock and is not", q.ID)
	}
	return err
}

func source(id int64) booking.Source { return booking.Source{Kind: kindRequest, ID: id} }

// BusyWith is what a hall is occupied by, for people.
type BusyWith struct {
	Kind     string         `json:"kind"` // screening, hall_request or hall_block
	Title    string         `json:"title"`
	StartsAt models.Instant `json:"starts_at"`
	EndsAt   models.Instant `json:"ends_at"`
}

// Slot is a start that is free.
type Slot struct {
	StartsAt models.Instant `json:"starts_at"`
	EndsAt   models.Instant `json:"ends_at"`
}

// busy explains a clash and offers other starts inside the licence and the
// hours people come.
func (s *Service) busy(tx *db.Tx, hallID int64, film models.Film, occupied models.Span, clashes []booking.Clash) error {
	with, err := InTheWay(tx, clashes)
	if err != nil {
		return err
	}
	free, err := s.slots(tx, hallID, film, occupied)
	if err != nil {
		return err
	}
	e := ErrHallBusy.With("title", with[0].Title).With("from", with[0].StartsAt).With("to", with[0].EndsAt).
		Add("clashes", with).Add("alternatives", free).At(errs.Field{Name: "starts_at", Code: "other"})
	key := "screening.hall_busy"
	if with[0].Kind == kindHallBlock {
		key = "screening.hall_blocked"
	}
	if len(free) > 0 {
		return e.With("instead", free[0].StartsAt).Worded(key)
	}
	return e.Worded(key + ".nothing_free")
}

// The hours people come to the hall: first and last start, in minutes of the day.
const (
	firstStart = 9 * 60
	lastStart  = 20 * 60
)

// slots offers other starts: on each of the next days with room, from the wanted
// day on, the free start nearest to the hour that was wanted.
func (s *Service) slots(tx *db.Tx, hallID int64, film models.Film, wanted models.Span) ([]Slot, error) {
	minute := func(i models.Instant) int { t := i.In(s.zone); return t.Hour()*60 + t.Minute() }
	day := func(i models.Instant) string { return i.In(s.zone).Format(time.DateOnly) }
	t := wanted.Start.In(s.zone)
	from := models.InstantOf(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, s.zone))
	if from.Before(tx.Now()) {
		from = tx.Now()
	}
	length := wanted.End.Sub(wanted.Start)
	hall, err := venue.Get(tx, hallID)
	if err != nil {
		return nil, err
	}
	open, err := openHours(tx, hall, models.Span{Start: from, End: from.Add(slotHorizon + length)})
	if err != nil {
		return nil, err
	}
	all, err := booking.FirstFree(tx, hallID, from, length, slotStep, slotHorizon, 2000, func(sp models.Span) bool {
		m := minute(sp.Start)
		return m >= firstStart && m <= lastStart && film.Licensed(sp) && sp.Start.After(tx.Now()) && open(sp)
	})
	out := []Slot{}
	for i, sp := range all {
		off := func(x models.Span) int {
			return max(minute(x.Start)-minute(wanted.Start), minute(wanted.Start)-minute(x.Start))
		}
		switch {
		case i == 0 || day(all[i-1].Start) != day(sp.Start):
			if len(out) == maxSlots {
				return out, err
			}
			out = append(out, Slot{sp.Start, sp.End})
		case off(sp) < off(models.Span{Start: out[len(out)-1].StartsAt}):
			out[len(out)-1] = Slot{sp.Start, sp.End}
		}
	}
	return out, err
}

func (s *Service) note(tx *db.Tx, a auth.Actor, q models.HallRequest, placeOrg int64, action, before, after, reason string) error {
	line := audit.By(tx, a, q.Channel)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID = action, kindRequest, fmt.Sprint(q.ID), &placeOrg
	line.Before, line.After, line.Reason = before, after, reason
	return audit.Write(tx, line)
}
