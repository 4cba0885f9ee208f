package room

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/list"
	"youyue/models"
)

// A partner who lends a venue is asked for every use of it. Bookings of rooms have
// their owner's yes in their own row; whatever else takes a room — the evenings of an
// activity, the slots of a contest — asks here, a set at a time. Whoever asks holds the
// time in the kernel already, so that nothing can clash while it waits.

// Asker is a feature that asks partners for times of its sets.
type Asker interface {
	// LockAsked keeps other writers of a set out until the transaction ends. It comes
	// before any lock of the ask, here and in the feature.
	LockAsked(tx *db.Tx, set int64) error
	// OwnerAnswered takes an answer to some times of a set: what was refused, or
	// lapsed, is to be given back.
	OwnerAnswered(tx *db.Tx, a auth.Actor, x models.OwnerAnswer) error
}

// AddAsker has a feature told of the answers to what it asks under a source kind.
func (s *Service) AddAsker(source string, x Asker) {
	if s.askers == nil {
		s.askers = map[string]Asker{}
	}
	s.askers[source] = x
}

// Ask is what a partner is asked for, as it is read.
type Ask struct {
	models.OwnerAsk
	Venue     string
	Owner     string
	OwnerPath string
	Org       string // who asks
	OrgPath   string
	Times     []AskTime `gorm:"-"`
}

// AskTime is one time of an ask, with the name of its room.
type AskTime struct {
	models.OwnerAskTime
	RoomName  string
	WholeName string
}

// Title is the room's.
func (t AskTime) Title() string { return Room{Name: t.RoomName, WholeName: t.WholeName}.Title() }

// Waiting are the times that can still be answered.
func (k Ask) Waiting(now models.Instant) (out []AskTime) {
	for _, t := range k.Times {
		if t.State == models.AskWanted && t.StartsAt.After(now) {
			out = append(out, t)
		}
	}
	return out
}

// mayAnswer reports whether the actor says yes or no for the partner.
func (k Ask) mayAnswer(a auth.Actor) bool { return a.CanAt(auth.RoomOwn, k.OwnerPath) }

func (k Ask) sees(a auth.Actor) bool {
	return k.mayAnswer(a) || a.CanAt(auth.BookingRead, k.OwnerPath) || a.CanAt(auth.BookingRead, k.OrgPath)
}

// AskOwners asks the partners who lend some rooms for times of a set, one ask for each
// venue; rooms of nobody's are passed over. Where the actor says yes for the partner it
// is given at once. The caller holds the lock of the set, and has the times.
func (s *Service) AskOwners(tx *db.Tx, a auth.Actor, q models.OwnerQuestion) error {
	if len(q.Times) == 0 {
		return nil
	}
	ids := make([]int64, len(q.Times))
	for i, t := range q.Times {
		ids[i] = t.RoomID
	}
	rows, err := roomsByID(tx, slices.Compact(slices.Sorted(slices.Values(ids)))...)
	if err != nil {
		return err
	}
	slices.SortFunc(rows, func(x, y Room) int { return cmp.Compare(x.VenueID, y.VenueID) })
	for len(rows) > 0 {
		n := slices.IndexFunc(rows, func(r Room) bool { return r.VenueID != rows[0].VenueID })
		if n < 0 {
			n = len(rows)
		}
		if rows[0].OwnerID != nil {
			if err := s.askFor(tx, a, q, rows[:n]); err != nil {
				return err
			}
		}
		rows = rows[n:]
	}
	return nil
}

// askFor asks one partner for the times of a set in rooms of one venue.
func (s *Service) askFor(tx *db.Tx, a auth.Actor, q models.OwnerQuestion, rooms []Room) error {
	at := rooms[0]
	k := models.OwnerAsk{SourceKind: q.Source, SourceID: q.SetID, VenueID: at.VenueID, OwnerID: *at.OwnerID, OrgID: q.OrgID, Title: q.Title, Path: q.Path,
		CreatedBy: a.AccountID, CreatedAt: tx.Now()}
	given := a.CanAt(auth.RoomOwn, at.OwnerPath)
	var times []models.OwnerAskTime
	for _, t := range q.Times {
		if !slices.ContainsFunc(rooms, func(r Room) bool { return r.ID == t.RoomID }) {
			continue
		}
		row := models.OwnerAskTime{SourceKind: q.Source, SourceID: q.SetID, ItemID: t.ItemID, RoomID: t.RoomID, StartsAt: t.Span.Start, EndsAt: t.Span.End, State: models.AskWanted}
		if given {
			row.State, row.DecidedBy, row.DecidedAt = models.AskGiven, &a.AccountID, tx.Now()
		}
		times = append(times, row)
	}
	slices.SortFunc(times, func(x, y models.OwnerAskTime) int {
		return cmp.Or(cmp.Compare(x.StartsAt.Sub(y.StartsAt), 0), cmp.Compare(x.RoomID, y.RoomID))
	})
	k.Deadline = deadline(tx.Now(), times[0].StartsAt, decideWithin)
	id, err := insertAsk(tx, k, times)
	if err != nil {
		return err
	}
	ask, err := askByID(tx, id)
	if err != nil {
		return err
	}
	if err := s.askLine(tx, a, ask, string(times[0].State), ask.Times, ""); err != nil || given {
		return err
	}
	return s.tellAsked(tx, ask)
}

