package lecture

import (
	"maps"
	"strconv"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/notify"
	"youyue/models"
)

// What is told about an order, in the words of this feature.
const (
	returned       = notify.LectureReturned
	mergedOrder    = notify.LectureMerged
	cancelledOrder = notify.LectureCancelled
	handedBack     = notify.LectureHandedBack
	released       = notify.LectureToDispatch
	parted         = notify.LectureParted
	reopened       = notify.LectureToDispatch
	proposed       = notify.LectureProposed
)

// The hours before a session at which those who take part are reminded.
var remindBefore = []time.Duration{24 * time.Hour, 2 * time.Hour}

// reminderSubject keeps the reminders of one session apart from those of another
// that the order may have had before.
func reminderSubject(order string, session int64) string {
	return subject(order) + "/" + strconv.FormatInt(session, 10)
}

func offerSubject(id int64) string { return "lecture_offer:" + strconv.FormatInt(id, 10) }

// notice is what every text of an order names. Where it is stands in it, an
// address never does.
func notice(o Order, kind string) notify.Notice {
	vars := map[string]string{"title": o.Title(), "place": o.Where(), "org": o.OrgName, "reason": o.Reason, "path": orderPath(o.ID),
		"n": strconv.Itoa(max(o.Guests, o.Heads)), "list": o.TeamName}
	if !o.StartsAt.IsZero() {
		vars["start"] = o.StartsAt.String()
	}
	if !o.DueAt.IsZero() {
		vars["deadline"] = o.DueAt.String()
	}
	return notify.Notice{Kind: kind, Subject: subject(o.ID), Vars: vars}
}

// to addresses a notice to whoever's order it is.
func (o Order) to(n notify.Notice) notify.Notice {
	if o.HolderID != nil {
		n.Account = *o.HolderID
	}
	if o.PersonID != nil {
		n.Person = *o.PersonID
	}
	if o.ForOrgID != nil {
		n.Branch = *o.ForOrgID
	}
	n.Important = notify.Important
	return n
}

// tellOwner tells whoever ordered.
func (s *Service) tellOwner(tx *db.Tx, o Order, kind string) error {
	return s.Notices.Enqueue(tx, o.to(notice(o, kind)))
}

// tellSent tells whoever ordered until when there is an answer, and staff that
// something waits.
func (s *Service) tellSent(tx *db.Tx, o Order) error {
	n := o.to(notice(o, notify.LectureReceived))
	n.Important = notify.Ordinary
	if err := s.Notices.Enqueue(tx, n); err != nil {
		return err
	}
	return s.tellStaff(tx, o, notify.LectureToReview)
}

// tellStaff tells those who dispatch nearest to the community.
func (s *Service) tellStaff(tx *db.Tx, o Order, kind string) error {
	return s.tellRoles(tx, o, kind, levelPath(o), auth.Clerk, auth.Scheduler)
}

// tellLevel tells the schedulers of the level that has to act now.
func (s *Service) tellLevel(tx *db.Tx, o Order) error {
	return s.tellRoles(tx, o, notify.LectureEscalated, levelPath(o), auth.Scheduler)
}

func (s *Service) tellRoles(tx *db.Tx, o Order, kind, path string, roles ...auth.Role) error {
	ids, err := nearest(tx, path, roles...)
	if err != nil {
		return err
	}
	all := make([]notify.Notice, len(ids))
	for i, id := range ids {
		all[i] = notice(o, kind)
		all[i].Account, all[i].DueAt = id, tx.Now()
	}
	return s.Notices.Enqueue(tx, all...)
}

// toTeam addresses a notice to those who lead a team: by account, or by number.
func (s *Service) toTeam(tx *db.Tx, team int64, n notify.Notice) error {
	accounts, people, err := leaders(tx, team)
	if err != nil {
		return err
	}
	n.Important = notify.Important
	var all []notify.Notice
	for _, id := range accounts {
		n.Account, n.Person = id, 0
		all = append(all, n)
	}
	for _, id := range people {
		n.Account, n.Person = 0, id
		all = append(all, n)
	}
	return s.Notices.Enqueue(tx, all...)
}

// tellOffer asks a team, with the link that answers with one tap.
func (s *Service) tellOffer(tx *db.Tx, o Order, x models.LectureOffer, word string) error {
	o.StartsAt, o.EndsAt = x.StartsAt, x.EndsAt
	n := notice(o, notify.LectureOffer)
	n.Subject, n.Vars["path"], n.Vars["deadline"] = offerSubject(x.ID), "/lecture-offers/"+word, x.Deadline.String()
	return s.toTeam(tx, x.TeamID, n)
}

// tellTeam tells a team about an order that it had accepted.
func (s *Service) tellTeam(tx *db.Tx, o Order, team int64, kind string) error {
	if kind == cancelledOrder {
		kind = notify.LectureOff
	}
	return s.toTeam(tx, team, notice(o, kind))
}

// voidOffers takes back messages about offers that were not sent yet.
func (s *Service) voidOffers(tx *db.Tx, all []Offer) error {
	subjects := make([]string, len(all))
	for i, x := range all {
		subjects[i] = offerSubject(x.ID)
	}
	return s.Notices.VoidAll(tx, subjects)
}

