package contest

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/draw"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/idem"
	"youyue/app/list"
	"youyue/models"
)

type byContest struct {
	ID int64 `path:"id" json:"-"`
}

type byUID struct {
	UID string `path:"entry" json:"-"`
}

type listIn struct {
	list.Query
	All bool `query:"all"` // those that are over too
}

type createIn struct {
	httpapi.Keyed
	OrgID      int64           `json:"org_id" validate:"required"`
	Title      string          `json:"title" validate:"required"`
	Summary    string          `json:"summary"`
	Detail     string          `json:"detail"`
	Phone      string          `json:"phone"`
	OpensAt    models.Instant  `json:"opens_at" validate:"required"`
	ClosesAt   models.Instant  `json:"closes_at" validate:"required"`
	GiveBackAt *models.Instant `json:"give_back_at"`
	Slots      []slotIn        `json:"slots" validate:"required,dive"`
	Divisions  []divisionIn    `json:"divisions" validate:"required,dive"`
}

type slotIn struct {
	Kind      models.SlotKind `json:"kind" validate:"required,oneof=stage rehearsal"`
	Place     string          `json:"place" validate:"required"`
	StartsAt  models.Instant  `json:"starts_at" validate:"required"`
	EndsAt    models.Instant  `json:"ends_at" validate:"required"`
	SetupMin  int             `json:"setup_min"`
	ClearMin  int             `json:"clear_min"`
	Resources []int64         `json:"resources"`
}

type divisionIn struct {
	Name        string    `json:"name" validate:"required"`
	Places      int       `json:"places" validate:"required"`
	MinMembers  int       `json:"min_members" validate:"required"`
	MaxMembers  int       `json:"max_members" validate:"required"`
	Substitutes int       `json:"substitutes"`
	MinAge      int       `json:"min_age"`
	MaxAge      int       `json:"max_age"`
	MaxLength   int       `json:"max_length"`
	PerTeam     int       `json:"per_team"`
	Heat        int       `json:"heat"`  // index into slots
	Final       *int      `json:"final"` // index into slots; none: the heat decides
	Advance     int       `json:"advance"`
	Quotas      []quotaIn `json:"quotas" validate:"dive"`
}

type quotaIn struct {
	OrgID  int64 `json:"org_id" validate:"required"`
	Places int   `json:"places" validate:"required"`
}

func (in createIn) plan() Plan {
	p := Plan{OrgID: in.OrgID, Title: in.Title, Summary: in.Summary, Detail: in.Detail, Phone: in.Phone, OpensAt: in.OpensAt, ClosesAt: in.ClosesAt}
	if in.GiveBackAt != nil {
		p.GiveBackAt = *in.GiveBackAt
	}
	for _, x := range in.Slots {
		p.Slots = append(p.Slots, SlotPlan{x.Kind, x.Place, models.Span{Start: x.StartsAt, End: x.EndsAt}, x.SetupMin, x.ClearMin, x.Resources})
	}
	for _, x := range in.Divisions {
		d := DivisionPlan{Name: x.Name, Places: x.Places, MinMembers: x.MinMembers, MaxMembers: x.MaxMembers, Substitutes: x.Substitutes, MinAge: x.MinAge,
			MaxAge: x.MaxAge, MaxLength: x.MaxLength, PerTeam: x.PerTeam, Heat: x.Heat, Final: -1, Advance: x.Advance}
		if x.Final != nil {
			d.Final = *x.Final
		}
		for _, q := range x.Quotas {
			d.Quotas = append(d.Quotas, Quota(q))
		}
		p.Divisions = append(p.Divisions, d)
	}
	return p
}

type formIn struct {
	Team    string     `json:"team" validate:"required"`
	Phone   string     `json:"phone"`
	Piece   string     `json:"piece" validate:"required"`
	Length  int        `json:"length"` // seconds
	Brings  string     `json:"brings"`
	Lent    []int64    `json:"lent"`
	Members []memberIn `json:"members" validate:"required,dive"`
}

