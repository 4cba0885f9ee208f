package activity

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/models"
)

// Wish is what somebody asks of an activity: for whom and how many. SessionID 0 is
// the next session that can be joined.
type Wish struct {
	ActivityID int64
	SessionID  int64
	Party      int
	Whom       booking.Whom
	Age        int
	Guardian   string
	PickUp     string
	Address    string // for a visit at home
	Answers    map[int64]string
	ReadBack   booking.ReadBack
	Key        idem.Key
}

// Signed is a sign-up as its party is told of it: the status, the parties before it
// on the list, and what else it has at that time.
type Signed struct {
	ID       string
	Status   models.SignupStatus
	Party    int
	Code     string
	Ahead    int
	Overlaps []models.Engagement
}

// newcomersWithin is how far back somebody is no newcomer.
const newcomersWithin = 183 * 24 * time.Hour

// SignUp lets a party join, all of it or none: at once, on the waiting list, or as
// an entry until the draw. The same key again is the same sign-up. Besides the
// refusals of this package (ErrAlready names the sign-up that is there) it returns booking.ErrDeskOnly, booking.ErrBusy,
// idem.ErrReused and field faults.
func (s *Service) SignUp(ctx context.Context, a auth.Actor, w Wish) (Signed, error) {
	var v View
	var o booking.Order
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if v, err = s.view(tx, w.ActivityID); err != nil {
			return err
		}
		o, err = s.order(tx, a, v, w)
		return err
	})
	if err != nil {
		return Signed{}, err
	}
	var p booking.Placed
	switch {
	case v.Draws(s.DB.Now()):
		p, err = s.enter(ctx, a, v, w, o)
	case w.Whom.Caller.Name != "":
		p, err = s.forCaller(ctx, a, v, w, o)
	default:
		o.With = s.keeping(v, w, o)
		p, err = s.Kernel.Book(ctx, o)
	}
	if err != nil {
		return Signed{}, ours(s.rather(ctx, o, err))
	}
	return s.signed(ctx, p.ID)
}

// rather says of a party that is beyond what its account may have that it is there
// already, when it is: that is what its people want to hear.
func (s *Service) rather(ctx context.Context, o booking.Order, err error) error {
	if errs.As(err).Code != booking.ErrPersonLimit.Code {
		return err
	}
	_ = s.DB.Read(ctx, func(tx *db.Tx) error { // without an answer the refusal stands as it is
		had, ok, lost := signedUp(tx, o.EventID, o.HolderID, o.PersonID, "")
		if lost == nil && ok {
			err = ErrAlready.Add("signup_id", had)
		}
		return lost
	})
	return err
}

// signed reads a sign-up for who has just made it.
func (s *Service) signed(ctx context.Context, uid string) (out Signed, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		r, err := signupByID(tx, uid)
		if err != nil {
			return err
		}
		out = Signed{ID: r.UID, Status: r.Stands(), Party: r.Party, Code: r.Code, Ahead: r.Ahead}
		out.Overlaps, err = s.elsewhere(tx, r)
		return err
	})
	return out, err
}

// order settles for whom a wish is, and holds it to the activity's own rules.
func (s *Service) order(tx *db.Tx, a auth.Actor, v View, w Wish) (booking.Order, error) {
	m, err := v.session(tx.Now(), w.SessionID)
	if err != nil {
		return booking.Order{}, err
	}
	if v.State == models.ActivityCancelled || m.State == models.SessionCancelled {
		return booking.Order{}, ErrOver.With("title", v.Title).With("starts_at", m.StartsAt)
	}
	if err := v.placed(m); err != nil {
		return booking.Order{}, err
	}
	if err := v.admits(w); err != nil {
		return booking.Order{}, err
	}
	b, err := booking.BearerOf(tx, a, w.Whom)
	if err != nil {
		return booking.Order{}, err
	}
	o := booking.Order{Ask: booking.Ask{EventID: m.EventID, Party: models.Party{Count: w.Party}}, Wait: booking.OrWait,
		Actor: a, Channel: models.ChannelOnline, ReadBack: w.ReadBack, Key: w.Key, Place: m.Place}
	o.For(b)
	if err := unpaused(tx, v.OrgID, o.HolderID, o.PersonID, o.OrgID); err != nil {
		return o, err
	}
	if v.Approval {
		o.Status = models.BookingHeld
	}
	o.Shares, err = sharesOf(tx, v, a, o)
	return o, err
}

// session is the one a wish is for.
func (v View) session(now models.Instant, id int64) (Meeting, error) {
	if id == 0 {
		return v.Next(now), nil
	}
	i := slices.IndexFunc(v.Meetings, func(m Meeting) bool { return m.ID == id })
	if i < 0 {
		return Meeting{}, errs.FieldFault("session_id", "unknown")
	}
	return v.Meetings[i], nil
}

