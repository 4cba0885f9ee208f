package lecture

import (
	"cmp"
	"context"
	"slices"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// Similar is an order that another could be merged into, with what they have in
// common and what not: "topic", "org", "audience", "time", "place", "person".
// Whether they are alike is for whoever dispatches to judge.
type Similar struct {
	Order   Order
	Same    []string
	Differs []string
}

// Similar lists the orders in the actor's scope that one could be merged into,
// those that have most in common first.
func (s *Service) Similar(ctx context.Context, a auth.Actor, id string) (out []Similar, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out = nil
		o, err := s.visible(tx, a, id)
		if err != nil || !o.Staffed(a) {
			return err
		}
		all, err := living(tx, a)
		for _, x := range all {
			if x.Staffed(a) && s.joins(o, x) == nil {
				out = append(out, s.compare(o, x))
			}
		}
		slices.SortStableFunc(out, func(x, y Similar) int { return cmp.Compare(len(y.Same), len(x.Same)) })
		return err
	})
	return out, err
}

// compare says what two orders have in common.
func (s *Service) compare(o, lead Order) Similar {
	out := Similar{Order: lead}
	for _, x := range []struct {
		what string
		same bool
	}{
		{"topic", o.TopicID != nil && lead.TopicID != nil && *o.TopicID == *lead.TopicID || o.TopicID == nil && lead.TopicID == nil && o.Wish == lead.Wish},
		{"org", o.OrgID == lead.OrgID},
		{"audience", o.Audience == lead.Audience},
		{"time", s.meets(o, lead)},
		{"place", o.PlaceKind == lead.PlaceKind && o.Where() == lead.Where()},
	} {
		if x.same {
			out.Same = append(out.Same, x.what)
		} else {
			out.Differs = append(out.Differs, x.what)
		}
	}
	return out
}

// meets reports whether a time that one order wants would do for the other.
func (s *Service) meets(o, lead Order) bool {
	starts := []models.Instant{lead.FirstAt, lead.SecondAt}
	switch {
	case !lead.StartsAt.IsZero():
		starts = []models.Instant{lead.StartsAt}
	case lead.Flexible() && o.Flexible():
		return !o.UntilDay.Before(lead.FromDay) && !lead.UntilDay.Before(o.FromDay)
	case lead.Flexible():
		return s.meets(lead, o)
	}
	return slices.ContainsFunc(starts, func(at models.Instant) bool {
		if o.Flexible() {
			day := models.DayOf(at, s.Zone)
			return !at.IsZero() && !day.Before(o.FromDay) && !o.UntilDay.Before(day)
		}
		return !at.IsZero() && (at.Equal(o.FirstAt) || at.Equal(o.SecondAt))
	})
}

// joins refuses to merge an order into another: one that is itself merged or is
// not to be held any more, and a visit at home with anything but a visit at the
// same address, so that nobody is sent to a stranger's home.
func (s *Service) joins(o, lead Order) error {
	if lead.ID == o.ID || lead.MergedInto != nil || (!lead.State.Open() && lead.State != models.LectureAccepted) {
		return ErrNotSimilar
	}
	if o.PlaceKind != models.PlaceAddress && lead.PlaceKind != models.PlaceAddress {
		return nil
	}
	one, err := s.Box.Open(o.AddressEnc)
	if err != nil {
		return err
	}
	other, err := s.Box.Open(lead.AddressEnc)
	if err != nil {
		return err
	}
	if o.PlaceKind != lead.PlaceKind || one != other {
		return ErrNotSimilar.Worded("lecture.not_similar.home")
	}
	return nil
}

// Merge puts an order to another that whoever dispatches judges alike: one session
// for both, with the topic, the time and the place of the other. It follows that
// one from then on; who ordered either hears of it, and a team that has accepted.
// It returns ErrNotSimilar, ErrNotNow.
func (s *Service) Merge(ctx context.Context, a auth.Actor, id, into string) (Order, error) {
	return s.staff(ctx, a, id, func(tx *db.Tx, o *Order) error {
		lead, err := lockOrder(tx, into)
		if err != nil || !lead.Staffed(a) {
			return errs.FieldFault("into", "unknown")
		}
		if err := s.joins(*o, lead); err != nil {
			return err
		}
		if err := s.withdraw(tx, o.ID); err != nil {
			return err
		}
		moved, err := mergedInto(tx, o.ID) // those that follow it go along
		if err != nil {
			return err
		}
		o.MergedInto, o.SessionID = &lead.ID, lead.SessionID
		if err := s.move(tx, online(a, ""), o, models.LectureMerged); err != nil {
			return err
		}
		if err := follow(tx, o.ID, lead.ID); err != nil {
			return err
		}
		return s.tellMerged(tx, append(moved, *o), lead.ID)
	})
}