type memberIn struct {
	Name       string `json:"name" validate:"required"`
	BornYear   int    `json:"born_year"`
	Substitute bool   `json:"substitute"`
}

func (in formIn) form() Form {
	f := Form{Team: in.Team, Phone: in.Phone, Piece: in.Piece, Length: in.Length, Brings: in.Brings, Lent: in.Lent}
	for _, m := range in.Members {
		f.Members = append(f.Members, models.ContestMember{Name: m.Name, BornYear: m.BornYear, Substitute: m.Substitute})
	}
	return f
}

type enterIn struct {
	httpapi.Keyed
	byContest
	formIn
	DivisionID int64          `json:"division_id" validate:"required"`
	OrgID      int64          `json:"org_id" validate:"required"` // where the team is at home
	Caller     *callerIn      `json:"caller"`                     // the leader whom a clerk enters for
	Channel    models.Channel `json:"channel" validate:"omitempty,oneof=online phone window visit"`
	ReadBack   bool           `json:"read_back"`
}

type callerIn struct {
	Name  string `json:"name" validate:"required,max=40"`
	Phone string `json:"phone" validate:"max=20"`
}

func (in enterIn) form() Form {
	f := in.formIn.form()
	f.DivisionID, f.OrgID, f.Channel, f.ReadBack = in.DivisionID, in.OrgID, in.Channel, booking.ReadBack(in.ReadBack)
	if in.Caller != nil {
		f.Caller = booking.Caller(*in.Caller)
	}
	return f
}

type mendIn struct {
	byUID
	formIn
}

type decideIn struct {
	byUID
	To     models.EntryState `json:"to" validate:"required,oneof=approved returned declined"`
	Reason string            `json:"reason"`
}

type substituteIn struct {
	byUID
	Out int `json:"out" validate:"required"` // who does not appear, counted from 1
	In  int `json:"in" validate:"required"`  // the substitute who does
}

type reasonIn struct {
	Reason string `json:"reason"`
}

type withdrawIn struct {
	byUID
	reasonIn
}

type callOffIn struct {
	byContest
	reasonIn
}

type moveIn struct {
	byContest
	From      models.Day `json:"from" validate:"required"` // 2027-02-21
	To        models.Day `json:"to" validate:"required"`
	Place     string     `json:"place"`
	Resources []int64    `json:"resources"`
	Reason    string     `json:"reason" validate:"required"`
}

type entriesView struct {
	Items []entryView `json:"items"`
}

type ordersView struct {
	Items []orderView `json:"items"`
}

