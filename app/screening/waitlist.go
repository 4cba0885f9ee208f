package screening

import (
	"context"
	"strings"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/app/org"
	"youyue/models"
)

// ErrNoList: a branch has the whole hall, so there is nothing to wait for.
var ErrNoList = errs.New(errs.Conflict, "waitlist.whole_hall")

// Wait is an entry of a waiting list with what a reader needs to know of its
// screening.
type Wait struct {
	models.WaitEntry
	Ahead      int // parties before it; 0 when it waits no longer
	Title      string
	StartsAt   models.Instant
	EndsAt     models.Instant
	ClosesAt   models.Instant
	EventState models.EventState
	HallName   string
	Venue      string
	Address    string
	BranchPath string // of the entry's branch
	PlacePath  string // of who runs the hall
	DeskPath   string // of the desk that keeps the person
	Code       string // of the booking, once the offer is accepted
	Booked     models.BookingStatus
	Seats      []booking.SeatRef `gorm:"-"`
}

// Wait returns one entry that the actor may see.
func (s *Service) Wait(ctx context.Context, a auth.Actor, id int64) (w Wait, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { w, err = visibleWait(tx, a, id); return err })
	return w, err
}

// Waits lists the living entries of the actor and the actor's branches, the next
// screening first; of one screening when event is not 0.
func (s *Service) Waits(ctx context.Context, a auth.Actor, event int64) (out []Wait, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { out, err = ownWaits(tx, a, event); return err })
	return out, err
}

// List is the waiting list of a screening, in order, for its staff; those with an
// offer come last. errs.ErrForbidden at a hall outside the actor's scope.
func (s *Service) List(ctx context.Context, a auth.Actor, event int64) (v Show, out []Wait, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if v, err = ByID(tx, event); err != nil {
			return err
		}
		if !a.CanAt(auth.BookingRead, v.OrgPath) {
			return errs.ErrForbidden
		}
		out, err = waitsAt(tx, event)
		return err
	})
	return v, out, err
}

// Join puts a party on the waiting list of a screening: the actor's own, a
// dependant's, a branch's, or at the desk a caller's. Besides the kernel's
// refusals it returns those of Book, and ErrNoList.
func (s *Service) Join(ctx context.Context, a auth.Actor, w Wish) (out Wait, err error) {
	o := booking.Order{Ask: booking.Ask{EventID: w.ScreeningID, Party: w.Party}, Actor: a, Name: a.Name, Channel: models.ChannelOnline, ReadBack: w.ReadBack}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		v, err := ByID(tx, w.ScreeningID)
		switch {
		case err != nil:
			return err
		case v.BranchOrgID != nil:
			return ErrNoList
		}
		o := o
		o.Place = v.Venue + v.HallName
		if err := forBranch(tx, a, v.Audience, w, &o); err != nil {
			return err
		}
		if o.OrgID != nil {
			if err := org.Standing(tx, *o.OrgID); err != nil {
				return err
			}
		}
		if err := forWhom(tx, a, w, &o); err != nil {
			return err
		}
		id, err := idem.Once(tx, w.Key, func() (int64, error) {
			if err := s.caller(tx, a, w, &o); err != nil {
				return 0, err
			}
			x, err := s.kernel.Join(tx, o)
			return x.ID, err
		})
		if err != nil {
			return err
		}
		out, err = waitByID(tx, id)
		return err
	})
	return out, err
}

// Reply is what somebody does about an entry.
type Reply string

// The replies: to an offer, and to waiting itself.
const (
	ReplyAccept  Reply = "accept"
	ReplyDecline Reply = "decline"
	ReplyLeave   Reply = "leave"
)

