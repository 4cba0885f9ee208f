package contest

import (
	"context"
	"strconv"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// Changes are what of an announced contest can be written anew. Its times are moved
// with MoveDay, AddSlot and DropSlot; places kept for sub-districts stand.
type Changes struct {
	Title     string
	Summary   string
	Detail    string
	Phone     string
	ClosesAt  models.Instant
	Divisions []DivisionChange
}

// DivisionChange is a division's own part of it.
type DivisionChange struct {
	ID          int64
	Name        string
	Places      int
	MinMembers  int
	MaxMembers  int
	Substitutes int
	MinAge      int
	MaxAge      int
	MaxLength   int // seconds
	PerTeam     int
	Advance     int
}

// Change writes an announced contest anew. More places go to the waiting list at
// once; narrower bounds must fit every team that has entered. Closing later opens the
// entries again. It returns field faults, ErrOver, ErrBreaks, booking.ErrPlaces,
// errs.ErrForbidden.
func (s *Service) Change(ctx context.Context, a auth.Actor, contest int64, p Changes) (c Contest, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		before, err := s.staffed(tx, a, auth.ContestWrite, contest)
		if err != nil {
			return err
		}
		if err := p.check(before); err != nil {
			return err
		}
		row := before.Contest
		row.Title, row.Summary, row.Detail, row.Phone, row.ClosesAt = p.Title, p.Summary, p.Detail, p.Phone, p.ClosesAt
		if tx.Now().Before(p.ClosesAt) {
			row.ShutAt = models.Instant{}
		}
		if err := saveContest(tx, row); err != nil {
			return err
		}
		for _, d := range p.Divisions {
			if err := s.changeDivision(tx, a, before, p.ClosesAt, d); err != nil {
				return err
			}
		}
		l := audit.By(tx, a, models.ChannelOnline)
		l.Action, l.SubjectKind, l.SubjectID, l.OrgID = "contest.change", "contest", strconv.FormatInt(contest, 10), &before.OrgID
		l.Before, l.After = before.ClosesAt.String()+" "+before.Title, p.ClosesAt.String()+" "+p.Title
		if err := audit.Write(tx, l); err != nil {
			return err
		}
		c, err = s.read(tx, contest)
		return err
	})
	return c, err
}

func (p *Changes) check(c Contest) error {
	var f faults
	f.line("title", &p.Title, maxTitle, true)
	f.line("phone", &p.Phone, 20, false)
	f.lines("summary", &p.Summary, 300)
	f.lines("detail", &p.Detail, maxText)
	if !c.OpensAt.Before(p.ClosesAt) || p.ClosesAt.Before(c.GiveBackAt) {
		f.add("closes_at", "contest_window")
	}
	for _, x := range c.Slots {
		if x.Kind == models.SlotStage && x.StartsAt.Before(p.ClosesAt) {
			f.add("closes_at", "contest_before_close")
			break
		}
	}
	if len(p.Divisions) != len(c.Divisions) {
		f.add("divisions", "unknown")
	}
	for i := range p.Divisions {
		d, at := &p.Divisions[i], "divisions["+strconv.Itoa(i)+"]."
		if _, ok := c.Division(d.ID); !ok {
			f.add(at+"id", "unknown")
		}
		plan := DivisionPlan{Name: d.Name, Places: d.Places, MinMembers: d.MinMembers, MaxMembers: d.MaxMembers, Substitutes: d.Substitutes,
			MinAge: d.MinAge, MaxAge: d.MaxAge, MaxLength: d.MaxLength, PerTeam: d.PerTeam}
		plan.bounds(&f, at)
		d.Name, d.PerTeam = plan.Name, plan.PerTeam
		if c.heat(d.ID).Kind == models.RoundHeat {
			f.between(at+"advance", d.Advance, 1, max(d.Places, 1))
		}
	}
	return f.err()
}

// changeDivision writes a division anew, and the kernel's event of its places.
func (s *Service) changeDivision(tx *db.Tx, a auth.Actor, c Contest, closes models.Instant, p DivisionChange) error {
	was, _ := c.Division(p.ID)
	d := was.ContestDivision
	d.Name, d.MinMembers, d.MaxMembers, d.Substitutes, d.MinAge, d.MaxAge = p.Name, p.MinMembers, p.MaxMembers, p.Substitutes, p.MinAge, p.MaxAge
	d.MaxLength, d.PerTeam = p.MaxLength, p.PerTeam
	if d != was.ContestDivision {
		if err := s.fits(tx, c, Division{ContestDivision: d}); err != nil {
			return err
		}
		if err := saveDivision(tx, d); err != nil {
			return err
		}
	}
	heat := c.heat(p.ID)
	if heat.Kind == models.RoundHeat && heat.Advance != p.Advance {
		if err := setAdvance(tx, heat.ID, p.Advance); err != nil {
			return err
		}
	}
	events, err := booking.LockEvents(tx, d.EventID)
	if err != nil {
		return err
	}
	e := events[d.EventID]
	if p.Places != was.Places {
		if err := s.kernel.Resize(tx, a, e, p.Places); err != nil {
			return err
		}
	}
	if closes.Equal(c.ClosesAt) {
		return nil
	}
	return s.kernel.Reschedule(tx, d.EventID, models.Span{Start: e.StartsAt, End: e.EndsAt}, closes, e.CancelUntil)
}

// fits refuses bounds that a team which has entered would break.
func (s *Service) fits(tx *db.Tx, c Contest, d Division) error {
	teams, err := entries(tx, "e.division_id = ? AND e.state IN ('waiting', 'submitted', 'returned', 'approved') ORDER BY e.number", d.ID)
	if err != nil {
		return err
	}
	for _, e := range teams {
		if !e.State.Living() {
			continue
		}
		if bad := d.faults(c.Day(s.zone).Year, e.Members, e.Length); bad != nil {
			return ErrBreaks.With("team", e.Team).With("division", d.Name).At(errs.As(bad).Fields...)
		}
	}
	return nil
}
