package lecture

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/models"
)

// Times are when a session is wanted: up to two starts, or any day of some weeks.
type Times struct {
	First  models.Instant
	Second models.Instant
	From   models.Day
	Until  models.Day
}

// Whom says for whom an order is, as with bookings.
type Whom struct {
	PersonID int64
	OrgID    int64 // a branch that the actor books for
	Caller   booking.Caller
	Channel  models.Channel
	ReadBack bool
}

// Ask is an order as it is placed.
type Ask struct {
	OrgID     int64 // the community
	TopicID   int64
	Wish      string // instead of a topic
	WishID    int64  // the line of the wish list that becomes this order
	Audience  models.LectureAudience
	Heads     int
	LengthMin int // of a wish; a topic has its own
	Times     Times
	PlaceKind models.LecturePlace
	Place     string
	RoomID    int64
	Address   string
	Contact   string
	Phone     string
	Note      string
	Whom      Whom
	Draft     bool // kept, not sent
	Keep      bool // of one that is changed: an address and a number that are not told anew stay
	Key       idem.Key
}

// The bounds of what is wanted; ours.
const (
	leastNotice  = 24 * time.Hour // before a wanted start
	farthest     = 180            // days
	wishLength   = 60             // minutes, where nobody said
	mostFlexible = 63             // days
)

// Place makes an order: the actor's own, a dependant's, a branch's, or at the
// desk a caller's. It returns faults of fields, ErrNoTopic, ErrPast,
// booking.ErrDeskOnly. The same key makes it once.
func (s *Service) Place(ctx context.Context, a auth.Actor, in Ask) (o Order, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		id, err := idem.Once(tx, in.Key, func() (string, error) { return s.place(tx, a, in) })
		if err != nil {
			return err
		}
		o, err = s.visible(tx, a, id)
		return err
	})
	return o, err
}

func (s *Service) place(tx *db.Tx, a auth.Actor, in Ask) (string, error) {
	bearer, err := s.bearer(tx, a, in.Whom)
	if in.WishID != 0 {
		bearer, err = s.wisher(tx, a, in.WishID)
	}
	if err != nil {
		return "", err
	}
	o := Order{LectureOrder: models.LectureOrder{ID: booking.NewID(), HolderID: bearer.HolderID, PersonID: bearer.PersonID,
		ForOrgID: bearer.OrgID, Name: bearer.Name, Channel: bearer.Channel, ReadBack: in.Whom.ReadBack, State: models.LectureDraft,
		CreatedBy: a.AccountID, CreatedAt: tx.Now(), ChangedAt: tx.Now()}}
	if err := s.fill(tx, in, &o); err != nil {
		return "", err
	}
	if err := tx.Insert(&o.LectureOrder); err != nil {
		return "", fmt.Errorf("lecture order: %w", err)
	}
	if in.WishID != 0 {
		if err := s.granted(tx, a, in.WishID, o); err != nil {
			return "", err
		}
	}
	w := by{a, bearer.Channel, ""}
	if in.Draft {
		return o.ID, note(tx, w, o, "draft", "")
	}
	return o.ID, s.send(tx, w, o.ID)
}

// fill settles what is ordered, when, where, for how many and whom to ring.
func (s *Service) fill(tx *db.Tx, in Ask, o *Order) (err error) {
	o.OrgID, o.Audience, o.Heads, o.Note, o.Contact = in.OrgID, in.Audience, in.Heads, strings.TrimSpace(in.Note), strings.TrimSpace(in.Contact)
	if o.Contact == "" {
		o.Contact = o.Name
	}
	if strings.TrimSpace(in.Phone) != "" || !in.Keep {
		if o.PhoneEnc, err = s.phone(in.Phone); err != nil {
			return err
		}
	}
	org, err := orgOf(tx, in.OrgID)
	if err != nil {
		return err
	}
	if err := s.what(tx, in, org, o); err != nil {
		return err
	}
	if err := s.when(tx, in.Times, &o.LectureOrder); err != nil {
		return err
	}
	return s.where(tx, in, o)
}

