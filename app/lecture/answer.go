package lecture

import (
	"context"
	"slices"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// Accept is a team's yes: team, room and time are taken together, or none. The
// actor leads the team. It returns what AcceptLink does.
func (s *Service) Accept(ctx context.Context, a auth.Actor, id string) (Order, error) {
	return s.answer(ctx, a, id, func(tx *db.Tx, o *Order, x Offer) error { return s.accept(tx, online(a, ""), o, x) })
}

// Decline is a team's no, or its giving back of what it had accepted, with the
// reason. The next team is asked at once.
func (s *Service) Decline(ctx context.Context, a auth.Actor, id, reason string) (Order, error) {
	return s.answer(ctx, a, id, func(tx *db.Tx, o *Order, x Offer) error { return s.decline(tx, online(a, reason), o, x) })
}

// Propose tells staff another time at which the team would come. The offer waits
// on for a day; staff decide, with whoever ordered.
func (s *Service) Propose(ctx context.Context, a auth.Actor, id string, at models.Instant, reason string) (Order, error) {
	return s.answer(ctx, a, id, func(tx *db.Tx, o *Order, x Offer) error { return s.propose(tx, online(a, reason), o, x, at) })
}

// answer runs fn on the last offer to a team that the actor leads.
func (s *Service) answer(ctx context.Context, a auth.Actor, id string, fn func(tx *db.Tx, o *Order, x Offer) error) (Order, error) {
	return s.act(ctx, a, id, func(tx *db.Tx, o *Order) error {
		all, err := offersOf(tx, o.ID)
		if err != nil {
			return err
		}
		own := a.OrgsWith(auth.LectureServe)
		i := slices.IndexFunc(all, func(x Offer) bool { return slices.Contains(own, x.TeamOrgID) })
		if i < 0 {
			return errs.ErrForbidden
		}
		return fn(tx, o, all[i])
	})
}

// Linked is an offer behind a link with its order, and the address once the team
// is on duty.
type Linked struct {
	Offer Offer
	Order Order
}

// Behind shows what a link is about, and changes nothing. errs.ErrNotFound for a
// link that is none of ours.
func (s *Service) Behind(ctx context.Context, word string) (l Linked, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { l, err = s.behind(tx, word); return err })
	return l, err
}

func (s *Service) behind(tx *db.Tx, word string) (Linked, error) {
	hash, ok := s.genuine(linkOffer, word)
	if !ok {
		return Linked{}, errs.ErrNotFound
	}
	x, err := oneOffer(tx, "w.token_hash = ?", hash)
	if err != nil {
		return Linked{}, err
	}
	o, err := oneOrder(tx, "o.id = ?", x.OrderID)
	if err != nil {
		return Linked{}, err
	}
	duty := x.serves(o) && o.State.Agreed()
	err = s.unseal(&o, duty, duty)
	return Linked{x, o}, err
}

// AcceptLink is Accept by the link of an offer, with no log-in. Again it answers
// the same. It returns ErrOfferLost, ErrOfferLapsed, ErrOfferOver, ErrTeamCannot,
// booking.ErrResourceTaken, and what the room's own rules refuse.
func (s *Service) AcceptLink(ctx context.Context, word string) (Linked, error) {
	return s.byLink(ctx, word, func(tx *db.Tx, o *Order, x Offer) error { return s.accept(tx, byLink(""), o, x) })
}

// DeclineLink is Decline by the link of an offer.
func (s *Service) DeclineLink(ctx context.Context, word, reason string) (Linked, error) {
	return s.byLink(ctx, word, func(tx *db.Tx, o *Order, x Offer) error { return s.decline(tx, byLink(reason), o, x) })
}

// ProposeLink is Propose by the link of an offer.
func (s *Service) ProposeLink(ctx context.Context, word string, at models.Instant, reason string) (Linked, error) {
	return s.byLink(ctx, word, func(tx *db.Tx, o *Order, x Offer) error { return s.propose(tx, byLink(reason), o, x, at) })
}

func (s *Service) byLink(ctx context.Context, word string, fn func(tx *db.Tx, o *Order, x Offer) error) (l Linked, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if l, err = s.behind(tx, word); err != nil {
			return err
		}
		o, err := lockOrder(tx, l.Order.ID)
		if err != nil {
			return err
		}
		if l, err = s.behind(tx, word); err != nil { // as it stands under the lock
			return err
		}
		if err := fn(tx, &o, l.Offer); err != nil {
			return err
		}
		l, err = s.behind(tx, word)
		return err
	})
	return l, err
}

