package contest

import "youyue/models"

type contestView struct {
	ID           int64           `json:"id"`
	OrgID        int64           `json:"org_id"`
	Org          string          `json:"org"`
	Title        string          `json:"title"`
	Summary      string          `json:"summary"`
	Detail       string          `json:"detail"`
	Phone        string          `json:"phone"`
	State        string          `json:"state"`   // on, finished, cancelled
	Entries      string          `json:"entries"` // soon, open, closed
	OpensAt      models.Instant  `json:"opens_at"`
	ClosesAt     models.Instant  `json:"closes_at"`
	GiveBackAt   *models.Instant `json:"give_back_at"` // until then places are kept for sub-districts
	EndReason    string          `json:"end_reason,omitempty"`
	Divisions    []divisionView  `json:"divisions"`
	Slots        []slotView      `json:"slots"`
	Rounds       []roundView     `json:"rounds"`
	RulesVersion int             `json:"rules_version"`
}

type divisionView struct {
	ID          int64       `json:"id"`
	Name        string      `json:"name"`
	Places      int         `json:"places"`
	Taken       int         `json:"taken"`
	Free        int         `json:"free"` // for anybody
	Kept        int         `json:"kept"` // for the sub-districts of "quotas"
	Waiting     int         `json:"waiting"`
	MinMembers  int         `json:"min_members"`
	MaxMembers  int         `json:"max_members"`
	Substitutes int         `json:"substitutes"`
	MinAge      int         `json:"min_age"`    // full years in the year of the contest; 0: no bound
	MaxAge      int         `json:"max_age"`    // likewise
	MaxLength   int         `json:"max_length"` // seconds; 0: no bound
	PerTeam     int         `json:"per_team"`
	Quotas      []quotaView `json:"quotas"`

	OwnerOK    models.AskState `json:"owner_ok"`    // why it cannot be entered: a partner who lends a place has not agreed; "" it is not for that
	OwnerUntil *models.Instant `json:"owner_until"` // by when it answers
}

type quotaView struct {
	OrgID  int64  `json:"org_id"`
	Name   string `json:"name"`
	Places int    `json:"places"`
}

type slotView struct {
	ID        int64           `json:"id"`
	Kind      string          `json:"kind"` // stage, rehearsal
	Place     string          `json:"place"`
	StartsAt  models.Instant  `json:"starts_at"`
	EndsAt    models.Instant  `json:"ends_at"`
	Resources []Named         `json:"resources"`
	MovedFrom *models.Instant `json:"moved_from"`
	MovedWhy  string          `json:"moved_why,omitempty"`

	OwnerOK    models.AskState `json:"owner_ok"` // of the partner who lends the place: "" nobody is asked, wanted, given, refused, lapsed
	OwnerUntil *models.Instant `json:"owner_until"`
}

type roundView struct {
	ID         int64  `json:"id"`
	DivisionID int64  `json:"division_id"`
	Kind       string `json:"kind"` // heat, final
	Name       string `json:"name"`
	SlotID     int64  `json:"slot_id"`
	Advance    int    `json:"advance"`
	State      string `json:"state"` // planned, ordered, running, done, cancelled
	DrawID     *int64 `json:"draw_id"`
}

func optional(i models.Instant) *models.Instant {
	if i.IsZero() {
		return nil
	}
	return &i
}