// Answer accepts or declines an offer, or leaves the list: the party itself, its
// branch, or a desk on its behalf, which says by which way it was asked to.
func (s *Service) Answer(ctx context.Context, a auth.Actor, id int64, r Reply, channel models.Channel) (w Wait, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if w, err = visibleWait(tx, a, id); err != nil {
			return err
		}
		own, desk := w.answers(a)
		c := booking.Cancelling{Actor: a, Channel: models.ChannelOnline}
		switch {
		case !own && !desk:
			return errs.ErrForbidden
		case !own:
			if c.Channel = channel; c.Channel == "" || c.Channel == models.ChannelOnline {
				c.Channel = models.ChannelPhone
			}
		}
		if err := s.reply(tx, id, r, c); err != nil {
			return err
		}
		w, err = visibleWait(tx, a, id)
		return err
	})
	return w, err
}

// answers says in which role the actor may answer for a party.
func (w Wait) answers(a auth.Actor) (own, desk bool) {
	own = (w.OrgID == nil && w.HolderID != nil && *w.HolderID == a.AccountID) || (w.OrgID != nil && a.CanAt(auth.BookForBranch, w.BranchPath))
	return own, a.CanAt(auth.BookForOthers, w.PlacePath) || (w.DeskPath != "" && a.CanAt(auth.BookForOthers, w.DeskPath))
}

func (s *Service) reply(tx *db.Tx, id int64, r Reply, c booking.Cancelling) (err error) {
	switch r {
	case ReplyAccept:
		_, err = s.kernel.Accept(tx, id, c)
	case ReplyDecline:
		_, err = s.kernel.Decline(tx, id, c)
	case ReplyLeave:
		_, err = s.kernel.Leave(tx, id, c)
	}
	return err
}

// Fewer makes a waiting party smaller; it keeps its place.
func (s *Service) Fewer(ctx context.Context, a auth.Actor, id int64, count int) (w Wait, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if w, err = visibleWait(tx, a, id); err != nil {
			return err
		}
		own, desk := w.answers(a)
		c := booking.Cancelling{Actor: a, Channel: models.ChannelOnline}
		switch {
		case !own && !desk:
			return errs.ErrForbidden
		case !own:
			c.Channel = models.ChannelPhone
		}
		if _, err := s.kernel.Shrink(tx, id, count, c); err != nil {
			return err
		}
		w, err = visibleWait(tx, a, id)
		return err
	})
	return w, err
}

// MoveWait changes the order by hand, one place at a time, with a reason.
func (s *Service) MoveWait(ctx context.Context, a auth.Actor, id int64, d booking.Direction, reason string) (w Wait, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if w, err = visibleWait(tx, a, id); err != nil {
			return err
		}
		if !a.CanAt(auth.ScreeningWrite, w.PlacePath) {
			return errs.ErrForbidden
		}
		_, err := s.kernel.Reorder(tx, id, d, booking.Cancelling{Actor: a, Channel: models.ChannelOnline, Reason: strings.TrimSpace(reason)})
		if err != nil {
			return err
		}
		w, err = visibleWait(tx, a, id)
		return err
	})
	return w, err
}

// Offer returns what the link of an offer stands for. Who has the link is the
// party: nobody need sign in. It changes nothing.
func (s *Service) Offer(ctx context.Context, token string) (w Wait, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { w, err = behind(tx, token); return err })
	return w, err
}

func behind(tx *db.Tx, token string) (Wait, error) {
	x, err := booking.OfferBehind(tx, token)
	if err != nil {
		return Wait{}, err
	}
	return waitByID(tx, x.ID)
}

// byLink is who acts in the log when somebody answers by the link.
const byLink = "offer link"

// AnswerOffer accepts or declines by the link, with the same effect however
// often. It returns the kernel's refusals.
func (s *Service) AnswerOffer(ctx context.Context, token string, r Reply) (w Wait, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if w, err = behind(tx, token); err != nil {
			return err
		}
		c := booking.Cancelling{Actor: auth.Actor{Login: byLink}, Channel: models.ChannelOnline}
		if w.HolderID != nil {
			c.Actor.AccountID = *w.HolderID
		}
		if err := s.reply(tx, w.ID, r, c); err != nil {
			return err
		}
		w, err = behind(tx, token)
		return err
	})
	return w, err
}
