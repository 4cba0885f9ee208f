package booking

import (
	"slices"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// enterWalkIns seats on record whom the door let in without a booking and noted
// on paper, and returns how many they were. Which seats they took nobody wrote
// down: they get free ones, and where these run out, those on which nobody who
// booked them sat, for there they must have sat. ErrFull when even these do not do.
func (s *Service) enterWalkIns(tx *db.Tx, a auth.Actor, in PaperList, e models.Event) (seated int, err error) {
	for i, x := range in.WalkIns {
		name, err := s.walkInName(tx, e.ID, x.Name)
		if err != nil {
			return seated, err
		}
		if err := s.makeRoom(tx, a, e.ID, x.Count, in.Reason); err != nil {
			return seated, err
		}
		p, err := s.BookIn(tx, Order{Ask: Ask{EventID: e.ID, Party: models.Party{Count: x.Count}, Reach: ReachPaper},
			Actor: a, Name: name, Channel: models.ChannelVisit})
		if err != nil {
			return seated, atWalkIn(err, i)
		}
		b, _, err := Locked(tx, p.ID)
		if err != nil {
			return seated, err
		}
		if _, err := s.checkIn(tx, a, Scan{Door: PaperDoor, Came: in.Came}, b, e); err != nil {
			return seated, err
		}
		seated += len(p.Seats)
	}
	return seated, nil
}

func atWalkIn(err error, i int) error {
	bad := errs.As(err)
	if bad.Kind == errs.Internal || bad.Kind == errs.Unavailable {
		return err
	}
	c := *bad
	c.Fields = nil
	return c.At(errs.Field{Name: fieldAt("walk_ins", i), Code: "other"})
}

// makeRoom takes so many seats as a locked event lacks for n people from parties
// who did not sit on them, the last to book first.
func (s *Service) makeRoom(tx *db.Tx, a auth.Actor, event int64, n int, reason string) error {
	e, err := Event(tx, event)
	if err != nil {
		return err
	}
	lacks := n - e.Free() - e.Reserved
	if lacks <= 0 {
		return nil
	}
	var parties []models.Booking
	err = tx.Scan(&parties, `SELECT * FROM bookings WHERE event_id = ? AND status IN ('booked','attended','no_show') ORDER BY created_at DESC, id DESC`, event)
	if err != nil {
		return err
	}
	var gone []int64
	for _, b := range parties {
		p, err := loadParty(tx, b, e)
		if err != nil {
			return err
		}
		lost := p.missing()
		lost = lost[:min(len(lost), lacks-len(gone))]
		if len(lost) == 0 {
			continue
		}
		if err := s.lose(tx, a, b, e, lost, reason); err != nil {
			return err
		}
		for _, x := range lost {
			gone = append(gone, x.ID)
		}
		if len(gone) == lacks {
			break
		}
	}
	if len(gone) == 0 {
		return nil
	}
	slices.Sort(gone)
	return s.free(tx, &e, gone)
}
