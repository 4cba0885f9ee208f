package activity

import (
	"context"
	"encoding/base64"
	"net/http"
	"strconv"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/idem"
	"youyue/app/list"
	"youyue/models"
)

type byID struct {
	ID int64 `path:"id" json:"-"`
}

type byUID struct {
	ID string `path:"id" json:"-"`
}

type sessionView struct {
	ID       int64               `json:"id"`
	StartsAt models.Instant      `json:"starts_at"`
	EndsAt   models.Instant      `json:"ends_at"`
	Place    string              `json:"place"`
	State    models.SessionState `json:"state" validate:"oneof=planned cancelled"`
	Reason   string              `json:"reason,omitempty"`
	Capacity int                 `json:"capacity"`
	Taken    int                 `json:"taken"`
	Free     int                 `json:"free"` // for all; places kept for a share are left out
	Waiting  int                 `json:"waiting"`
}

type questionView struct {
	ID       int64               `json:"id"`
	Kind     models.QuestionKind `json:"kind" validate:"oneof=text number yes_no choice"`
	Label    string              `json:"label"`
	Options  string              `json:"options,omitempty"` // one a line
	Required bool                `json:"required"`
}

// activityView names places of the next session that can be joined.
type activityView struct {
	ID           int64                   `json:"id"`
	Title        string                  `json:"title"`
	Kind         models.ActivityKind     `json:"kind"`
	Summary      string                  `json:"summary"`
	Detail       string                  `json:"detail,omitempty"`
	Teacher      string                  `json:"teacher,omitempty"`
	Place        string                  `json:"place"`
	Address      string                  `json:"address,omitempty"`
	OrgID        int64                   `json:"org_id"`
	Org          string                  `json:"org"`
	Audience     models.ActivityAudience `json:"audience" validate:"oneof=all elders children families adults schools"`
	MinAge       int                     `json:"min_age"`
	MaxAge       int                     `json:"max_age"` // 0: no bound
	Signup       models.SignupFor        `json:"signup" validate:"oneof=session term"`
	Choose       models.Choosing         `json:"choose" validate:"oneof=first draw"`
	Approval     bool                    `json:"approval"`
	Capacity     int                     `json:"capacity"`
	Taken        int                     `json:"taken"`
	Free         int                     `json:"free"`
	Waiting      int                     `json:"waiting"`
	MaxParty     int                     `json:"max_party"`
	OpensAt      models.Instant          `json:"opens_at"`
	ClosesAt     models.Instant          `json:"closes_at"`
	EntriesUntil *models.Instant         `json:"entries_until"` // of a draw
	DrawnAt      *models.Instant         `json:"drawn_at"`
	State        models.ActivityState    `json:"state" validate:"oneof=open ended cancelled"`
	Reason       string                  `json:"reason,omitempty"`
	Sessions     []sessionView           `json:"sessions"`
	Questions    []questionView          `json:"questions"`
}

func (s *Service) viewOf(v View) activityView {
	m := v.Next(s.DB.Now())
	out := activityView{ID: v.ID, Title: v.Title, Kind: v.Kind, Summary: v.Summary, Detail: v.Detail, Teacher: v.Teacher, Place: v.Place, Address: v.Address,
		OrgID: v.OrgID, Org: v.OrgName, Audience: v.Audience, MinAge: v.MinAge, MaxAge: v.MaxAge, Signup: v.Signup, Choose: v.Choose, Approval: v.Approval,
		Capacity: m.Capacity, Taken: m.Taken, Free: m.Free(), Waiting: m.Waiting, MaxParty: v.MaxParty, OpensAt: v.OpensAt, ClosesAt: m.ClosesAt,
		EntriesUntil: optional(v.EntriesUntil), DrawnAt: optional(v.DrawnAt), State: v.State, Reason: v.Reason, Sessions: []sessionView{}, Questions: []questionView{}}
	for _, x := range v.Meetings {
		out.Sessions = append(out.Sessions, sessionView{ID: x.ID, StartsAt: x.StartsAt, EndsAt: x.EndsAt, Place: x.Place, State: x.State, Reason: x.Reason,
			Capacity: x.Capacity, Taken: x.Taken, Free: x.Free(), Waiting: x.Waiting})
	}
	for _, q := range v.Questions {
		out.Questions = append(out.Questions, questionView{q.ID, q.Kind, q.Label, q.Options, q.Required})
	}
	return out
}

