package contest

import (
	"youyue/app/booking"
	"youyue/app/draw"
	"youyue/app/httpapi"
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

func (x slotIn) plan(entry string) SlotPlan {
	return SlotPlan{x.Kind, x.Place, models.Span{Start: x.StartsAt, End: x.EndsAt}, x.SetupMin, x.ClearMin, x.Resources, entry}
}

func (in createIn) plan() Plan {
	p := Plan{OrgID: in.OrgID, Title: in.Title, Summary: in.Summary, Detail: in.Detail, Phone: in.Phone, OpensAt: in.OpensAt, ClosesAt: in.ClosesAt}
	if in.GiveBackAt != nil {
		p.GiveBackAt = *in.GiveBackAt
	}
	for _, x := range in.Slots {
		p.Slots = append(p.Slots, x.plan(""))
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

type changeIn struct {
	byContest
	Title     string             `json:"title" validate:"required"`
	Summary   string             `json:"summary"`
	Detail    string             `json:"detail"`
	Phone     string             `json:"phone"`
	ClosesAt  models.Instant     `json:"closes_at" validate:"required"`
	Divisions []divisionChangeIn `json:"divisions" validate:"required,dive"` // all of them
}

type divisionChangeIn struct {
	ID          int64  `json:"id" validate:"required"`
	Name        string `json:"name" validate:"required"`
	Places      int    `json:"places" validate:"required"`
	MinMembers  int    `json:"min_members" validate:"required"`
	MaxMembers  int    `json:"max_members" validate:"required"`
	Substitutes int    `json:"substitutes"`
	MinAge      int    `json:"min_age"`
	MaxAge      int    `json:"max_age"`
	MaxLength   int    `json:"max_length"`
	PerTeam     int    `json:"per_team"`
	Advance     int    `json:"advance"`
}

func (in changeIn) changes() Changes {
	c := Changes{Title: in.Title, Summary: in.Summary, Detail: in.Detail, Phone: in.Phone, ClosesAt: in.ClosesAt}
	for _, d := range in.Divisions {
		c.Divisions = append(c.Divisions, DivisionChange(d))
	}
	return c
}

type addSlotIn struct {
	httpapi.Keyed
	byContest
	slotIn
	Entry string `json:"entry"` // whose rehearsal it is; empty: everybody's
}

type dropSlotIn struct {
	byContest
	Slot int64 `path:"slot" json:"-"`
	reasonIn
}

type byRound struct {
	byContest
	Round int64 `path:"round" json:"-"`
}

type qualifiersView struct {
	FinalID int64           `json:"final_id"`
	Items   []qualifierView `json:"items"`
}

type qualifierView struct {
	Place  int    `json:"place"` // in the heat
	Number int    `json:"number"`
	Team   string `json:"team"`
	GoesOn bool   `json:"goes_on"`
	Out    bool   `json:"out"` // would go on and has left
}

func viewQualifying(q Qualifying) qualifiersView {
	v := qualifiersView{q.Final.ID, []qualifierView{}}
	for _, x := range q.All {
		v.Items = append(v.Items, qualifierView{x.Rank, x.Number, x.Team, x.GoesOn, x.Dropped})
	}
	return v
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

type drawIn struct {
	httpapi.Keyed
	byContest
	RoundID   int64            `json:"round_id" validate:"required"`
	Tie       bool             `json:"tie"` // lots among those whom the rule leaves level, instead of the order
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
