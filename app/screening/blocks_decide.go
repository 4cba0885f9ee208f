package screening

import (
	"context"
	"errors"
	"strconv"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/notify"
	"youyue/models"
)

// held is a pending request whose booking and event are locked: nobody else
// decides about it, and nothing of it is stale.
type held struct {
	BlockView
	booking models.Booking
	event   models.Event
}

func blockDecided(v BlockView) error {
	return ErrBlockDecided.With("status", string(v.Status)).With("at", v.DecidedAt).Add("status", v.Status)
}

// lockBlock locks what a request holds and reads it again. ErrBlockDecided when
// it is pending no longer.
func lockBlock(tx *db.Tx, v BlockView, to models.BlockStatus) (h held, err error) {
	if h.booking, h.event, err = booking.Locked(tx, v.BookingID); err != nil {
		return h, err
	}
	h.BlockView, err = blockByID(tx, v.ID)
	if err == nil && !h.Status.CanBecome(to) {
		err = blockDecided(h.BlockView)
	}
	return h, err
}

// ApproveBlock makes the held seats a plain booking of the branch. It returns
// ErrBlockDecided, or booking.ErrOver when the screening is over.
func (s *Service) ApproveBlock(ctx context.Context, a auth.Actor, id int64) (BlockView, error) {
	return s.moveBlock(ctx, a, id, models.BlockApproved, "")
}

// DeclineBlock refuses with a reason; the seats are free at once.
func (s *Service) DeclineBlock(ctx context.Context, a auth.Actor, id int64, reason string) (BlockView, error) {
	if reason == "" {
		return BlockView{}, ErrReason.At(errs.Field{Name: "reason", Code: "required"})
	}
	return s.moveBlock(ctx, a, id, models.BlockDeclined, reason)
}

// WithdrawBlock is the branch's own end of its request.
func (s *Service) WithdrawBlock(ctx context.Context, a auth.Actor, id int64, reason string) (BlockView, error) {
	return s.moveBlock(ctx, a, id, models.BlockWithdrawn, reason)
}

func (s *Service) moveBlock(ctx context.Context, a auth.Actor, id int64, to models.BlockStatus, reason string) (v BlockView, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if v, err = block(tx, a, id); err != nil {
			return err
		}
		may := a.CanAt(auth.HallDecide, v.PlacePath)
		if to == models.BlockWithdrawn {
			may = a.CanAt(auth.HallAnswer, v.OrgPath)
		}
		if !may {
			return errs.ErrForbidden
		}
		h, err := lockBlock(tx, v, to)
		if err != nil {
			return err
		}
		if err := s.settleBlock(tx, a, h, to, reason); err != nil {
			return err
		}
		v, err = block(tx, a, id)
		return err
	})
	return v, err
}

// settleBlock ends a locked request: the booking is confirmed or let go, and the
// branch is told unless it was its own doing.
func (s *Service) settleBlock(tx *db.Tx, a auth.Actor, h held, to models.BlockStatus, reason string) error {
	c := booking.Cancelling{Actor: a, Channel: models.ChannelOnline, Reason: reason}
	if to == models.BlockExpired {
		c.Channel = models.ChannelJob
	}
	had, err := booking.SeatsOf(tx, h.BookingID)
	if err != nil {
		return err
	}
	seats := booking.JoinLabels(had[h.BookingID])
	end := s.kernel.LetGo
	if to == models.BlockApproved {
		end = s.kernel.Confirm
	}
	if _, err := end(tx, h.booking, h.event, c); err != nil {
		return err
	}
	if err := s.noteBlock(tx, a, h, to, c); err != nil {
		return err
	}
	kind := map[models.BlockStatus]string{models.BlockApproved: notify.BlockApproved, models.BlockDeclined: notify.BlockDeclined,
		models.BlockExpired: notify.BlockExpired}[to]
	if kind == "" {
		return nil
	}
	n := notify.Notice{Account: h.HolderID, Branch: h.OrgID, Kind: kind, Subject: blockSubject(h.ID), Important: notify.Important,
		Vars: map[string]string{"title": h.FilmTitle, "start": h.StartsAt.String(), "place": h.HallName, "seats": seats,
			"reason": reason, "path": blockPath(h.ID)}}
	if to == models.BlockApproved {
		n.Vars["code"], n.Vars["path"] = booking.ShowCode(h.booking.Code), ticketPath(h.BookingID)
	}
	return s.notices.Enqueue(tx, n)
}

// noteBlock writes where a request stands now.
func (s *Service) noteBlock(tx *db.Tx, a auth.Actor, h held, to models.BlockStatus, c booking.Cancelling) error {
	if err := setBlock(tx, a, h.ID, to, c.Reason); err != nil {
		return err
	}
	line := audit.By(tx, a, c.Channel)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID = "block_request."+string(to), kindBlock, strconv.FormatInt(h.ID, 10), &h.event.OrgID
	line.Before, line.After, line.Reason = string(h.Status), string(to), c.Reason
	return audit.Write(tx, line)
}

// endBlocks notes requests whose bookings were cancelled under them, with their
// event locked: the screening was called off, or the branch gave its booking back.
func (s *Service) endBlocks(tx *db.Tx, e models.Event, to models.BlockStatus, c booking.Cancelling) error {
	open, err := cancelledUnder(tx, e.ID)
	if err != nil {
		return err
	}
	for _, v := range open {
		if err := s.noteBlock(tx, c.Actor, held{BlockView: v, event: e}, to, c); err != nil {
			return err
		}
	}
	return nil
}

// expireBlocks ends the requests whose deadline has passed and tells their branches.
func (s *Service) expireBlocks(ctx context.Context, now models.Instant) (done int, err error) {
	views := map[int64]BlockView{}
	page := func(tx *db.Tx, most, skip int) (ids []int64, err error) {
		due, err := overdueBlocks(tx, now, most, skip)
		for _, v := range due {
			views[v.ID], ids = v, append(ids, v.ID)
		}
		return ids, err
	}
	return booking.EachDue(ctx, s.db, "block request", page, func(id int64) (bool, error) {
		err := s.db.Write(ctx, func(tx *db.Tx) error {
			h, err := lockBlock(tx, views[id], models.BlockExpired)
			if err != nil {
				return err
			}
			return s.settleBlock(tx, auth.Actor{Login: "job"}, h, models.BlockExpired, "")
		})
		if errors.Is(err, ErrBlockDecided) {
			return false, nil
		}
		return true, err
	})
}

// SweepBlocks holds every block request to its invariant: a pending one has a
// held booking with all its seats; every held booking has a pending request, or
// is the offer of a waiting list; and no branch has more of them than it may. It
// returns the breaches in words.
func (s *Service) SweepBlocks(ctx context.Context) (out []string, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = blockBreaches(tx)
		return err
	})
	return out, err
}