// Routes declares the API.
func (s *Service) Routes(r *httpapi.Router) {
	const tag = "contests"
	httpapi.API(r, http.MethodGet, "/api/v1/contests", auth.Public, httpapi.Op{Summary: "Contests that are on, the next first; all with all=true", Tag: tag},
		func(ctx context.Context, _ auth.Actor, in listIn) (list.Of[contestView], error) {
			l, err := s.List(ctx, Filter{Query: in.Query, History: in.All})
			return list.Map(l, s.view), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/contests/:id", auth.Public, httpapi.Op{Summary: "A contest with divisions, places, times and rounds", Tag: tag, Errors: []*errs.Error{errs.ErrNotFound}},
		func(ctx context.Context, _ auth.Actor, in byContest) (contestView, error) {
			c, err := s.Get(ctx, in.ID)
			return s.view(c), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/contests", auth.ContestWrite,
		httpapi.Op{Summary: "Announce a contest; its times are taken and its places opened, or nothing", Tag: tag, Status: http.StatusCreated, Limit: httpapi.LimitBooking,
			Errors: []*errs.Error{booking.ErrResourceTaken, errs.ErrForbidden, idem.ErrReused}},
		func(ctx context.Context, a auth.Actor, in createIn) (contestView, error) {
			c, err := s.Create(ctx, a, in.plan(), in.Key)
			return s.view(c), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/contests/:id/move", auth.ContestWrite,
		httpapi.Op{Summary: "Move a day in one step, to another place if need be; every team is told", Tag: tag, Errors: []*errs.Error{booking.ErrResourceTaken, ErrNothingThere, ErrBegun, ErrOver, errs.ErrForbidden}},
		func(ctx context.Context, a auth.Actor, in moveIn) (contestView, error) {
			c, err := s.MoveDay(ctx, a, in.ID, Move{in.From, in.To, in.Place, in.Resources, in.Reason})
			return s.view(c), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/contests/:id/cancel", auth.ContestWrite, httpapi.Op{Summary: "Call a contest off; every team is told", Tag: tag, Errors: []*errs.Error{ErrOver, errs.ErrForbidden}},
		func(ctx context.Context, a auth.Actor, in callOffIn) (contestView, error) {
			c, err := s.CallOff(ctx, a, in.ID, in.Reason)
			return s.view(c), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/contests/:id/order", auth.Public, httpapi.Op{Summary: "The rounds with who appears in them, in order", Tag: tag, Errors: []*errs.Error{errs.ErrNotFound}},
		func(ctx context.Context, _ auth.Actor, in byContest) (ordersView, error) {
			_, rounds, err := s.RoundsOf(ctx, in.ID)
			v := ordersView{Items: []orderView{}}
			for _, x := range rounds {
				v.Items = append(v.Items, viewOrder(x))
			}
			return v, err
		})
	s.entryRoutes(r)
	s.drawRoutes(r)
}

func (s *Service) entryRoutes(r *httpapi.Router) {
	const tag = "contest entries"
	httpapi.API(r, http.MethodPost, "/api/v1/contests/:id/entries", auth.SignedIn,
		httpapi.Op{Summary: "Enter a team; it has a place, to be approved, or joins the waiting list", Tag: tag, Status: http.StatusCreated, Limit: httpapi.LimitBooking,
			Errors: []*errs.Error{ErrNotYet, ErrClosed, ErrRoster, ErrPerTeam, ErrWaits, booking.ErrDeskOnly, booking.ErrListFull, booking.ErrListEnded, idem.ErrReused}},
		func(ctx context.Context, a auth.Actor, in enterIn) (entryView, error) {
			e, err := s.Enter(ctx, a, in.ID, in.form(), in.Key)
			return viewEntry(e), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/contests/:id/entries", auth.ContestRead, httpapi.Op{Summary: "All entries by number, for the staff of the contest", Tag: tag, Errors: []*errs.Error{errs.ErrNotFound}},
		func(ctx context.Context, a auth.Actor, in byContest) (entriesView, error) {
			_, all, err := s.Entries(ctx, a, in.ID)
			v := entriesView{Items: []entryView{}}
			for _, e := range all {
				v.Items = append(v.Items, viewEntry(e))
			}
			return v, err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/entries/:entry", auth.SignedIn, httpapi.Op{Summary: "One entry, for its leader, the desk and the staff of the contest", Tag: tag, Errors: []*errs.Error{errs.ErrNotFound}},
		func(ctx context.Context, a auth.Actor, in byUID) (entryView, error) {
			e, err := s.Entry(ctx, a, in.UID)
			return viewEntry(e), err
		})
	httpapi.API(r, http.MethodPut, "/api/v1/entries/:entry", auth.SignedIn,
		httpapi.Op{Summary: "Mend an entry before entries close; one that was returned waits for the yes again", Tag: tag, Errors: []*errs.Error{ErrClosed, ErrEntryState, ErrRoster, ErrPerTeam, errs.ErrForbidden}},
		func(ctx context.Context, a auth.Actor, in mendIn) (entryView, error) {
			e, err := s.Mend(ctx, a, in.UID, in.form())
			return viewEntry(e), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/entries/:entry/decide", auth.ContestDecide,
		httpapi.Op{Summary: "Approve, return or decline, the last two with a reason; an approval books what the team borrows", Tag: tag, Errors: []*errs.Error{ErrEntryState, ErrOver, booking.ErrResourceTaken, errs.ErrForbidden}},
		func(ctx context.Context, a auth.Actor, in decideIn) (entryView, error) {
			e, err := s.Decide(ctx, a, in.UID, in.To, in.Reason)
			return viewEntry(e), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/entries/:entry/substitute", auth.SignedIn,
		httpapi.Op{Summary: "A substitute appears instead of a member, until the round begins", Tag: tag, Errors: []*errs.Error{ErrBegun, ErrEntryState, ErrRoster, errs.ErrForbidden}},
		func(ctx context.Context, a auth.Actor, in substituteIn) (entryView, error) {
			e, err := s.Substitute(ctx, a, in.UID, in.Out, in.In)
			return viewEntry(e), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/entries/:entry/withdraw", auth.SignedIn,
		httpapi.Op{Summary: "Take an entry back; its place goes to the waiting list", Tag: tag, Errors: []*errs.Error{ErrEntryState, errs.ErrForbidden}},
		func(ctx context.Context, a auth.Actor, in withdrawIn) (entryView, error) {
			e, err := s.Withdraw(ctx, a, in.UID, in.Reason)
			return viewEntry(e), err
		})
}

type drawIn struct {
	httpapi.Keyed
	byContest
	RoundID   int64            `json:"round_id" validate:"required"`
	Groups    int              `json:"groups"`
	Community bool             `json:"community"` // not twice in a row
	Team      bool             `json:"team"`      // a team's two entries apart
	Value     models.DrawValue `json:"value" validate:"required,oneof=witnesses named"`
	Note      string           `json:"note"`                    // which value is named
	Due       models.Instant   `json:"due" validate:"required"` // the value comes before this
	Reason    string           `json:"reason"`                  // why again
}

type byDraw struct {
	byContest
	Draw int64 `path:"draw" json:"-"`
}

type revealIn struct {
	byDraw
	Value     string             `json:"value"`     // the named value
	Witnesses []draw.FileWitness `json:"witnesses"` // or what was read out, in order
}

func (in revealIn) value() draw.Value {
	v := draw.Value{Text: in.Value}
	for _, w := range in.Witnesses {
		v.Witnesses = append(v.Witnesses, models.DrawWitness{Name: w.Name, Value: w.Value})
	}
	return v
}

func (s *Service) drawRoutes(r *httpapi.Router) {
	const tag = "draws"
	httpapi.API(r, http.MethodPost, "/api/v1/contests/:id/draws", auth.ContestDraw,
		httpapi.Op{Summary: "Freeze a round's list and publish list hash, commitment and conditions", Tag: tag, Status: http.StatusCreated,
			Errors: []*errs.Error{ErrUndecided, ErrNoList, ErrRoundState, ErrOver, draw.ErrOpen, draw.ErrAgain, draw.ErrImpossible, draw.ErrRare, draw.ErrCrossing, errs.ErrForbidden, idem.ErrReused}},
		func(ctx context.Context, a auth.Actor, in drawIn) (draw.File, error) {
			d, err := s.Draw(ctx, a, in.ID, DrawPlan{in.RoundID, in.Groups, in.Community, in.Team, in.Value, in.Note, in.Due, in.Reason}, in.Key)
			return d.File(), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/contests/:id/draws/:draw/reveal", auth.ContestDraw,
		httpapi.Op{Summary: "Enter the public value; the secret is revealed and the order computed in the same step", Tag: tag,
			Errors: []*errs.Error{draw.ErrEnded, draw.ErrLate, ErrOver, errs.ErrForbidden, errs.ErrNotFound}},
		func(ctx context.Context, a auth.Actor, in revealIn) (draw.File, error) {
			d, err := s.Reveal(ctx, a, in.ID, in.Draw, in.value())
			return d.File(), err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/contests/:id/draws/:draw", auth.Public, httpapi.Op{Summary: "All that a replay needs", Tag: tag, Errors: []*errs.Error{errs.ErrNotFound}},
		func(ctx context.Context, _ auth.Actor, in byDraw) (draw.File, error) {
			d, err := s.DrawOf(ctx, in.ID, in.Draw)
			return d.File(), err
		})
}