// serves reports whether the session of an order is the one that the offer's team
// agreed to: an order that was opened again may have gone to another team.
func (x Offer) serves(o Order) bool {
	return x.State == models.OfferAccepted && o.SessionID != nil && o.TeamID == x.TeamID && o.StartsAt == x.StartsAt
}

// standing refuses an answer to an offer that does not wait any more.
func (x Offer) standing(now models.Instant) error {
	switch {
	case x.State == models.OfferLost:
		return ErrOfferLost
	case x.State == models.OfferLapsed, x.State == models.OfferWaiting && !now.Before(x.Deadline):
		return ErrOfferLapsed.With("deadline", x.Deadline).Add("deadline", x.Deadline)
	case x.State != models.OfferWaiting:
		return ErrOfferOver
	}
	return nil
}

func (s *Service) accept(tx *db.Tx, w by, o *Order, x Offer) error {
	if x.serves(*o) && o.State.Agreed() {
		return nil
	}
	if err := x.standing(tx.Now()); err != nil {
		return err
	}
	if o.State != models.LectureDispatched {
		return ErrOfferOver
	}
	session := models.LectureSession{TeamID: x.TeamID, RoomID: o.RoomID, StartsAt: x.StartsAt, EndsAt: x.EndsAt, State: models.LecturePlanned, CreatedAt: tx.Now()}
	if err := s.take(tx, o, x, &session); err != nil {
		return err
	}
	if err := settle(tx, x.ID, models.OfferAccepted, ""); err != nil {
		return err
	}
	rest, err := settleRest(tx, o.ID, models.OfferLost)
	if err != nil {
		return err
	}
	o.SessionID, o.TeamID, o.TeamName, o.StartsAt, o.EndsAt = &session.ID, x.TeamID, x.TeamName, x.StartsAt, x.EndsAt
	if err := s.move(tx, w, o, models.LectureAccepted); err != nil {
		return err
	}
	if err := follow(tx, o.ID, o.ID); err != nil {
		return err
	}
	if err := s.voidOffers(tx, rest); err != nil {
		return err
	}
	return s.tellAccepted(tx, *o, x, rest)
}

// take looks at the team's calendar again and takes team, room and time, all or
// none: what is in the way is told with other starts that would do.
func (s *Service) take(tx *db.Tx, o *Order, x Offer, session *models.LectureSession) error {
	span := models.Span{Start: x.StartsAt, End: x.EndsAt}
	team, err := oneTeam(tx, models.DayOf(tx.Now(), s.Zone), x.TeamID)
	if err != nil {
		return err
	}
	if err := booking.LockResources(tx, team.ID); err != nil { // so that its week is counted once at a time
		return err
	}
	sessions, err := agreed(tx, []int64{team.ID}, span.Start.Add(-8*day))
	if err != nil {
		return err
	}
	week := models.LectureWeek{Hours: team.Hours, Off: team.Off, Agreed: sessions[team.ID]}
	if why := team.Hindrance(week, span, s.Zone); why != "" && why != "hours" { // hours it may set aside itself
		return cannot(team.Name, why)
	}
	claims := []booking.Claim{{ResourceID: team.ID, Span: team.Travel(span)}}
	if o.RoomID != nil {
		room, err := s.Rooms.Claims(tx, *o.RoomID, span)
		if err != nil {
			return err
		}
		claims = append(claims, room...)
	}
	if err := insertSession(tx, session); err != nil {
		return err
	}
	clashes, err := booking.Reserve(tx, booking.Source{Kind: Source, ID: session.ID}, claims...)
	if err != nil || len(clashes) == 0 {
		return err
	}
	return s.taken(tx, *o, x, clashes)
}

