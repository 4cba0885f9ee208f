package screening

import (
	"context"
	"errors"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/app/org"
	"youyue/models"
)

// Wish is what a person asks of a screening: chosen Seats or a Party, and for whom.
type Wish struct {
	ScreeningID int64
	Seats       []int64
	Party       models.Party
	PersonID    int64          // a kept dependant, or at the desk a known caller
	OrgID       int64          // the branch it is for
	Caller      booking.Caller // at the desk
	Channel     models.Channel
	ReadBack    booking.ReadBack
	Key         idem.Key
}

// Book takes seats for the actor, for a dependant, for the actor's branch, or
// at the desk for anybody. Besides the kernel's refusals it returns
// ErrWhichBranch, ErrNotBranch and booking.ErrDeskOnly.
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
	b, err := branch(tx, a, id)
	if err != nil {
		return err
	}
	o.OrgID, o.ForBranch, o.Name = &b.ID, true, b.Name
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

// standingBranch is branch in a transaction that counts what the branch has and
// writes more: nobody does so too, closes or merges it meanwhile.
func standingBranch(tx *db.Tx, a auth.Actor, id int64) (models.Org, error) {
	err := org.StandingAlone(tx, id)
	switch {
	case errors.Is(err, errs.ErrNotFound):
		return models.Org{}, errs.FieldFault("org_id", "unknown")
	case err != nil:
		return models.Org{}, err
	}
	return branch(tx, a, id)
}

// askingBranch is standingBranch of the branch that asks for something; 0 is the
// actor's only one, ErrWhichBranch where that is no answer.
func askingBranch(tx *db.Tx, a auth.Actor, id int64) (models.Org, error) {
	if id == 0 {
		own := branchesOf(a)
		if len(own) != 1 {
			return models.Org{}, ErrWhichBranch.At(errs.Field{Name: "org_id", Code: "required"})
		}
		id = own[0]
	}
	return standingBranch(tx, a, id)
}

// forWhom settles whose booking it is, but for a caller not yet known.
func forWhom(tx *db.Tx, a auth.Actor, w Wish, o *booking.Order) error {
	whom := booking.Whom{PersonID: w.PersonID, Caller: w.Caller, Channel: w.Channel}
	if o.OrgID != nil {
		whom.Org = &models.Org{ID: *o.OrgID, Name: o.Name}
	}
	b, err := booking.BearerOf(tx, a, whom)
	o.For(b)
	return err
}

// caller notes a caller who is not known yet.
func (s *Service) caller(tx *db.Tx, a auth.Actor, w Wish, o *booking.Order) error {
	if w.Caller.Name == "" {
		return nil
	}
	b, err := o.Bearer().ForCaller(tx, a, s.desk, w.Caller)
	o.For(b)
	return err
}

// forCaller books for a caller in one transaction: a refusal leaves no trace of
// who rang.
func (s *Service) forCaller(ctx context.Context, a auth.Actor, w Wish, o booking.Order) (booking.Placed, error) {
	placed, err := s.callerBooks(ctx, a, w, o)
	if s.kernel.Lapsed(ctx, o.EventID, err) {
		return s.callerBooks(ctx, a, w, o)
	}
	return placed, err
}

func (s *Service) callerBooks(ctx context.Context, a auth.Actor, w Wish, o booking.Order) (placed booking.Placed, err error) {
	o.Key = idem.Key{} // answered here, before a second note is made of the caller
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		placed, err = idem.Once(tx, w.Key, func() (booking.Placed, error) {
			if err := s.caller(tx, a, w, &o); err != nil {
				return booking.Placed{}, err
			}
			return s.kernel.BookIn(tx, o)
		})
		return err
	})
	return placed, err
}