// admits holds a wish to age, consent and questions.
func (v View) admits(w Wish) error {
	switch {
	case w.Party < 1:
		return errs.FieldFault("party", "required")
	case w.Party > v.MaxParty:
		return ErrTooMany.With("asked", w.Party).With("max", v.MaxParty).Add("max", v.MaxParty).At(errs.Field{Name: "party", Code: "max", Args: map[string]any{"param": v.MaxParty}})
	case w.Age == 0 && v.AsksAge(): // left out it would pass every bound, and spare a child its guardian
		return errs.FieldFault("age", "required")
	case w.Age > 0 && !v.Suits(w.Age):
		return ErrAge.With("min", v.MinAge).With("max", v.MaxAge).At(errs.Field{Name: "age", Code: "other"})
	case models.Guarded(w.Age) && (strings.TrimSpace(w.Guardian) == "" || strings.TrimSpace(w.PickUp) == ""):
		return ErrGuardian.With("age", models.GuardedUnder).At(errs.Field{Name: "guardian", Code: "required"})
	case v.Home && strings.TrimSpace(w.Address) == "":
		return errs.FieldFault("address", "required")
	}
	var faults []errs.Field
	for _, q := range v.Questions {
		name, text := "answers["+strconv.FormatInt(q.ID, 10)+"]", strings.TrimSpace(w.Answers[q.ID])
		switch {
		case text == "" && q.Required:
			faults = append(faults, errs.Field{Name: name, Code: "required"})
		case text == "":
		case utf8.RuneCountInString(text) > maxAnswer, q.Kind == models.AskChoice && !slices.Contains(strings.Split(q.Options, "\n"), text),
			q.Kind == models.AskYesNo && text != "yes" && text != "no":
			faults = append(faults, errs.Field{Name: name, Code: "other"})
		case q.Kind == models.AskNumber:
			if _, err := strconv.ParseFloat(text, 64); err != nil {
				faults = append(faults, errs.Field{Name: name, Code: "number"})
			}
		}
	}
	if len(faults) > 0 {
		return errs.ErrInvalid.At(faults...)
	}
	return nil
}

const maxAnswer = 300

// sharesOf lists the letters of the shares that a party belongs to.
func sharesOf(tx *db.Tx, v View, a auth.Actor, o booking.Order) (string, error) {
	letters := ""
	for _, x := range v.Shares {
		in := false
		switch x.Who {
		case models.ShareDesk: // by its reach
		case models.ShareOrg:
			in = x.OrgID != nil && (o.OrgID != nil && *o.OrgID == *x.OrgID || o.Channel != models.ChannelOnline && slices.Contains(a.OrgsWith(auth.BookForOthers), *x.OrgID))
		case models.ShareNewcomers, models.ShareReturning:
			been, err := visitedSince(tx, v.Activity, o.HolderID, o.PersonID, tx.Now().Add(-newcomersWithin))
			if err != nil {
				return "", err
			}
			in = been == (x.Who == models.ShareReturning)
		}
		if in {
			letters += x.Letter
		}
	}
	return letters, nil
}

// row is what the feature keeps of a sign-up.
func (s *Service) row(v View, w Wish, o booking.Order) models.Signup {
	g := models.Signup{ActivityID: v.ID, EventID: o.EventID, Party: w.Party, HolderID: o.HolderID, PersonID: o.PersonID, OrgID: o.OrgID, Name: o.Name,
		Channel: o.Channel, Age: w.Age, Guardian: strings.TrimSpace(w.Guardian), PickUp: strings.TrimSpace(w.PickUp), CreatedBy: o.Actor.AccountID}
	if v.Home {
		g.AddressEnc = s.Sealer.Seal(strings.TrimSpace(w.Address))
	}
	return g
}

// keeping writes the row beside what the kernel writes, unless whom it is for has
// another already: the kernel holds the event's lock until both are written, so that of
// any number at once there is one.
func (s *Service) keeping(v View, w Wish, o booking.Order) func(tx *db.Tx, p booking.Placed) error {
	g := s.row(v, w, o)
	return func(tx *db.Tx, p booking.Placed) error {
		if o.OrgID == nil {
			had, ok, err := signedUp(tx, o.EventID, o.HolderID, o.PersonID, p.ID)
			if err != nil {
				return err
			}
			if ok {
				return ErrAlready.Add("signup_id", had)
			}
		}
		g.UID, g.CreatedAt = p.ID, tx.Now()
		return insertSignup(tx, g, asked(v, w))
	}
}

