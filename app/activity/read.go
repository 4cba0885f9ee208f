package activity

import (
	"context"
	"slices"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/list"
	"youyue/models"
)

// View is an activity with its sessions, as everybody may read it.
type View struct {
	row
	Meetings  []Meeting
	Questions []models.ActivityQuestion
	Shares    []models.EventShare // of the next session's event
}

// Next is the session that a sign-up without a named one is for: the first that
// can still be joined, one whose place is agreed to before others, or the last of all.
func (v View) Next(now models.Instant) Meeting {
	var first *Meeting
	for i, m := range v.Meetings {
		if m.State != models.SessionPlanned || m.EventState != models.EventOpen || !now.Before(m.ClosesAt) {
			continue
		}
		if _, waits := v.awaits(m); !waits {
			return m
		}
		if first == nil {
			first = &v.Meetings[i]
		}
	}
	if first != nil {
		return *first
	}
	if n := len(v.Meetings); n > 0 {
		return v.Meetings[n-1]
	}
	return Meeting{}
}

// Draws reports whether entries are taken for a draw at the moment.
func (v View) Draws(now models.Instant) bool {
	return v.Choose == models.ChooseDraw && v.DrawnAt.IsZero()
}

func (s *Service) view(tx *db.Tx, id int64) (View, error) {
	r, err := activityByID(tx, id)
	if err != nil {
		return View{}, err
	}
	v := View{row: r}
	all, err := meetingsOf(tx, id)
	if err != nil {
		return v, err
	}
	if err := s.stand(tx, all, id); err != nil {
		return v, err
	}
	v.Meetings = all[id]
	if v.Questions, err = questionsOf(tx, id); err != nil {
		return v, err
	}
	shares, err := booking.Shares(tx, v.Next(tx.Now()).EventID)
	v.Shares = shares[v.Next(tx.Now()).EventID]
	return v, err
}

// Get returns one activity; errs.ErrNotFound when there is none.
func (s *Service) Get(ctx context.Context, id int64) (v View, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error { v, err = s.view(tx, id); return err })
	return v, err
}

// When narrows a programme down in time.
type When string

// The times that a programme is asked for.
const (
	Upcoming When = ""
	Today    When = "today"
	Week     When = "week"
	Past     When = "past"
)

// Programme is what of the activities is asked for. Near is a district, a
// community's organisation; 0 is everywhere.
type Programme struct {
	list.Query
	When     When
	Audience models.ActivityAudience
	Kind     models.ActivityKind
	Near     int64
}

// List pages through the activities, those that are on soonest first.
func (s *Service) List(ctx context.Context, q Programme) (list.Of[View], error) {
	var out []View
	var total int64
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		where, args := s.condition(tx, q)
		if q.Near != 0 {
			path, err := orgPath(tx, q.Near)
			if err != nil {
				return err
			}
			near, more := db.Below("o.path", []string{path})
			where, args = where+" AND "+near, append(args, more...)
		}
		_, size, offset := q.Window()
		order := `(SELECT MIN(s.starts_at) FROM activity_sessions s WHERE s.activity_id = a.id AND s.state = 'planned' AND s.ends_at > ?), a.id`
		if q.When == Past {
			order = `a.id DESC, ?`
		}
		rows, n, err := found(tx, where, args, s.ordered(tx, order), size, offset)
		if err != nil {
			return err
		}
		total = n
		ids := make([]int64, len(rows))
		for i, r := range rows {
			ids[i] = r.ID
		}
		all, err := meetingsOf(tx, ids...)
		if err == nil {
			err = s.stand(tx, all, ids...)
		}
		for _, r := range rows {
			out = append(out, View{row: r, Meetings: all[r.ID]})
		}
		return err
	})
	return list.New(q.Query, out, total), err
}

func (s *Service) condition(tx *db.Tx, q Programme) (where string, args []any) {
	now := tx.Now()
	today := models.DayOf(now, s.Zone)
	on := func(from, to models.Instant) {
		where = `a.state <> 'cancelled' AND EXISTS (SELECT 1 FROM activity_sessions s WHERE s.activity_id = a.id AND s.state = 'planned' AND s.starts_at < ? AND s.ends_at > ?)`
		args = []any{to, from}
	}
	switch q.When {
	case Today:
		on(now, today.Add(1).At(0, s.Zone))
	case Week:
		on(now, today.Add(7).At(0, s.Zone))
	case Past:
		where = `NOT EXISTS (SELECT 1 FROM activity_sessions s WHERE s.activity_id = a.id AND s.ends_at > ?)`
		args = []any{now}
	case Upcoming:
		on(now, now.Add(maxAhead+24*time.Hour))
	}
	if q.Audience != "" {
		where, args = where+` AND a.audience = ?`, append(args, q.Audience)
	}
	if q.Kind != "" {
		where, args = where+` AND a.kind = ?`, append(args, q.Kind)
	}
	return where, args
}

// ordered puts the moment of the transaction into an order.
func (s *Service) ordered(tx *db.Tx, order string) string {
	out := ""
	for _, r := range order {
		if r == '?' {
			out += "'" + tx.Now().String() + "'"
			continue
		}
		out += string(r)
	}
	return out
}

// Mine lists the sign-ups of the actor and of those kept under the account, the
// next first.
func (s *Service) Mine(ctx context.Context, a auth.Actor, past bool) (out []SignupRow, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		op, order := ">", "e.starts_at, g.uid"
		if past {
			op, order = "<=", "e.starts_at DESC, g.uid"
		}
		out, err = signupsWhere(tx, `g.holder_id = ? AND e.ends_at `+op+` ? ORDER BY `+order+` LIMIT 200`, a.AccountID, tx.Now())
		return err
	})
	return slices.DeleteFunc(out, func(r SignupRow) bool {
		return !past && r.Stands() == models.SignupCancelled && r.EventState == models.EventOpen
	}), err
}

// Waiter is a party on a list as everybody may see it: its turn and its size.
type Waiter struct {
	SignupRow
	Position int
	Mine     bool
}

// Waitlist is who waits for an activity's next session or another of its sessions,
// in the stated order, then who has an offer.
func (s *Service) Waitlist(ctx context.Context, a auth.Actor, id, session int64) (out []Waiter, staff bool, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		v, err := s.view(tx, id)
		if err != nil {
			return err
		}
		m := v.Next(tx.Now())
		for _, x := range v.Meetings {
			if x.ID == session {
				m = x
			}
		}
		staff = a.CanAt(auth.BookingRead, v.OrgPath)
		rows, err := signupsWhere(tx, `g.event_id = ? AND w.state IN ('waiting','offered') ORDER BY CASE w.state WHEN 'waiting' THEN 0 ELSE 1 END, w.rank, w.id`, m.EventID)
		n := 0
		for _, r := range rows {
			w := Waiter{SignupRow: r, Mine: r.HolderID != nil && *r.HolderID == a.AccountID}
			if r.WaitState == string(models.Waiting) {
				n++
				w.Position = n
			}
			out = append(out, w)
		}
		return err
	})
	return out, staff, err
}