// tellCancelled tells whoever ordered that the order is over, and why: somebody's
// reason, or ours.
func (s *Service) tellCancelled(tx *db.Tx, w by, o Order) error {
	kind := cancelledOrder
	switch {
	case w.Channel == models.ChannelJob && w.Reason == reasonExpired:
		kind = notify.LectureExpired
	case w.Channel == models.ChannelJob && w.Reason == reasonUnanswered:
		kind = notify.LectureLapsed
	}
	return s.tellOwner(tx, o, kind)
}

// tellAccepted tells everybody whom an acceptance concerns: who ordered, the teams
// that were too late, and in time before the session who takes part.
func (s *Service) tellAccepted(tx *db.Tx, o Order, x Offer, lost []Offer) error {
	followers, err := mergedInto(tx, o.ID)
	if err != nil {
		return err
	}
	for _, each := range append([]Order{o}, followers...) {
		if err := s.tellAgreed(tx, each, o); err != nil {
			return err
		}
	}
	for _, y := range lost {
		n := notice(o, notify.LectureLost)
		n.Subject = offerSubject(y.ID)
		if err := s.toTeam(tx, y.TeamID, n); err != nil {
			return err
		}
	}
	return s.remind(tx, o.StartsAt, func(at models.Instant) error {
		n := notice(o, notify.LectureUpNext)
		n.Subject, n.DueAt = reminderSubject(o.ID, *o.SessionID), at
		return s.toTeam(tx, x.TeamID, n)
	})
}

// tellAgreed tells whoever ordered that a team comes, and again before it does:
// for the order itself, or for one that follows it.
func (s *Service) tellAgreed(tx *db.Tx, each, lead Order) error {
	each.SessionID, each.TeamName, each.StartsAt, each.EndsAt = lead.SessionID, lead.TeamName, lead.StartsAt, lead.EndsAt
	if err := s.tellOwner(tx, each, notify.LectureAccepted); err != nil {
		return err
	}
	return s.remind(tx, each.StartsAt, func(at models.Instant) error {
		n := each.to(notice(each, notify.LectureReminder))
		n.Subject, n.DueAt = reminderSubject(each.ID, *each.SessionID), at
		return s.Notices.Enqueue(tx, n)
	})
}

// tellMerged tells both who ordered that theirs is one session now, and the team
// that comes for how many; who has joined one with a team hears when it is.
func (s *Service) tellMerged(tx *db.Tx, joined []Order, into string) error {
	lead, err := oneOrder(tx, "o.id = ?", into)
	if err != nil {
		return err
	}
	for _, each := range joined {
		if err := s.tellOwner(tx, each, mergedOrder); err != nil {
			return err
		}
		if lead.State != models.LectureAccepted {
			continue
		}
		if err := s.tellAgreed(tx, each, lead); err != nil {
			return err
		}
	}
	if err := s.tellOwner(tx, lead, notify.LectureJoined); err != nil {
		return err
	}
	return s.tellGuests(tx, into)
}

// tellGuests tells the team that comes to an order for how many it is now.
func (s *Service) tellGuests(tx *db.Tx, id string) error {
	o, err := oneOrder(tx, "o.id = ?", id)
	if err != nil || o.State != models.LectureAccepted {
		return err
	}
	return s.tellTeam(tx, o, o.TeamID, notify.LectureGuests)
}

// remind calls each for the moments before a session at which people are reminded
// and that are still to come.
func (s *Service) remind(tx *db.Tx, start models.Instant, each func(at models.Instant) error) error {
	for _, before := range remindBefore {
		if at := start.Add(-before); at.After(tx.Now()) {
			if err := each(at); err != nil {
				return err
			}
		}
	}
	return nil
}

// askRating sends whoever ordered the link to rate.
func (s *Service) askRating(tx *db.Tx, o Order, word string) error {
	n := o.to(notice(o, notify.LectureRate))
	n.Vars["path"], n.Vars["deadline"] = "/lecture-ratings/"+word, o.RateUntil.String()
	return s.Notices.Enqueue(tx, n)
}

// tellWished tells those who dispatch that there is something new on the list.
func (s *Service) tellWished(tx *db.Tx, w Wish) error {
	ids, err := nearest(tx, w.OrgPath, auth.Clerk, auth.Scheduler)
	if err != nil {
		return err
	}
	all := make([]notify.Notice, len(ids))
	for i, id := range ids {
		all[i] = wishNotice(w, notify.LectureWished)
		all[i].Account, all[i].DueAt, all[i].Vars["path"] = id, tx.Now(), "/lectures/wishes"
	}
	return s.Notices.Enqueue(tx, all...)
}

// tellWishers tells those who wished what became of it.
func (s *Service) tellWishers(tx *db.Tx, all []Wish, kind string, vars map[string]string) error {
	for _, w := range all {
		n := wishNotice(w, kind)
		maps.Copy(n.Vars, vars)
		if w.HolderID != nil {
			n.Account = *w.HolderID
		}
		if w.PersonID != nil {
			n.Person = *w.PersonID
		}
		n.Important = notify.Important
		if err := s.Notices.Enqueue(tx, n); err != nil {
			return err
		}
	}
	return nil
}

func wishNotice(w Wish, kind string) notify.Notice {
	return notify.Notice{Kind: kind, Subject: "lecture_wish:" + itoa(w.ID), Vars: map[string]string{"title": w.Text, "org": w.OrgName, "path": "/lectures/orders"}}
}