// asked are the answers to questions that there are.
func asked(v View, w Wish) map[int64]string {
	out := map[int64]string{}
	for _, q := range v.Questions {
		if text := strings.TrimSpace(w.Answers[q.ID]); text != "" {
			out[q.ID] = text
		}
	}
	return out
}

// forCaller signs a caller up in one transaction: a refusal leaves no trace of who rang.
func (s *Service) forCaller(ctx context.Context, a auth.Actor, v View, w Wish, o booking.Order) (p booking.Placed, err error) {
	o.Key = idem.Key{} // answered here, before a second note is made of the caller
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		p, err = idem.Once(tx, w.Key, func() (booking.Placed, error) {
			if err := s.caller(tx, a, v, w, &o); err != nil {
				return booking.Placed{}, err
			}
			o.With = s.keeping(v, w, o)
			return s.Kernel.BookIn(tx, o)
		})
		return err
	})
	return p, err
}

func (s *Service) caller(tx *db.Tx, a auth.Actor, v View, w Wish, o *booking.Order) error {
	if w.Whom.Caller.Name == "" {
		return nil
	}
	b, err := o.Bearer().ForCaller(tx, a, s.Desk, w.Whom.Caller)
	o.For(b)
	if err != nil {
		return err
	}
	return unpaused(tx, v.OrgID, o.HolderID, o.PersonID, o.OrgID)
}

// enter notes an entry for the draw, one for each account or person: entering again is
// answered with the entry that is there.
func (s *Service) enter(ctx context.Context, a auth.Actor, v View, w Wish, o booking.Order) (p booking.Placed, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		p, err = idem.Once(tx, w.Key, func() (booking.Placed, error) {
			if err := lockActivity(tx, v.ID); err != nil {
				return booking.Placed{}, err
			}
			act, err := activityByID(tx, v.ID) // under the lock: entries may have closed since
			if err != nil {
				return booking.Placed{}, err
			}
			switch now := tx.Now(); {
			case now.Before(act.OpensAt):
				return booking.Placed{}, ErrNotYet.With("opens_at", act.OpensAt).Add("opens_at", act.OpensAt)
			case act.DrawUID != nil, !now.Before(act.EntriesUntil):
				return booking.Placed{}, ErrClosed.With("closes_at", act.EntriesUntil).Add("closes_at", act.EntriesUntil)
			}
			if err := s.caller(tx, a, v, w, &o); err != nil {
				return booking.Placed{}, err
			}
			if o.OrgID == nil && (o.HolderID != nil || o.PersonID != nil) {
				uid, had, err := entryOf(tx, o.EventID, o.HolderID, o.PersonID)
				if err != nil {
					return booking.Placed{}, err
				}
				if had { // one lot for each; whoever enters again has not left
					return booking.Placed{ID: uid, EventID: o.EventID}, setQuit(tx, uid, models.Instant{})
				}
			}
			if err := s.household(tx, act.Activity, w, o); err != nil {
				return booking.Placed{}, err
			}
			g := s.row(v, w, o)
			g.UID, g.Entry, g.CreatedAt = booking.NewID(), models.LotEntered, tx.Now()
			return booking.Placed{ID: g.UID, EventID: o.EventID}, insertSignup(tx, g, asked(v, w))
		})
		return err
	})
	return p, err
}

// household holds the entries of an account, with those of the people it keeps, to what
// it may have: each is a lot.
func (s *Service) household(tx *db.Tx, act models.Activity, w Wish, o booking.Order) error {
	if o.HolderID == nil || o.OrgID != nil {
		return nil
	}
	has, err := enteredBy(tx, o.EventID, *o.HolderID)
	if most := act.PerAccount(); err == nil && has+w.Party > most {
		err = ErrHousehold.With("max", most).With("has", has).Add("max", most).Add("has", has).At(errs.Field{Name: "party", Code: "other"})
	}
	return err
}

// Signup returns a sign-up for its party or for staff; errs.ErrNotFound for others.
func (s *Service) Signup(ctx context.Context, a auth.Actor, uid string) (r SignupRow, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error { r, err = s.visible(tx, a, uid); return err })
	return r, err
}

func (s *Service) visible(tx *db.Tx, a auth.Actor, uid string) (SignupRow, error) {
	r, err := signupByID(tx, uid)
	switch {
	case err != nil:
		return r, err
	case r.mine(a), a.CanAt(auth.BookingRead, r.OrgPath), a.Can(auth.BookForOthers) && r.CreatedBy == a.AccountID:
		return r, nil
	}
	return r, errs.ErrNotFound
}

// mine reports whether the sign-up is kept by the actor's account.
func (r SignupRow) mine(a auth.Actor) bool { return r.HolderID != nil && *r.HolderID == a.AccountID }
