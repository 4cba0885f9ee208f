package screening

import (
	"context"
	"fmt"
	"strings"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/models"
)

// Caller is somebody whom a clerk books for and who has no account here.
type Caller struct {
	Name  string
	Phone string // empty: no mobile; a clerk will ring or a neighbour tell
}

// Wish is what a person asks of a screening: chosen Seats or a Party, and for whom.
type Wish struct {
	ScreeningID int64
	Seats       []int64
	Party       models.Party
	PersonID    int64  // a kept dependant, or at the desk a known caller
	OrgID       int64  // the branch it is for
	Caller      Caller // at the desk
	Channel     models.Channel
	ReadBack    booking.ReadBack
	Key         idem.Key
}

// Book takes seats for the actor, for a dependant, for the actor's branch, or
// at the desk for anybody. Besides the kernel's refusals it returns
// ErrWhichBranch, ErrNotBranch and ErrDeskOnly.
func (s *Service) Book(ctx context.Context, a auth.Actor, w Wish) (booking.Placed, error) {
	o := booking.Order{Ask: booking.Ask{EventID: w.ScreeningID, Seats: w.Seats, Party: w.Party},
		Actor: a, Name: a.Name, Channel: models.ChannelOnline, ReadBack: w.ReadBack, Key: w.Key}
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		at, err := s.fixed.get(tx, w.ScreeningID)
		if err != nil {
			return err
		}
		o.Place = at.place
		if err := forBranch(tx, a, at.audience, w, &o); err != nil {
			return err
		}
		return forWhom(tx, a, w, &o)
	})
	switch {
	case err != nil:
		return booking.Placed{}, err
	case w.Caller.Name != "":
		return s.forCaller(ctx, a, w, o)
	}
	return s.kernel.Book(ctx, o)
}

// forBranch settles which branch a booking belongs to. At a screening for
// branches a secretary of one branch need not name it.
func forBranch(tx *db.Tx, a auth.Actor, audience models.Audience, w Wish, o *booking.Order) error {
	id := w.OrgID
	if id == 0 && audience == models.AudienceBranches {
		own := branchesOf(a)
		switch {
		case len(own) == 1:
			id = own[0]
		case len(own) > 1 || a.Can(auth.BookForOthers):
			return ErrWhichBranch.At(errs.Field{Name: "org_id", Code: "required"})
		default:
			return booking.ErrBranchesOnly
		}
	}
	if id == 0 {
		return nil
	}
	org, err := branch(tx, a, id)
	if err != nil {
		return err
	}
	o.OrgID, o.ForBranch, o.Name = &org.ID, true, org.Name
	return nil
}

// branchesOf lists the branches the actor is secretary of.
func branchesOf(a auth.Actor) []int64 {
	var out []int64
	for _, g := range a.Grants {
		if g.Role == auth.Branch {
			out = append(out, g.OrgID)
		}
	}
	return out
}

// branch returns a party branch that the actor may book for.
func branch(tx *db.Tx, a auth.Actor, id int64) (models.Org, error) {
	var org models.Org
	ok, err := tx.One(&org, `SELECT * FROM orgs WHERE id = ? AND archived_at IS NULL`, id)
	switch {
	case err != nil:
		return org, err
	case !ok || !a.CanAt(auth.BookForBranch, org.Path):
		return org, errs.FieldFault("org_id", "unknown")
	case org.Kind != models.OrgBranch:
		return org, ErrNotBranch.At(errs.Field{Name: "org_id", Code: "other"})
	}
	return org, nil
}

// forWhom settles holder, person and reach. Any desk of the district may book
// for its callers, whoever runs the hall.
func forWhom(tx *db.Tx, a auth.Actor, w Wish, o *booking.Order) error {
	desk := w.Caller.Name != "" || (w.Channel != "" && w.Channel != models.ChannelOnline)
	if desk {
		if !a.Can(auth.BookForOthers) {
			return ErrDeskOnly
		}
		o.Reach, o.Channel = booking.ReachDesk, w.Channel
		if o.Channel == "" || o.Channel == models.ChannelOnline {
			o.Channel = models.ChannelPhone
		}
	} else {
		o.HolderID = &a.AccountID
	}
	if w.PersonID == 0 {
		if desk && w.Caller.Name == "" && o.OrgID == nil {
			return errs.FieldFault("caller.name", "required")
		}
		return nil
	}
	p, path, err := person(tx, w.PersonID)
	if err != nil {
		return err
	}
	own := p.AccountID != nil && *p.AccountID == a.AccountID
	if !own && (!desk || !a.CanAt(auth.BookForOthers, path)) {
		return errs.FieldFault("person_id", "unknown")
	}
	o.PersonID, o.HolderID = &p.ID, p.AccountID
	if o.OrgID == nil {
		o.Name = p.Name
	}
	return nil
}

// person returns somebody kept under an account or by a desk, and the path of that desk.
func person(tx *db.Tx, id int64) (models.Person, string, error) {
	var row struct {
		models.Person
		Path string
	}
	ok, err := tx.One(&row, `SELECT p.*, COALESCE(o.path, '') AS path FROM people p LEFT JOIN orgs o ON o.id = p.org_id
		WHERE p.id = ? AND p.archived_at IS NULL`, id)
	if err == nil && !ok {
		err = errs.FieldFault("person_id", "unknown")
	}
	return row.Person, row.Path, err
}

// forCaller books for somebody whom the clerk's own organisation knows or now
// notes, in one transaction: a refusal leaves no trace of the caller.
func (s *Service) forCaller(ctx context.Context, a auth.Actor, w Wish, o booking.Order) (placed booking.Placed, err error) {
	orgs := a.OrgsWith(auth.BookForOthers)
	if len(orgs) == 0 {
		return placed, ErrDeskOnly
	}
	o.Key = idem.Key{} // answered here, before a second note is made of the caller
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		placed, err = idem.Once(tx, w.Key, func() (booking.Placed, error) {
			p, err := s.desk.EnsureDeskPerson(tx, a, orgs[0], strings.TrimSpace(w.Caller.Name), w.Caller.Phone)
			if err != nil {
				return booking.Placed{}, fmt.Errorf("caller: %w", err)
			}
			o.PersonID, o.HolderID = &p.ID, p.AccountID
			if o.OrgID == nil {
				o.Name = p.Name
			}
			return s.kernel.BookIn(tx, o)
		})
		return err
	})
	return placed, err
}