// bearer settles whose order it is.
func (s *Service) bearer(tx *db.Tx, a auth.Actor, w Whom) (booking.Bearer, error) {
	ask := booking.Whom{PersonID: w.PersonID, Caller: w.Caller, Channel: w.Channel}
	if w.OrgID != 0 {
		org, err := orgOf(tx, w.OrgID)
		if err != nil || !a.CanAt(auth.BookForBranch, org.Path) {
			return booking.Bearer{}, errs.FieldFault("for_org_id", "unknown")
		}
		ask.Org = &org
	}
	b, err := booking.BearerOf(tx, a, ask)
	if err != nil || w.Caller.Name == "" {
		return b, err
	}
	return b.ForCaller(tx, a, s.Desk, w.Caller)
}

// what settles the topic, or the wish.
func (s *Service) what(tx *db.Tx, in Ask, org models.Org, o *Order) error {
	if in.TopicID == 0 {
		o.TopicID, o.Wish, o.LengthMin = nil, strings.TrimSpace(in.Wish), in.LengthMin
		if o.LengthMin == 0 {
			o.LengthMin = wishLength
		}
		if o.Wish == "" {
			return errs.FieldFault("topic_id", "required")
		}
		if in.WishID != 0 {
			o.WishID = &in.WishID
		}
		return nil
	}
	t, err := onMenu(tx, in.TopicID, org.Path)
	if err != nil {
		return err
	}
	o.TopicID, o.LengthMin = &t.ID, t.LengthMin
	return nil
}

// when settles the wanted times: each a day ahead at least and half a year at most.
func (s *Service) when(tx *db.Tx, t Times, o *models.LectureOrder) error {
	soonest, last := tx.Now().Add(leastNotice), tx.Now().Add(farthest*24*time.Hour)
	if !t.First.IsZero() {
		for name, at := range map[string]models.Instant{"first_at": t.First, "second_at": t.Second} {
			if !at.IsZero() && (at.Before(soonest) || at.After(last)) {
				return ErrPast.With("from", soonest).At(errs.Field{Name: name, Code: "other"})
			}
		}
		if t.Second.Equal(t.First) {
			t.Second = models.Instant{}
		}
		o.FirstAt, o.SecondAt, o.FromDay, o.UntilDay = t.First, t.Second, models.Day{}, models.Day{}
		return nil
	}
	today := models.DayOf(tx.Now(), s.Zone)
	switch {
	case t.From.IsZero() || t.Until.IsZero():
		return errs.FieldFault("first_at", "required")
	case t.Until.Before(t.From) || t.Until.Sub(t.From) > mostFlexible || t.Until.Sub(today) > farthest:
		return errs.FieldFault("until", "other")
	case t.Until.Sub(today) < 1:
		return ErrPast.With("from", soonest).At(errs.Field{Name: "until", Code: "other"})
	}
	o.FirstAt, o.SecondAt, o.FromDay, o.UntilDay = models.Instant{}, models.Instant{}, t.From, t.Until
	return nil
}

// where settles the place. A room is taken only with the team; here it has to
// exist and be open at a wanted time.
func (s *Service) where(tx *db.Tx, in Ask, o *Order) error {
	sealed := o.AddressEnc
	o.PlaceKind, o.Place, o.RoomID, o.AddressEnc = in.PlaceKind, "", nil, ""
	switch in.PlaceKind {
	case models.PlaceRoom:
		if in.RoomID == 0 {
			return errs.FieldFault("room_id", "required")
		}
		o.RoomID = &in.RoomID
		return s.room(tx, in.RoomID, o)
	case models.PlaceAddress:
		switch address := strings.TrimSpace(in.Address); {
		case address != "":
			o.AddressEnc = s.Box.Seal(address)
		case in.Keep && sealed != "":
			o.AddressEnc = sealed
		default:
			return errs.FieldFault("address", "required")
		}
	default:
		o.PlaceKind, o.Place = models.PlaceOwn, strings.TrimSpace(in.Place)
	}
	return nil
}