func (s *Service) view(c Contest) contestView {
	v := contestView{ID: c.ID, OrgID: c.OrgID, Org: c.Org, Title: c.Title, Summary: c.Summary, Detail: c.Detail, Phone: c.Phone, State: string(c.State),
		Entries: string(c.Phase(s.db.Now())), OpensAt: c.OpensAt, ClosesAt: c.ClosesAt, GiveBackAt: optional(c.GiveBackAt), EndReason: c.EndReason,
		Divisions: []divisionView{}, Slots: []slotView{}, Rounds: []roundView{}, RulesVersion: c.RulesVersion}
	for _, d := range c.Divisions {
		x := divisionView{ID: d.ID, Name: d.Name, Places: d.Places, Taken: d.Taken, Free: d.Free, Kept: d.Kept, Waiting: d.Waiting, MinMembers: d.MinMembers,
			MaxMembers: d.MaxMembers, Substitutes: d.Substitutes, MinAge: d.MinAge, MaxAge: d.MaxAge, MaxLength: d.MaxLength, PerTeam: d.PerTeam, Quotas: []quotaView{}}
		for _, q := range d.Shares {
			if q.OrgID != nil && q.ReleasedAt.IsZero() {
				x.Quotas = append(x.Quotas, quotaView{*q.OrgID, q.Name, q.Places})
			}
		}
		if slot, waits := c.awaits(d.ID); waits {
			x.OwnerOK, x.OwnerUntil = slot.Owner.State, slot.ownerUntil()
		}
		v.Divisions = append(v.Divisions, x)
	}
	for _, x := range c.Slots {
		v.Slots = append(v.Slots, slotView{x.ID, string(x.Kind), x.Place, x.StartsAt, x.EndsAt, append([]Named{}, x.Resources...), optional(x.MovedFrom), x.MovedWhy, x.Owner.State, x.ownerUntil()})
	}
	for _, r := range c.Rounds {
		v.Rounds = append(v.Rounds, roundView{r.ID, r.DivisionID, string(r.Kind), r.Name, r.SlotID, r.Advance, string(r.State), r.DrawID})
	}
	return v
}

type entryView struct {
	ID         string         `json:"id"`
	ContestID  int64          `json:"contest_id"`
	DivisionID int64          `json:"division_id"`
	Number     int            `json:"number"`
	DrawID     string         `json:"draw_id"` // its id in draws
	Team       string         `json:"team"`
	OrgID      int64          `json:"org_id"`
	Org        string         `json:"org"`
	Leader     string         `json:"leader"`
	Phone      string         `json:"phone"`
	Piece      string         `json:"piece"`
	Length     int            `json:"length"` // seconds
	Brings     string         `json:"brings"`
	Lent       []Named        `json:"lent"`
	Members    []memberView   `json:"members"`
	State      string         `json:"state"` // waiting, submitted, returned, approved, declined, withdrawn
	Reason     string         `json:"reason,omitempty"`
	WaitID     *int64         `json:"waitlist_id"` // of its entry on the waiting list, while it waits
	Offer      bool           `json:"offer"`       // a place is held for it; see /api/v1/waitlist
	CreatedAt  models.Instant `json:"created_at"`
}

type memberView struct {
	Name       string `json:"name"`
	BornYear   int    `json:"born_year"`
	Substitute bool   `json:"substitute"`
}

func viewEntry(e Entry) entryView {
	v := entryView{ID: e.UID, ContestID: e.ContestID, DivisionID: e.DivisionID, Number: e.Number, DrawID: e.DrawID(), Team: e.Team, OrgID: e.OrgID, Org: e.Org,
		Leader: e.LeaderName, Phone: e.Phone, Piece: e.Piece, Length: e.Length, Brings: e.Brings, Lent: append([]Named{}, e.Lent...), Members: []memberView{},
		State: string(e.State), Reason: e.Reason, CreatedAt: e.CreatedAt}
	for _, m := range e.Members {
		v.Members = append(v.Members, memberView{m.Name, m.BornYear, m.Substitute})
	}
	if e.State == models.EntryWaiting {
		v.WaitID, v.Offer = &e.WaitID, e.WaitState == models.WaitOffered
	}
	return v
}

type appearanceView struct {
	Place  int    `json:"place"` // 0 until it is drawn
	Group  int    `json:"group"` // 0: no groups
	Number int    `json:"number"`
	DrawID string `json:"draw_id"`
	Team   string `json:"team"`
	Org    string `json:"org"`
	Piece  string `json:"piece"`
	Out    bool   `json:"out"` // withdrawn after the draw
}

type orderView struct {
	Round roundView        `json:"round"`
	Items []appearanceView `json:"items"`
	Draws []int64          `json:"draws"`
}

func viewOrder(r Round) orderView {
	v := orderView{Round: roundView{r.ID, r.DivisionID, string(r.Kind), r.Name, r.SlotID, r.Advance, string(r.State), r.DrawID}, Items: []appearanceView{}, Draws: []int64{}}
	for _, a := range r.Appearances {
		e := models.ContestEntry{ContestID: r.ContestID, Number: a.Number}
		v.Items = append(v.Items, appearanceView{a.Place, a.Part, a.Number, e.DrawID(), a.Team, a.Org, a.Piece, a.State != models.EntryApproved})
	}
	for _, d := range r.Draws {
		v.Draws = append(v.Draws, d.ID)
	}
	return v
}