func optional(i models.Instant) *models.Instant {
	if i.IsZero() {
		return nil
	}
	return &i
}

type listIn struct {
	list.Query
	When     When                    `query:"when" validate:"omitempty,oneof=today week past"`
	Audience models.ActivityAudience `query:"audience" validate:"omitempty,oneof=all elders children families adults schools"`
	Kind     models.ActivityKind     `query:"kind" validate:"max=20"`
	Near     int64                   `query:"near"` // an organisation of the district
}

type spanIn struct {
	Start models.Instant `json:"start" validate:"required"`
	End   models.Instant `json:"end" validate:"required"`
}

type shareIn struct {
	Who    models.ShareWho `json:"who" validate:"required,oneof=desk org newcomers returning"`
	OrgID  int64           `json:"org_id"`
	Name   string          `json:"name" validate:"max=40"`
	Places int             `json:"places" validate:"required,min=1,max=10000"`
	Until  *models.Instant `json:"until"` // nothing said: a day before
}

type questionIn struct {
	Kind     models.QuestionKind `json:"kind" validate:"required,oneof=text number yes_no choice"`
	Label    string              `json:"label" validate:"required,plain,max=80"`
	Options  string              `json:"options" validate:"max=400"`
	Required bool                `json:"required"`
}

type createIn struct {
	OrgID        int64                   `json:"org_id" validate:"required"`
	Kind         models.ActivityKind     `json:"kind" validate:"required,max=20"`
	Title        string                  `json:"title" validate:"required,plain,max=60"`
	Summary      string                  `json:"summary" validate:"required,plain,max=200"`
	Detail       string                  `json:"detail" validate:"max=4000"`
	Teacher      string                  `json:"teacher" validate:"omitempty,plain,max=60"`
	Place        string                  `json:"place" validate:"required,plain,max=80"`
	Address      string                  `json:"address" validate:"omitempty,plain,max=120"`
	RoomID       *int64                  `json:"room_id"`
	Audience     models.ActivityAudience `json:"audience" validate:"required,oneof=all elders children families adults schools"`
	MinAge       int                     `json:"min_age" validate:"min=0,max=120"`
	MaxAge       int                     `json:"max_age" validate:"min=0,max=120"`
	Signup       models.SignupFor        `json:"signup" validate:"omitempty,oneof=session term"`
	Choose       models.Choosing         `json:"choose" validate:"omitempty,oneof=first draw"`
	Approval     bool                    `json:"approval"`
	StaffMin     int                     `json:"staff_min" validate:"min=0,max=20"`
	Home         bool                    `json:"home"`
	Capacity     int                     `json:"capacity" validate:"required,min=1,max=10000"`
	MaxParty     int                     `json:"max_party" validate:"min=0,max=200"`
	OpensAt      *models.Instant         `json:"opens_at"`
	EntriesUntil *models.Instant         `json:"entries_until"`
	Sessions     []spanIn                `json:"sessions" validate:"required,min=1,max=60,dive"`
	Shares       []shareIn               `json:"shares" validate:"max=20,dive"`
	Questions    []questionIn            `json:"questions" validate:"max=20,dive"`
}

func or(i *models.Instant) models.Instant {
	if i == nil {
		return models.Instant{}
	}
	return *i
}