// taken is the refusal for what is in the way, with the wanted starts that would
// still do for this team.
func (s *Service) taken(tx *db.Tx, o Order, x Offer, clashes []booking.Clash) error {
	refusal, err := booking.Taken(tx, clashes)
	if err != nil {
		return err
	}
	all, err := s.rank(tx, o)
	if err != nil {
		return err
	}
	starts := []models.Instant{}
	for _, r := range all {
		if r.Candidate.Team.ID == x.TeamID && !r.Start.IsZero() && !r.Start.Equal(x.StartsAt) {
			starts = append(starts, r.Start)
		}
	}
	return refusal.Add("suggestions", starts)
}

func (s *Service) decline(tx *db.Tx, w by, o *Order, x Offer) error {
	w.Reason = strings.TrimSpace(w.Reason)
	switch {
	case x.State == models.OfferDeclined:
		return nil
	case x.serves(*o) && o.State == models.LectureAccepted:
		return s.handBack(tx, w, o, x)
	}
	if err := x.standing(tx.Now()); err != nil {
		return err
	}
	if err := settle(tx, x.ID, models.OfferDeclined, w.Reason); err != nil {
		return err
	}
	if err := note(tx, w, *o, "declined", ""); err != nil {
		return err
	}
	o.Waiting--
	if o.Waiting > 0 {
		return nil
	}
	return s.next(tx, by{w.Actor, w.Channel, ""}, o)
}

// handBack is a team that cannot come after all. Staff look for another, by the
// clock; whoever ordered is told.
func (s *Service) handBack(tx *db.Tx, w by, o *Order, x Offer) error {
	if w.Reason == "" {
		return ErrReason.At(errs.Field{Name: "reason", Code: "required"})
	}
	session := *o.SessionID
	if err := giveBack(tx, o.ID, x.TeamID, w.Reason); err != nil {
		return err
	}
	if err := s.Notices.Void(tx, subject(o.ID)); err != nil {
		return err
	}
	if err := s.drop(tx, session, o.ID); err != nil {
		return err
	}
	o.SessionID = nil
	if err := s.move(tx, w, o, models.LectureToDispatch); err != nil {
		return err
	}
	if err := follow(tx, o.ID, o.ID); err != nil {
		return err
	}
	if err := s.tellStaff(tx, *o, handedBack); err != nil {
		return err
	}
	followers, err := mergedInto(tx, o.ID)
	if err != nil {
		return err
	}
	for _, each := range append(followers, *o) {
		if err := s.tellOwner(tx, each, handedBack); err != nil {
			return err
		}
	}
	return nil
}

// drop ends a session that will not be held, gives its team and room back, and
// takes back what would have reminded of it whoever ordered it.
func (s *Service) drop(tx *db.Tx, id int64, lead string) error {
	session, err := sessionOf(tx, id)
	if err != nil {
		return err
	}
	session.State = models.LectureDropped
	if err := saveSession(tx, session); err != nil {
		return err
	}
	followers, err := mergedInto(tx, lead)
	if err != nil {
		return err
	}
	reminders := []string{reminderSubject(lead, id)}
	for _, f := range followers {
		reminders = append(reminders, reminderSubject(f.ID, id))
	}
	if err := s.Notices.VoidAll(tx, reminders); err != nil {
		return err
	}
	return booking.Release(tx, booking.Source{Kind: Source, ID: id})
}

func (s *Service) propose(tx *db.Tx, w by, o *Order, x Offer, at models.Instant) error {
	if err := x.standing(tx.Now()); err != nil {
		return err
	}
	if at.Before(tx.Now().Add(time.Hour)) {
		return ErrPast.With("from", tx.Now().Add(time.Hour)).At(errs.Field{Name: "starts_at", Code: "other"})
	}
	if last := tx.Now().Add(farthest * day); at.After(last) {
		return errs.FieldFault("starts_at", "other")
	}
	// A day more is had once, and never so late that a yes would be to what has begun.
	deadline := s.deadline(tx.Now(), x.StartsAt)
	if deadline.Before(x.Deadline) || !x.ProposedAt.IsZero() {
		deadline = x.Deadline
	}
	if err := setProposal(tx, x.ID, at, deadline, strings.TrimSpace(w.Reason)); err != nil {
		return err
	}
	w.Reason = strings.TrimSpace(x.TeamName + " " + at.In(s.Zone).Format("2006-01-02 15:04") + " " + w.Reason)
	if err := note(tx, w, *o, "proposed", ""); err != nil {
		return err
	}
	o.StartsAt = at
	return s.tellStaff(tx, *o, proposed)
}