// WithdrawAsks takes back what was asked for some items of a set, or with none for all
// of it: the times are not wanted any more, and a yes to them holds for nothing else.
// The partner is told of what had been agreed to, or waited. The caller holds the lock
// of the set.
func (s *Service) WithdrawAsks(tx *db.Tx, a auth.Actor, source string, set int64, items ...int64) error {
	gone, err := livingTimes(tx, source, set, items)
	if err != nil || len(gone) == 0 {
		return err
	}
	if err := settleTimes(tx, gone, models.AskWithdrawn, a, ""); err != nil {
		return err
	}
	for len(gone) > 0 {
		id := gone[0].AskID
		n := slices.IndexFunc(gone, func(t AskTime) bool { return t.AskID != id })
		if n < 0 {
			n = len(gone)
		}
		ask, err := askByID(tx, id)
		if err != nil {
			return err
		}
		if err := s.askLine(tx, a, ask, string(models.AskWithdrawn), gone[:n], ""); err != nil {
			return err
		}
		if err := s.tellWithdrawn(tx, a, ask, gone[:n]); err != nil {
			return err
		}
		gone = gone[n:]
	}
	return nil
}

// Standings tells how the asks for some sets stand, by set; a set that asks nobody has
// none.
func (s *Service) Standings(tx *db.Tx, source string, sets ...int64) (map[int64]models.OwnerStandings, error) {
	return standings(tx, source, sets)
}

// Unplaced lists the items without a place by sets: refused, or not answered, and to
// begin until a moment.
func (s *Service) Unplaced(tx *db.Tx, source string, until models.Instant) (models.OwnerStandings, error) {
	return unplaced(tx, source, until)
}

// askLine notes in the audit log what became of some times.
func (s *Service) askLine(tx *db.Tx, a auth.Actor, k Ask, action string, times []AskTime, reason string) error {
	channel := models.ChannelOnline
	if a.Login == robot.Login {
		channel = models.ChannelJob
	}
	l := audit.By(tx, a, channel)
	l.Action, l.SubjectKind, l.SubjectID, l.OrgID, l.Reason = "owner_ask."+action, "owner_ask", strconv.FormatInt(k.ID, 10), &k.OwnerID, reason
	l.After = k.Venue + " " + k.Title
	for _, t := range times {
		l.After += ", " + t.StartsAt.String() + "–" + t.EndsAt.String()
	}
	return audit.Write(tx, l)
}

// Asks lists what waits for the actor's answer, the next deadline first; for one who
// answers nothing, what waits where the actor reads bookings. With all it is every ask
// that the actor may see, the newest first.
func (s *Service) Asks(ctx context.Context, a auth.Actor, q AskQuery) (out list.Of[Ask], err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		rows, total, err := listAsks(tx, a, q)
		out = list.New(q.Query, rows, total)
		return err
	})
	return out, err
}

// AskQuery narrows a list of asks.
type AskQuery struct {
	list.Query
	All bool // decided ones too
}

// Ask returns what a partner was asked for; errs.ErrNotFound where the actor may not
// see it.
func (s *Service) Ask(ctx context.Context, a auth.Actor, id int64) (k Ask, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { k, err = visibleAsk(tx, a, id); return err })
	return k, err
}

func visibleAsk(tx *db.Tx, a auth.Actor, id int64) (Ask, error) {
	k, err := askByID(tx, id)
	if err == nil && !k.sees(a) {
		return Ask{}, errs.ErrNotFound
	}
	return k, err
}