func (in createIn) plan() Plan {
	p := Plan{Activity: models.Activity{OrgID: in.OrgID, Kind: in.Kind, Title: in.Title, Summary: in.Summary, Detail: in.Detail, Teacher: in.Teacher, Place: in.Place,
		Address: in.Address, RoomID: in.RoomID, Audience: in.Audience, MinAge: in.MinAge, MaxAge: in.MaxAge, Signup: in.Signup, Choose: in.Choose, Approval: in.Approval,
		StaffMin: in.StaffMin, Home: in.Home, Capacity: in.Capacity, MaxParty: in.MaxParty, OpensAt: or(in.OpensAt), EntriesUntil: or(in.EntriesUntil)}}
	for _, x := range in.Sessions {
		p.Sessions = append(p.Sessions, Time(x))
	}
	for _, x := range in.Shares {
		p.Shares = append(p.Shares, SharePlan{Who: x.Who, OrgID: x.OrgID, Name: x.Name, Places: x.Places, Until: or(x.Until)})
	}
	for _, q := range in.Questions {
		p.Questions = append(p.Questions, models.ActivityQuestion{Kind: q.Kind, Label: q.Label, Options: q.Options, Required: q.Required})
	}
	return p
}

type callerIn struct {
	Name  string `json:"name" validate:"omitempty,plain,max=40"`
	Phone string `json:"phone" validate:"max=30"`
}

type signupIn struct {
	httpapi.Keyed
	byID
	Party     int               `json:"party" validate:"required,min=1,max=200"`
	SessionID int64             `json:"session_id"` // nothing said: the next that can be joined
	PersonID  int64             `json:"person_id"`
	Caller    callerIn          `json:"caller"`
	Channel   models.Channel    `json:"channel" validate:"omitempty,oneof=online phone window visit"`
	ReadBack  bool              `json:"read_back"`
	Age       int               `json:"age" validate:"min=0,max=120"`
	Guardian  string            `json:"guardian" validate:"omitempty,plain,max=40"` // who agrees, for a child under fourteen
	PickUp    string            `json:"pick_up" validate:"omitempty,plain,max=40"`  // who fetches it
	Address   string            `json:"address" validate:"omitempty,plain,max=120"`
	Answers   map[string]string `json:"answers"` // by question id
}

func (in signupIn) wish() Wish {
	w := Wish{ActivityID: in.ID, SessionID: in.SessionID, Party: in.Party, Age: in.Age, Guardian: in.Guardian, PickUp: in.PickUp, Address: in.Address,
		Whom:     booking.Whom{PersonID: in.PersonID, Caller: booking.Caller(in.Caller), Channel: in.Channel},
		ReadBack: booking.ReadBack(in.ReadBack), Key: in.Key, Answers: map[int64]string{}}
	for k, v := range in.Answers {
		if id, err := strconv.ParseInt(k, 10, 64); err == nil {
			w.Answers[id] = v
		}
	}
	return w
}

type overlapView struct {
	Title    string         `json:"title"`
	StartsAt models.Instant `json:"starts_at"`
	EndsAt   models.Instant `json:"ends_at"`
}

type signedView struct {
	ID       string              `json:"id"`
	Status   models.SignupStatus `json:"status" validate:"oneof=confirmed waiting offered entered asked cancelled attended no_show"`
	Party    int                 `json:"party"`
	Code     string              `json:"code,omitempty"` // read out at the door, once confirmed
	Ahead    int                 `json:"ahead"`          // parties before it, while it waits
	Overlaps []overlapView       `json:"overlaps"`       // what its party has at the same time
}

func viewSigned(x Signed) signedView {
	v := signedView{ID: x.ID, Status: x.Status, Party: x.Party, Code: x.Code, Ahead: x.Ahead, Overlaps: []overlapView{}}
	for _, c := range x.Overlaps {
		v.Overlaps = append(v.Overlaps, overlapView(c))
	}
	return v
}

type signupView struct {
	ID         string              `json:"id"`
	ActivityID int64               `json:"activity_id"`
	Title      string              `json:"title"`
	StartsAt   models.Instant      `json:"starts_at"`
	EndsAt     models.Instant      `json:"ends_at"`
	Place      string              `json:"place"`
	Status     models.SignupStatus `json:"status" validate:"oneof=confirmed waiting offered entered asked cancelled attended no_show"`
	Party      int                 `json:"party"`
	Name       string              `json:"name"`
	PersonID   *int64              `json:"person_id"`
	Code       string              `json:"code,omitempty"`
	Ahead      int                 `json:"ahead"`
	Deadline   *models.Instant     `json:"deadline"` // of an offer
	CreatedAt  models.Instant      `json:"created_at"`
}

