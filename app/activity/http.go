package activity

import (
	"context"
	"net/http"

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

	OwnerOK    models.AskState `json:"owner_ok"`    // of the partner who lends the place: "" nobody is asked, wanted, given, refused, lapsed
	OwnerUntil *models.Instant `json:"owner_until"` // by when one that is wanted is answered
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
	OwnerOK      models.AskState         `json:"owner_ok"` // why sign-up is not open: the partner who lends the place has not agreed; "" it is not for that
	OwnerUntil   *models.Instant         `json:"owner_until"`
	Sessions     []sessionView           `json:"sessions"`
	Questions    []questionView          `json:"questions"`
}

func (s *Service) viewOf(v View) activityView {
	m := v.Next(s.DB.Now())
	out := activityView{ID: v.ID, Title: v.Title, Kind: v.Kind, Summary: v.Summary, Detail: v.Detail, Teacher: v.Teacher, Place: v.Place, Address: v.Address,
		OrgID: v.OrgID, Org: v.OrgName, Audience: v.Audience, MinAge: v.MinAge, MaxAge: v.MaxAge, Signup: v.Signup, Choose: v.Choose, Approval: v.Approval,
		Capacity: m.Capacity, Taken: m.Taken, Free: m.Free(), Waiting: m.Waiting, MaxParty: v.MaxParty, OpensAt: v.OpensAt, ClosesAt: m.ClosesAt,
		EntriesUntil: optional(v.EntriesUntil), DrawnAt: optional(v.DrawnAt), State: v.State, Reason: v.Reason, Sessions: []sessionView{}, Questions: []questionView{}}
	if x, waits := v.awaits(m); waits {
		out.OwnerOK, out.OwnerUntil = x.Owner.State, x.ownerUntil()
	}
	for _, x := range v.Meetings {
		out.Sessions = append(out.Sessions, sessionView{ID: x.ID, StartsAt: x.StartsAt, EndsAt: x.EndsAt, Place: x.Place, State: x.State, Reason: x.Reason,
			Capacity: x.Capacity, Taken: x.Taken, Free: x.Free(), Waiting: x.Waiting, OwnerOK: x.Owner.State, OwnerUntil: x.ownerUntil()})
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

type repeatIn struct {
	Rule  string `json:"rule" validate:"required,max=200"` // RFC 5545 by days, X-WORKDAY=2, X-LUNAR=15, X-HOLIDAY=NEXT
	Times int    `json:"times" validate:"required,min=1,max=60"`
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
	Along        []int64                 `json:"along" validate:"max=20"` // goes along with the room, by resource id
	TeamID       *int64                  `json:"team_id"`                 // whose time the sessions take
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
	Repeat       *repeatIn               `json:"repeat"` // of the one session that is given
	Shares       []shareIn               `json:"shares" validate:"max=20,dive"`
	Questions    []questionIn            `json:"questions" validate:"max=20,dive"`
}

func or(i *models.Instant) models.Instant {
	if i == nil {
		return models.Instant{}
	}
	return *i
}

// planned is the plan with all of its sessions.
func (s *Service) planned(ctx context.Context, in createIn) (p Plan, err error) {
	p = in.plan()
	if in.Repeat != nil && len(p.Sessions) == 1 {
		p.Sessions, err = s.Times(ctx, Repeat{First: p.Sessions[0], Rule: in.Repeat.Rule, Times: in.Repeat.Times})
	}
	return p, err
}

func (in createIn) plan() Plan {
	p := Plan{Activity: models.Activity{OrgID: in.OrgID, Kind: in.Kind, Title: in.Title, Summary: in.Summary, Detail: in.Detail, Teacher: in.Teacher, Place: in.Place,
		Address: in.Address, RoomID: in.RoomID, TeamID: in.TeamID, Audience: in.Audience, MinAge: in.MinAge, MaxAge: in.MaxAge, Signup: in.Signup, Choose: in.Choose, Approval: in.Approval,
		StaffMin: in.StaffMin, Home: in.Home, Capacity: in.Capacity, MaxParty: in.MaxParty, OpensAt: or(in.OpensAt), EntriesUntil: or(in.EntriesUntil)}, Along: in.Along}
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
		httpapi.Op{Summary: "Open an activity; its sessions take their room or nothing is opened, and a partner who lends it is asked", Tag: tag, Status: http.StatusCreated,
			Errors: []*errs.Error{booking.ErrResourceTaken, booking.ErrPlaces, models.ErrBadRule, models.ErrUnknownYear}},
		func(ctx context.Context, a auth.Actor, in createIn) (activityView, error) {
			p, err := s.planned(ctx, in)
			if err != nil {
				return activityView{}, err
			}
			v, err := s.Create(ctx, a, p)
			return s.viewOf(v), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/activities/:id/signups", auth.SignedIn,
		httpapi.Op{Summary: "Sign a whole party up: at once, on the waiting list, or as an entry until the draw", Tag: tag, Status: http.StatusCreated, Limit: httpapi.LimitBooking,
			Errors: []*errs.Error{ErrFull, ErrNotYet, ErrOwner, ErrClosed, ErrOver, ErrTooMany, ErrHousehold, ErrAge, ErrGuardian, ErrAlready, ErrPaused, booking.ErrDeskOnly, idem.ErrReused}},
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
	s.cellRoutes(r)
	s.visitRoutes(r)
	s.ruleRoutes(r)
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
