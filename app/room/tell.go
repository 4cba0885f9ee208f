package room

import (
	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/notify"
	"youyue/models"
)

func subject(uid string) string { return "room_booking:" + uid }

// notice is one about a booking, to whoever it is for.
func notice(st setting, b models.RoomBooking, kind string, vars map[string]string) notify.Notice {
	n := notify.Notice{Kind: kind, Subject: subject(b.UID), Vars: map[string]string{"title": st.Title(), "start": b.StartsAt.String(), "place": st.Venue,
		"code": booking.ShowCode(b.Code), "path": bookingPath(b.UID)}}
	for k, v := range vars {
		n.Vars[k] = v
	}
	if b.HolderID != nil {
		n.Account = *b.HolderID
	}
	if b.PersonID != nil {
		n.Person = *b.PersonID
	}
	if b.OrgID != nil {
		n.Branch = *b.OrgID
	}
	return n
}

// tell tells whoever a booking is for; nobody, when nobody can be reached at all.
func (s *Service) tell(tx *db.Tx, st setting, b models.RoomBooking, kind string, vars map[string]string) error {
	n := notice(st, b, kind, vars)
	n.Important = notify.Important
	if n.Account == 0 && n.Person == 0 && n.Branch == 0 {
		return nil
	}
	return s.notices.Enqueue(tx, n)
}

// tellBooked tells the booker that the time is theirs, or until when it is decided,
// and whoever decides that something waits. A caller to whom it was read back knows.
func (s *Service) tellBooked(tx *db.Tx, st setting, b models.RoomBooking, read booking.ReadBack) error {
	if b.Status == models.RoomPending {
		if err := s.tellDeciders(tx, st, b); err != nil {
			return err
		}
	}
	if bool(read) && b.Channel != models.ChannelOnline {
		return nil
	}
	n := notice(st, b, notify.RoomBooked, nil)
	if b.Status == models.RoomPending {
		n = notice(st, b, notify.RoomWaiting, map[string]string{"deadline": b.Deadline.String()})
	}
	if n.Account == 0 && n.Person == 0 && n.Branch == 0 {
		return nil
	}
	return s.notices.Enqueue(tx, n)
}

// tellDeciders tells the schedulers, and the partner, whose yes is wanted.
func (s *Service) tellDeciders(tx *db.Tx, st setting, b models.RoomBooking) error {
	n := notify.Notice{Kind: notify.RoomAsked, Subject: subject(b.UID), Vars: map[string]string{"title": st.Title(), "start": b.StartsAt.String(),
		"place": st.Venue, "org": b.Name, "deadline": b.Deadline.String(), "path": requestPath(b.UID)}}
	if b.OwnerOK == models.ConsentWanted {
		if err := s.notices.TellRole(tx, auth.Partner, st.OwnerPath, n); err != nil {
			return err
		}
	}
	if b.PlaceOK != models.ConsentWanted {
		return nil
	}
	return s.notices.TellRole(tx, auth.Scheduler, st.OrgPath, n)
}