func viewSignup(r SignupRow) signupView {
	v := signupView{ID: r.UID, ActivityID: r.ActivityID, Title: r.Title, StartsAt: r.StartsAt, EndsAt: r.EndsAt, Place: r.Place, Status: r.Stands(), Party: r.Party,
		Name: r.Name, PersonID: r.PersonID, Code: r.Code, Ahead: r.Ahead, CreatedAt: r.CreatedAt}
	if v.Status == models.SignupOffered {
		v.Deadline = &r.Deadline
	}
	return v
}

type signupsView struct {
	Items []signupView `json:"items"`
}

type cancelIn struct {
	byUID
	Reason  string         `json:"reason" validate:"omitempty,plain,max=500"`
	Channel models.Channel `json:"channel" validate:"omitempty,oneof=online phone window visit"`
}

type waiterView struct {
	Position int                 `json:"position"` // 1 is first; 0 has an offer
	Party    int                 `json:"party"`
	Status   models.SignupStatus `json:"status" validate:"oneof=waiting offered"`
	Mine     bool                `json:"mine"`
	ID       string              `json:"id,omitempty"`   // one's own, and for staff
	Name     string              `json:"name,omitempty"` // for staff
	Since    models.Instant      `json:"since"`
}

type waitersView struct {
	Items []waiterView `json:"items"`
}

type waitlistIn struct {
	byID
	SessionID int64 `query:"session_id"`
}

type reasonIn struct {
	byID
	Reason string `json:"reason" validate:"required,plain,max=300"`
}

