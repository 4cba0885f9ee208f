package lecture

import (
	"context"
	"strings"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/notify"
	"youyue/models"
)

// WishAsk is something that is not on the menu, as it is told.
type WishAsk struct {
	OrgID    int64
	Text     string
	Audience models.LectureAudience
	Whom     Whom
}

// Wish is a line of the wish list as it is read.
type Wish struct {
	models.LectureWish
	OrgName string
	OrgPath string
	Same    int // wishes that were merged into it
}

// AddWish puts a line on the wish list of a community.
func (s *Service) AddWish(ctx context.Context, a auth.Actor, in WishAsk) (w Wish, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := orgOf(tx, in.OrgID); err != nil {
			return err
		}
		text := strings.TrimSpace(in.Text)
		if text == "" {
			return errs.FieldFault("text", "required")
		}
		b, err := s.bearer(tx, a, in.Whom)
		if err != nil {
			return err
		}
		row := models.LectureWish{OrgID: in.OrgID, Text: text, Audience: in.Audience, HolderID: b.HolderID, PersonID: b.PersonID, Name: b.Name,
			Channel: b.Channel, State: models.WishOpen, CreatedBy: a.AccountID, CreatedAt: tx.Now()}
		if err := tx.Insert(&row); err != nil {
			return err
		}
		if err := noteWish(tx, a, row, ""); err != nil {
			return err
		}
		if w, err = oneWish(tx, row.ID); err != nil {
			return err
		}
		return s.tellWished(tx, w)
	})
	return w, err
}

// Wishes lists the open wishes of the communities that the actor reads, the
// oldest first.
func (s *Service) Wishes(ctx context.Context, a auth.Actor) (out []Wish, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		where, args := db.Below("g.path", a.Scope(auth.LectureRead))
		out, err = wishes(tx, "w.state = 'open' AND "+where+" ORDER BY w.id", args...)
		return err
	})
	return out, err
}

// Wish returns one wish that staff of its community may see.
func (s *Service) Wish(ctx context.Context, a auth.Actor, id int64) (w Wish, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if w, err = oneWish(tx, id); err == nil && !a.CanAt(auth.LectureRead, w.OrgPath) {
			err = errs.ErrNotFound
		}
		return err
	})
	return w, err
}

// MergeWish puts a wish to one that asks for the same.
func (s *Service) MergeWish(ctx context.Context, a auth.Actor, id, into int64) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		w, err := s.openWish(tx, a, id)
		if err != nil {
			return err
		}
		lead, err := s.openWish(tx, a, into)
		if err != nil || lead.ID == w.ID {
			return errs.FieldFault("into", "unknown")
		}
		same, err := sameWishes(tx, w.ID)
		if err != nil {
			return err
		}
		w.State, w.MergedInto = models.WishMerged, &lead.ID
		if err := s.putWish(tx, a, w, ""); err != nil {
			return err
		}
		if err := leadWishes(tx, w.ID, lead.ID); err != nil {
			return err
		}
		return s.tellWishers(tx, append(same, w), notify.LectureWishMerged, map[string]string{"list": lead.Text})
	})
}

// CloseWish ends a wish that cannot be met, with the reason, which those who
// wished for it hear.
func (s *Service) CloseWish(ctx context.Context, a auth.Actor, id int64, reason string) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		w, err := s.openWish(tx, a, id)
		if err != nil {
			return err
		}
		if reason = strings.TrimSpace(reason); reason == "" {
			return ErrReason.At(errs.Field{Name: "reason", Code: "required"})
		}
		return s.endWish(tx, a, w, models.WishClosed, reason, notify.LectureWishClosed, map[string]string{"reason": reason})
	})
}

// granted turns a wish into an order that staff have just placed.
func (s *Service) granted(tx *db.Tx, a auth.Actor, id int64, o Order) error {
	w, err := s.openWish(tx, a, id)
	if err != nil {
		return err
	}
	return s.endWish(tx, a, w, models.WishOrdered, o.ID, notify.LectureWishOrdered, nil)
}

// endWish ends a wish and those that were merged into it, and tells who wished.
func (s *Service) endWish(tx *db.Tx, a auth.Actor, w Wish, to models.WishState, reason, kind string, vars map[string]string) error {
	same, err := sameWishes(tx, w.ID)
	if err != nil {
		return err
	}
	w.State = to
	if err := s.putWish(tx, a, w, reason); err != nil {
		return err
	}
	return s.tellWishers(tx, append(same, w), kind, vars)
}

// wisher is whose the order is that a wish becomes: whoever wished.
func (s *Service) wisher(tx *db.Tx, a auth.Actor, id int64) (booking.Bearer, error) {
	w, err := s.openWish(tx, a, id)
	return booking.Bearer{HolderID: w.HolderID, PersonID: w.PersonID, Name: w.Name, Channel: w.Channel}, err
}

func (s *Service) openWish(tx *db.Tx, a auth.Actor, id int64) (Wish, error) {
	w, err := oneWish(tx, id)
	switch {
	case err != nil:
		return w, err
	case !a.CanAt(auth.LectureDispatch, w.OrgPath):
		return w, errs.ErrNotFound
	case w.State != models.WishOpen:
		return w, ErrNotNow.Worded("lecture.wish_not_now")
	}
	return w, nil
}

func (s *Service) putWish(tx *db.Tx, a auth.Actor, w Wish, reason string) error {
	n, err := saveWish(tx, w.LectureWish)
	if err == nil && n == 0 {
		err = db.ErrAgain
	}
	if err != nil {
		return err
	}
	return noteWish(tx, a, w.LectureWish, reason)
}

func noteWish(tx *db.Tx, a auth.Actor, w models.LectureWish, reason string) error {
	line := audit.By(tx, a, w.Channel)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID = "lecture.wish", "lecture_wish", itoa(w.ID), &w.OrgID
	line.PersonID, line.After, line.Reason = w.PersonID, string(w.State), reason
	return audit.Write(tx, line)
}