// room holds an order to a room that there is, that is nobody's to lend, and that is
// open at a wanted time.
func (s *Service) room(tx *db.Tx, id int64, o *Order) error {
	lent, err := notForOrders(tx, id)
	if err != nil {
		return err
	}
	if lent {
		return ErrRoomLent.At(errs.Field{Name: "room_id", Code: "other"})
	}
	start := o.FirstAt
	if o.Flexible() {
		start = o.FromDay.At(12*60, s.Zone)
	}
	_, err = s.Rooms.Claims(tx, id, models.Span{Start: start, End: start.Add(o.Length())})
	if o.Flexible() && !slices.ContainsFunc(errs.As(err).Fields, func(f errs.Field) bool { return f.Name == "room_id" }) {
		return nil // some day it will be open
	}
	return err
}

// Revise changes a draft or an order that was returned, by whoever's it is, and
// hands it in, unless it stays a draft. An address and a number that are not told
// anew stay as they were. It returns what Place does, and ErrNotNow.
func (s *Service) Revise(ctx context.Context, a auth.Actor, id string, in Ask) (Order, error) {
	return s.act(ctx, a, id, func(tx *db.Tx, o *Order) error {
		switch {
		case !o.Own(a):
			return errs.ErrForbidden
		case o.State != models.LectureDraft && o.State != models.LectureReturned:
			return notNow(o)
		}
		in.Keep = true
		if err := s.fill(tx, in, o); err != nil {
			return err
		}
		if err := reviseOrder(tx, o.LectureOrder); err != nil {
			return err
		}
		w := by{a, o.Channel, ""}
		if in.Draft {
			return note(tx, w, *o, "revised", "")
		}
		return s.send(tx, w, o.ID)
	})
}

// Send hands a draft in, or a returned order again; whoever's it is does so. New
// times may come with it.
func (s *Service) Send(ctx context.Context, a auth.Actor, id string, t Times) (Order, error) {
	return s.act(ctx, a, id, func(tx *db.Tx, o *Order) error {
		if !o.Own(a) {
			return errs.ErrForbidden
		}
		if !t.First.IsZero() || !t.From.IsZero() {
			if err := s.when(tx, t, &o.LectureOrder); err != nil {
				return err
			}
		}
		if !tx.Now().Before(o.LastStart(s.Zone)) {
			return ErrPast.With("from", tx.Now().Add(leastNotice)).At(errs.Field{Name: "first_at", Code: "other"})
		}
		return s.sent(tx, online(a, ""), o)
	})
}

func (s *Service) send(tx *db.Tx, w by, id string) error {
	o, err := oneOrder(tx, "o.id = ?", id)
	if err != nil {
		return err
	}
	return s.sent(tx, w, &o)
}

func (s *Service) sent(tx *db.Tx, w by, o *Order) error {
	if err := s.move(tx, w, o, models.LectureSubmitted); err != nil {
		return err
	}
	return s.tellSent(tx, *o)
}

// act runs fn on an order that the actor may see, under its lock, and answers
// with the order after it.
func (s *Service) act(ctx context.Context, a auth.Actor, id string, fn func(tx *db.Tx, o *Order) error) (o Order, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := lockOrder(tx, id); err != nil {
			return err
		}
		if o, err = s.visible(tx, a, id); err != nil {
			return err
		}
		if err := fn(tx, &o); err != nil {
			return err
		}
		if o, err = oneOrder(tx, "o.id = ?", id); err != nil { // a team that said no sees it this once more
			return err
		}
		return s.reveal(tx, a, &o)
	})
	return o, err
}

// staff is act for who dispatches for the community.
func (s *Service) staff(ctx context.Context, a auth.Actor, id string, fn func(tx *db.Tx, o *Order) error) (Order, error) {
	return s.act(ctx, a, id, func(tx *db.Tx, o *Order) error {
		if !o.Staffed(a) {
			return errs.ErrForbidden
		}
		return fn(tx, o)
	})
}

// phone seals the number of a contact; nothing is nothing.
func (s *Service) phone(raw string) (string, error) {
	if strings.TrimSpace(raw) == "" {
		return "", nil
	}
	number, err := s.Phone(raw)
	if err != nil {
		return "", errs.FieldFault("phone", "phone").Because(err)
	}
	return s.Box.Seal(number), nil
}