// Routes declares the API.
func (s *Service) Routes(r *httpapi.Router) {
	const tag = "activities"
	httpapi.API(r, http.MethodGet, "/api/v1/activities", auth.Public, httpapi.Op{Summary: "Activities, those that are on soonest first", Tag: tag},
		func(ctx context.Context, _ auth.Actor, in listIn) (list.Of[activityView], error) {
			out, err := s.List(ctx, Programme(in))
			return list.Map(out, s.viewOf), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/activities/:id", auth.Public, httpapi.Op{Summary: "One activity with its sessions", Tag: tag},
		func(ctx context.Context, _ auth.Actor, in byID) (activityView, error) {
			v, err := s.Get(ctx, in.ID)
			return s.viewOf(v), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/activities", auth.ActivityWrite,
		httpapi.Op{Summary: "Open an activity; its sessions take their room or nothing is opened", Tag: tag, Status: http.StatusCreated,
			Errors: []*errs.Error{booking.ErrResourceTaken, booking.ErrPlaces}},
		func(ctx context.Context, a auth.Actor, in createIn) (activityView, error) {
			v, err := s.Create(ctx, a, in.plan())
			return s.viewOf(v), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/activities/:id/signups", auth.SignedIn,
		httpapi.Op{Summary: "Sign a whole party up: at once, on the waiting list, or as an entry until the draw", Tag: tag, Status: http.StatusCreated, Limit: httpapi.LimitBooking,
			Errors: []*errs.Error{ErrFull, ErrNotYet, ErrClosed, ErrOver, ErrTooMany, ErrAge, ErrGuardian, booking.ErrDeskOnly, idem.ErrReused}},
		func(ctx context.Context, a auth.Actor, in signupIn) (signedView, error) {
			x, err := s.SignUp(ctx, a, in.wish())
			return viewSigned(x), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/activities/:id/waitlist", auth.Public,
		httpapi.Op{Summary: "Who waits, in the stated order, then who has an offer; names are for staff", Tag: tag},
		func(ctx context.Context, a auth.Actor, in waitlistIn) (waitersView, error) {
			all, staff, err := s.Waitlist(ctx, a, in.ID, in.SessionID)
			return viewWaiters(all, staff), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/activities/:id/cancel", auth.ActivityWrite,
		httpapi.Op{Summary: "Call an activity off with a reason; everybody is told", Tag: tag, Errors: []*errs.Error{ErrOver}},
		func(ctx context.Context, a auth.Actor, in reasonIn) (activityView, error) {
			v, err := s.CallOff(ctx, a, in.ID, in.Reason)
			return s.viewOf(v), err
		})
	s.signupRoutes(r)
	s.sessionRoutes(r)
	s.doorRoutes(r)
	s.serviceRoutes(r)
}

func viewWaiters(all []Waiter, staff bool) waitersView {
	out := waitersView{Items: make([]waiterView, len(all))}
	for i, w := range all {
		out.Items[i] = waiterView{Position: w.Position, Party: w.Party, Status: w.Stands(), Mine: w.Mine, Since: w.CreatedAt}
		if staff {
			out.Items[i].Name = w.Name
		}
		if staff || w.Mine {
			out.Items[i].ID = w.UID
		}
	}
	return out
}

func (s *Service) signupRoutes(r *httpapi.Router) {
	const tag = "sign-ups"
	late := []*errs.Error{booking.ErrCancelLate, booking.ErrNotBooked, booking.ErrArrived, booking.ErrOfferTaken}
	httpapi.API(r, http.MethodGet, "/api/v1/signups", auth.SignedIn, httpapi.Op{Summary: "One's own sign-ups, the next first", Tag: tag},
		func(ctx context.Context, a auth.Actor, _ httpapi.None) (signupsView, error) {
			all, err := s.Mine(ctx, a, false)
			out := signupsView{Items: make([]signupView, len(all))}
			for i, x := range all {
				out.Items[i] = viewSignup(x)
			}
			return out, err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/signups/:id", auth.SignedIn, httpapi.Op{Summary: "One sign-up", Tag: tag},
		func(ctx context.Context, a auth.Actor, in byUID) (signupView, error) {
			x, err := s.Signup(ctx, a, in.ID)
			return viewSignup(x), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/signups/:id/cancel", auth.SignedIn,
		httpapi.Op{Summary: "Give a sign-up back; its places go to who waits", Tag: tag, Errors: late},
		func(ctx context.Context, a auth.Actor, in cancelIn) (signupView, error) {
			x, err := s.Cancel(ctx, a, in.ID, in.Reason, in.Channel)
			return viewSignup(x), err
		})
	for _, x := range []struct {
		reply   Reply
		summary string
	}{{Accept, "Take the places that are offered"}, {Decline, "Let the next in order have them"}} {
		httpapi.API(r, http.MethodPost, "/api/v1/signups/:id/"+string(x.reply), auth.SignedIn,
			httpapi.Op{Summary: x.summary, Tag: tag, Errors: []*errs.Error{booking.ErrOfferLapsed, booking.ErrOfferOver, booking.ErrOfferTaken, booking.ErrNotWaiting, booking.ErrOver}},
			func(ctx context.Context, a auth.Actor, in byUID) (signupView, error) {
				r, err := s.Answer(ctx, a, in.ID, x.reply)
				return viewSignup(r), err
			})
	}
}

type moveIn struct {
	byID
	Start  models.Instant `json:"start" validate:"required"`
	End    models.Instant `json:"end" validate:"required"`
	Reason string         `json:"reason" validate:"required,plain,max=300"`
}

type drawIn struct {
	byID
	Value string `json:"value" validate:"required,max=100"`
}

type drawnView struct {
	DrawID int64        `json:"draw_id"` // see /api/v1/draws/{id}
	State  string       `json:"state"`
	Lines  []drawnEntry `json:"lines"`
}

type drawnEntry struct {
	Entry string `json:"entry"`
	Party int    `json:"party"`
	Place int    `json:"place"`
	Note  string `json:"note"` // "in", "waits", "out"
}

func (s *Service) sessionRoutes(r *httpapi.Router) {
	const tag = "activities"
	httpapi.API(r, http.MethodPost, "/api/v1/sessions/:id/cancel", auth.ActivityWrite, httpapi.Op{Summary: "Cancel one session; everybody is told", Tag: tag, Errors: []*errs.Error{ErrOver}},
		func(ctx context.Context, a auth.Actor, in reasonIn) (activityView, error) {
			v, err := s.CallOffSession(ctx, a, in.ID, in.Reason)
			return s.viewOf(v), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/sessions/:id/move", auth.ActivityWrite,
		httpapi.Op{Summary: "Put a session at another time; everybody is told and may leave", Tag: tag, Errors: []*errs.Error{ErrOver, booking.ErrResourceTaken}},
		func(ctx context.Context, a auth.Actor, in moveIn) (activityView, error) {
			v, err := s.Move(ctx, a, in.ID, Time{in.Start, in.End}, in.Reason)
			return s.viewOf(v), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/activities/:id/draw", auth.ActivityWrite,
		httpapi.Op{Summary: "Enter the public value: the order is computed, and the places are given in it", Tag: tag, Errors: []*errs.Error{ErrNoDraw}},
		func(ctx context.Context, a auth.Actor, in drawIn) (drawnView, error) {
			if err := s.Draw(ctx, a, in.ID, in.Value); err != nil {
				return drawnView{}, err
			}
			return s.drawn(ctx, a, in.ID)
		})
	httpapi.API(r, http.MethodGet, "/api/v1/activities/:id/draw", auth.Public, httpapi.Op{Summary: "What came of the draw, entry by entry", Tag: tag},
		func(ctx context.Context, a auth.Actor, in byID) (drawnView, error) { return s.drawn(ctx, a, in.ID) })
}

func (s *Service) drawn(ctx context.Context, a auth.Actor, id int64) (drawnView, error) {
	d, err := s.Drawing(ctx, a, id)
	out := drawnView{DrawID: d.DrawID, State: "entries", Lines: []drawnEntry{}}
	switch {
	case d.Waiting:
		out.State = "committed"
	case !d.View.DrawnAt.IsZero():
		out.State = "drawn"
	}
	for _, l := range d.Lines {
		out.Lines = append(out.Lines, drawnEntry{l.Entry, l.Party, l.Ord, l.Note})
	}
	return out, err
}

type passIn struct {
	Nonce string             `json:"nonce" validate:"required,max=80"`
	Kind  models.ScanOutcome `json:"kind" validate:"omitempty,oneof=in out walk_in"` // nothing said: in
	Code  string             `json:"code" validate:"max=20"`
	Heads int                `json:"heads" validate:"min=0,max=200"` // nothing said: all of the party
	At    *models.Instant    `json:"at"`
}

type batchIn struct {
	Device    string   `json:"device" validate:"required,max=80"`
	SessionID int64    `json:"session_id" validate:"required"`
	Scans     []passIn `json:"scans" validate:"required,max=500,dive"`
	Signature string   `json:"signature" validate:"max=200"` // of a device that has taken a list along
}

func (in batchIn) batch() Batch {
	b := Batch{Device: in.Device, SessionID: in.SessionID, Signature: in.Signature}
	for _, p := range in.Scans {
		b.Passes = append(b.Passes, Pass{Nonce: p.Nonce, Kind: orElse(p.Kind, models.ScanIn), Code: p.Code, Heads: p.Heads, At: or(p.At)})
	}
	return b
}

type scanView struct {
	Nonce   string             `json:"nonce"`
	Outcome models.ScanOutcome `json:"outcome" validate:"oneof=in out again double walk_in full unknown"`
	Name    string             `json:"name,omitempty"`
	Party   int                `json:"party"`
	Heads   int                `json:"heads"` // counted by this scan
	Device  string             `json:"device"`
	At      models.Instant     `json:"at"`
	First   *firstView         `json:"first"` // the scan that came before, of a double one
}

type firstView struct {
	Nonce  string         `json:"nonce"`
	Device string         `json:"device"`
	At     models.Instant `json:"at"`
}

type batchView struct {
	Items    []scanView `json:"items"`
	Arrived  int        `json:"arrived"`
	Expected int        `json:"expected"`
}

type lendIn struct {
	Device    string `json:"device" validate:"required,max=80"`
	SessionID int64  `json:"session_id" validate:"required"`
	PublicKey string `json:"public_key" validate:"required,max=400"` // SPKI, base64, P-256
	Places    int    `json:"places" validate:"min=0,max=50"`
}

type expectedView struct {
	Code  string `json:"code"`
	Name  string `json:"name"`
	Party int    `json:"party"`
	In    int    `json:"in"`
}

type lentView struct {
	SessionID int64          `json:"session_id"`
	Title     string         `json:"title"`
	Until     models.Instant `json:"until"`
	Places    int            `json:"places"` // for people who come without a sign-up
	Used      int            `json:"used"`
	People    []expectedView `json:"people"`
	Arrived   int            `json:"arrived"`
	Expected  int            `json:"expected"`
}

func (s *Service) doorRoutes(r *httpapi.Router) {
	const tag = "check-in"
	httpapi.API(r, http.MethodPost, "/api/v1/checkins/batch", auth.CheckIn,
		httpapi.Op{Summary: "Scans of a device, also long after they were made; each counts once by its nonce", Tag: tag,
			Errors: []*errs.Error{ErrSignature, booking.ErrDoorEarly, booking.ErrRecordClosed}},
		func(ctx context.Context, a auth.Actor, in batchIn) (batchView, error) {
			seen, n, err := s.Admit(ctx, a, in.batch())
			out := batchView{Items: make([]scanView, len(seen)), Arrived: n.Arrived, Expected: n.Expected}
			for i, x := range seen {
				out.Items[i] = scanView{Nonce: x.Nonce, Outcome: x.Outcome, Name: x.Name, Party: x.Party, Heads: x.Heads, Device: x.Device, At: x.At}
				if x.First != nil {
					out.Items[i].First = &firstView{x.First.Nonce, x.First.Device, x.First.At}
				}
			}
			return out, err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/checkins/leases", auth.CheckIn,
		httpapi.Op{Summary: "Take the list of a session along for two hours, with some places for walk-ins", Tag: tag, Errors: []*errs.Error{ErrSignature}},
		func(ctx context.Context, a auth.Actor, in lendIn) (lentView, error) {
			l, err := s.Lend(ctx, a, in.SessionID, in.Device, in.PublicKey, in.Places)
			out := lentView{SessionID: in.SessionID, Title: l.Title, Until: l.Lease.UntilAt, Places: l.Lease.Places, Used: l.Lease.Used, People: []expectedView{},
				Arrived: l.Count.Arrived, Expected: l.Count.Expected}
			for _, p := range l.People {
				out.People = append(out.People, expectedView{p.Code, p.Name, p.Party, p.In})
			}
			return out, err
		})
}

type importIn struct {
	OrgID  int64  `json:"org_id" validate:"required"`
	Year   int    `json:"year" validate:"required,min=2000,max=2100"`
	Text   string `json:"text" validate:"max=200000"`  // pasted from a sheet: tabs and lines
	File   string `json:"file" validate:"max=3000000"` // or a workbook, base64
	Digest string `json:"digest" validate:"max=64"`    // what the preview said; empty only looks
	Note   string `json:"note" validate:"omitempty,plain,max=120"`
}

type cellFault struct {
	Row    int    `json:"row"`
	Column string `json:"column"`
	Fault  string `json:"fault"`
}

type cellChange struct {
	Service string `json:"service"`
	Month   int    `json:"month"`
	Before  string `json:"before"`
	After   string `json:"after"`
}

type importView struct {
	ListID   int64        `json:"list_id"` // 0: nothing was written
	Written  bool         `json:"written"`
	Services int          `json:"services"`
	Cells    int          `json:"cells"`
	Changes  []cellChange `json:"changes"`
	Faults   []cellFault  `json:"faults"`
	Digest   string       `json:"digest"`
}

type boardIn struct {
	OrgID int64 `query:"org_id" validate:"required"`
	Year  int   `query:"year" validate:"required,min=2000,max=2100"`
}

type boardCell struct {
	ID         int64            `json:"id"`
	Month      int              `json:"month"`
	What       string           `json:"what"`
	Times      int              `json:"times"`
	State      models.CellState `json:"state" validate:"oneof=planned due done slipping"`
	Activities []int64          `json:"activities"`
}

type boardRow struct {
	Service string              `json:"service"`
	Kind    models.ActivityKind `json:"kind"`
	Cells   []boardCell         `json:"cells"`
}

type boardView struct {
	ListID int64      `json:"list_id"`
	Org    string     `json:"org"`
	Year   int        `json:"year"`
	Rows   []boardRow `json:"rows"`
}

func (s *Service) serviceRoutes(r *httpapi.Router) {
	const tag = "service lists"
	httpapi.API(r, http.MethodPost, "/api/v1/service-lists/import", auth.ActivityWrite,
		httpapi.Op{Summary: "A year's service list: without a digest a preview, with it all or nothing", Tag: tag, Errors: []*errs.Error{ErrCells, ErrCellsChanged}},
		func(ctx context.Context, a auth.Actor, in importIn) (importView, error) {
			return s.importing(ctx, a, in)
		})
	httpapi.API(r, http.MethodGet, "/api/v1/service-lists", auth.Public, httpapi.Op{Summary: "The board of a station's services for a year", Tag: tag},
		func(ctx context.Context, _ auth.Actor, in boardIn) (boardView, error) {
			b, err := s.ServiceBoard(ctx, in.OrgID, in.Year)
			out := boardView{ListID: b.ListID, Org: b.OrgName, Year: b.Year, Rows: []boardRow{}}
			for _, x := range b.Rows {
				row := boardRow{Service: x.Service, Kind: x.Kind, Cells: []boardCell{}}
				for _, c := range x.Months {
					if c != nil {
						row.Cells = append(row.Cells, boardCell{c.ID, c.Month, c.What, c.Times, c.State, append([]int64{}, c.Activities...)})
					}
				}
				out.Rows = append(out.Rows, row)
			}
			return out, err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/service-lists/roll-back", auth.ActivityWrite,
		httpapi.Op{Summary: "Bring the list before the current one to life again", Tag: tag, Status: http.StatusNoContent, Errors: []*errs.Error{ErrNoEarlier}},
		func(ctx context.Context, a auth.Actor, in rollBackIn) (httpapi.None, error) {
			return httpapi.None{}, s.RollBack(ctx, a, in.OrgID, in.Year)
		})
}

type rollBackIn struct {
	OrgID int64 `json:"org_id" validate:"required"`
	Year  int   `json:"year" validate:"required,min=2000,max=2100"`
}

// importing reads a sheet in either form. Faults are an answer while looking, a
// refusal when it was to be written.
func (s *Service) importing(ctx context.Context, a auth.Actor, in importIn) (importView, error) {
	text := in.Text
	if in.File != "" {
		raw, err := base64.StdEncoding.DecodeString(in.File)
		if err != nil {
			return importView{}, errs.FieldFault("file", "other")
		}
		if text, err = sheetText(raw); err != nil {
			return importView{}, err
		}
	}
	got, err := s.ImportServices(ctx, a, Import{OrgID: in.OrgID, Year: in.Year, Text: text, Digest: in.Digest, Note: in.Note})
	out := importView{ListID: got.ListID, Written: got.ListID != 0, Services: got.Services, Cells: got.Cells, Changes: []cellChange{}, Faults: []cellFault{}, Digest: got.Digest}
	for _, c := range got.Changes {
		out.Changes = append(out.Changes, cellChange(c))
	}
	for _, f := range got.Faults {
		out.Faults = append(out.Faults, cellFault{f.Line, f.Column, f.Words(httpapi.Lang(ctx))})
	}
	if err == nil && in.Digest != "" && len(out.Faults) > 0 {
		err = ErrCells.With("count", len(out.Faults)).Add("faults", out.Faults)
	}
	return out, err
}
