package contest

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/models"
)

// Plan is a contest to be announced.
type Plan struct {
	OrgID      int64
	Title      string
	Summary    string
	Detail     string
	Phone      string
	OpensAt    models.Instant
	ClosesAt   models.Instant
	GiveBackAt models.Instant
	Slots      []SlotPlan
	Divisions  []DivisionPlan
	Rules      string // JSON of whoever scores; empty is none yet
}

// SlotPlan is a time at a place; Resources are taken in the kernel, with SetupMin
// before and ClearMin after. Entry is the id of the one whose rehearsal it is, empty
// for everybody's; a new contest has none yet.
type SlotPlan struct {
	Kind      models.SlotKind
	Place     string
	Span      models.Span
	SetupMin  int
	ClearMin  int
	Resources []int64
	Entry     string
}

// DivisionPlan is a division with its places. Heat and Final are indexes into the
// plan's slots; Final -1 means that the heat decides. Quotas keep places for
// sub-districts until the plan's GiveBackAt.
type DivisionPlan struct {
	Name        string
	Places      int
	MinMembers  int
	MaxMembers  int
	Substitutes int
	MinAge      int
	MaxAge      int
	MaxLength   int
	PerTeam     int
	Heat        int
	Final       int
	Advance     int
	Quotas      []Quota
}

// Quota keeps places of a division for the teams of a sub-district.
type Quota struct {
	OrgID  int64
	Places int
}

// The bounds of a contest.
const (
	maxTitle     = 80
	maxText      = 2000
	maxSlots     = 40
	maxDivisions = 20
	maxPlaces    = 500
	maxTeam      = 60
)

// Create announces a contest: its times are taken, partners who lend its places are
// asked, its divisions have their places. It returns field faults, errs.ErrForbidden, booking.ErrResourceTaken.
func (s *Service) Create(ctx context.Context, a auth.Actor, p Plan, key idem.Key) (c Contest, err error) {
	if err := p.check(); err != nil {
		return Contest{}, err
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		id, err := idem.Once(tx, key, func() (int64, error) { return s.create(tx, a, p) })
		if err != nil {
			return err
		}
		c, err = s.read(tx, id)
		return err
	})
	return c, err
}

func (s *Service) create(tx *db.Tx, a auth.Actor, p Plan) (int64, error) {
	if err := p.known(tx, a); err != nil {
		return 0, err
	}
	c := models.Contest{OrgID: p.OrgID, Title: p.Title, Summary: p.Summary, Detail: p.Detail, Phone: p.Phone, State: models.ContestOn, OpensAt: p.OpensAt,
		ClosesAt: p.ClosesAt, GiveBackAt: p.GiveBackAt, Rules: p.Rules, RulesVersion: 1, Version: 1, CreatedBy: a.AccountID, CreatedAt: tx.Now()}
	if c.Rules == "" {
		c.Rules = "{}"
	}
	if err := insertContest(tx, &c); err != nil {
		return 0, err
	}
	slots := make([]models.ContestSlot, len(p.Slots))
	for i, x := range p.Slots {
		slots[i] = models.ContestSlot{ContestID: c.ID, Kind: x.Kind, Place: x.Place, StartsAt: x.Span.Start, EndsAt: x.Span.End, SetupMin: x.SetupMin, ClearMin: x.ClearMin}
		if err := insertSlot(tx, &slots[i], x.Resources); err != nil {
			return 0, err
		}
		if err := reserve(tx, slots[i], x.Resources); err != nil {
			return 0, err
		}
	}
	for i, d := range p.Divisions {
		if err := s.addDivision(tx, a, c, slots, i, d); err != nil {
			return 0, err
		}
	}
	all := map[int64]bool{}
	for _, x := range slots {
		all[x.ID] = true
	}
	if err := s.askAnew(tx, a, c.ID, all); err != nil {
		return 0, err
	}
	l := audit.By(tx, a, models.ChannelOnline)
	l.Action, l.SubjectKind, l.SubjectID, l.OrgID, l.After = "contest.create", "contest", strconv.FormatInt(c.ID, 10), &c.OrgID, c.Title
	return c.ID, audit.Write(tx, l)
}

// reserve takes a slot's resources in the kernel, or says what is in the way.
func reserve(tx *db.Tx, slot models.ContestSlot, resources []int64) error {
	claims := make([]booking.Claim, len(resources))
	for i, r := range resources {
		claims[i] = booking.Claim{ResourceID: r, Span: slot.Taken()}
	}
	clashes, err := booking.Reserve(tx, booking.Source{Kind: Source, ID: slot.ID}, claims...)
	if err != nil || len(clashes) == 0 {
		return err
	}
	taken, err := booking.Taken(tx, clashes)
	if err != nil {
		return err
	}
	return taken
}

func (s *Service) addDivision(tx *db.Tx, a auth.Actor, c models.Contest, slots []models.ContestSlot, ord int, p DivisionPlan) error {
	heat := slots[p.Heat]
	e := models.Event{Kind: EventKind, OrgID: c.OrgID, Title: c.Title + " " + p.Name, Audience: models.AudiencePublic, StartsAt: heat.StartsAt, EndsAt: heat.EndsAt,
		OpensAt: c.OpensAt, ClosesAt: c.ClosesAt, CancelUntil: heat.StartsAt, MaxSeats: 1, CreatedBy: &a.AccountID}
	var shares []models.EventShare
	if len(p.Quotas) > 0 {
		ids := make([]int64, len(p.Quotas))
		for i, q := range p.Quotas {
			ids[i] = q.OrgID
		}
		orgs, err := orgsByID(tx, ids...)
		if err != nil {
			return err
		}
		for _, q := range p.Quotas {
			shares = append(shares, models.EventShare{Who: models.ShareOrg, OrgID: &q.OrgID, Name: orgs[q.OrgID].Name, Places: q.Places, UntilAt: c.GiveBackAt})
		}
	}
	if err := s.kernel.OpenPlaces(tx, &e, p.Places, shares...); err != nil {
		return err
	}
	d := models.ContestDivision{ContestID: c.ID, Ord: ord + 1, Name: p.Name, EventID: e.ID, MinMembers: p.MinMembers, MaxMembers: p.MaxMembers,
		Substitutes: p.Substitutes, MinAge: p.MinAge, MaxAge: p.MaxAge, MaxLength: p.MaxLength, PerTeam: p.PerTeam}
	if err := tx.Insert(&d); err != nil {
		return fmt.Errorf("division: %w", err)
	}
	rounds := []models.ContestRound{{Kind: models.RoundHeat, Name: "预赛", SlotID: heat.ID, Advance: p.Advance}}
	if p.Final >= 0 {
		rounds = append(rounds, models.ContestRound{Kind: models.RoundFinal, Name: "决赛", SlotID: slots[p.Final].ID})
	} else {
		rounds[0].Kind, rounds[0].Name, rounds[0].Advance = models.RoundFinal, "决赛", 0
	}
	for i := range rounds {
		r := &rounds[i]
		r.ContestID, r.DivisionID, r.Ord, r.State, r.Version = c.ID, d.ID, i+1, models.RoundPlanned, 1
		if err := tx.Insert(r); err != nil {
			return fmt.Errorf("round: %w", err)
		}
	}
	return nil
}

// known checks what the plan refers to, and that the actor may at its organisation.
func (p Plan) known(tx *db.Tx, a auth.Actor) error {
	ids := []int64{p.OrgID}
	var resources []int64
	for _, d := range p.Divisions {
		for _, q := range d.Quotas {
			ids = append(ids, q.OrgID)
		}
	}
	orgs, err := orgsByID(tx, ids...)
	if err != nil {
		return err
	}
	for _, id := range ids[1:] {
		if _, ok := orgs[id]; !ok {
			return errs.FieldFault("quotas", "unknown")
		}
	}
	o, ok := orgs[p.OrgID]
	switch {
	case !ok:
		return errs.FieldFault("org_id", "unknown")
	case !a.CanAt(auth.ContestWrite, o.Path):
		return errs.ErrForbidden
	}
	seen := map[int64]bool{}
	for _, s := range p.Slots {
		for _, r := range s.Resources {
			if !seen[r] {
				resources = append(resources, r)
			}
			seen[r] = true
		}
	}
	return takeable(tx, a, "slots", resources)
}

// takeable refuses resources that do not exist, or that are not the actor's to give
// to a contest.
func takeable(tx *db.Tx, a auth.Actor, field string, ids []int64) error {
	paths, err := pathsOf(tx, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if path, ok := paths[id]; !ok || !a.CanAt(auth.ContestWrite, path) {
			return errs.FieldFault(field, "unknown")
		}
	}
	return nil
}

// faults gathers what is wrong with an input.
type faults []errs.Field

func (f *faults) add(name, code string, pairs ...any) {
	args := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		key, _ := pairs[i].(string)
		args[key] = pairs[i+1]
	}
	*f = append(*f, errs.Field{Name: name, Code: code, Args: args})
}

// line is a text of one line, cleaned; it may be empty unless it is required.
func (f *faults) line(name string, v *string, most int, required bool) {
	*v = strings.TrimSpace(*v)
	if *v == "" {
		if required {
			f.add(name, "required")
		}
		return
	}
	clean, ok := models.PlainText(*v)
	switch {
	case !ok:
		f.add(name, "plain")
	case utf8.RuneCountInString(clean) > most:
		f.add(name, "max", "param", most)
	}
	*v = clean
}

func (f *faults) lines(name string, v *string, most int) {
	clean, ok := models.PlainLines(*v)
	switch {
	case !ok:
		f.add(name, "plain_lines")
	case utf8.RuneCountInString(clean) > most:
		f.add(name, "max", "param", most)
	}
	*v = clean
}

func (f *faults) between(name string, n, least, most int) {
	switch {
	case n < least:
		f.add(name, "min", "param", least)
	case n > most:
		f.add(name, "max", "param", most)
	}
}

func (f faults) err() error {
	if len(f) > 0 {
		return errs.ErrInvalid.At(f...)
	}
	return nil
}

func (p *Plan) check() error {
	var f faults
	f.line("title", &p.Title, maxTitle, true)
	f.line("phone", &p.Phone, 20, false)
	f.lines("summary", &p.Summary, 300)
	f.lines("detail", &p.Detail, maxText)
	if !p.OpensAt.Before(p.ClosesAt) {
		f.add("closes_at", "contest_window")
	}
	f.between("slots", len(p.Slots), 1, maxSlots)
	f.between("divisions", len(p.Divisions), 1, maxDivisions)
	for i := range p.Slots {
		p.Slots[i].check(&f, "slots["+strconv.Itoa(i)+"].", p.ClosesAt)
	}
	for i := range p.Divisions {
		p.checkDivision(&f, i)
	}
	return f.err()
}

// check looks at a time by itself; on a stage nobody appears before entries close.
func (s *SlotPlan) check(f *faults, at string, closes models.Instant) {
	f.line(at+"place", &s.Place, 120, true)
	if s.Kind != models.SlotStage && s.Kind != models.SlotRehearsal {
		f.add(at+"kind", "required")
	}
	switch {
	case s.Span.Start.IsZero() || s.Span.End.IsZero():
		f.add(at+"starts_at", "required")
	case !s.Span.Valid() || s.Span.End.Sub(s.Span.Start) > 24*time.Hour:
		f.add(at+"ends_at", "contest_slot")
	case s.Kind == models.SlotStage && s.Span.Start.Before(closes):
		f.add(at+"starts_at", "contest_before_close")
	}
	f.between(at+"setup_min", s.SetupMin, 0, 1440)
	f.between(at+"clear_min", s.ClearMin, 0, 1440)
}

// bounds looks at what a division asks of its teams.
func (d *DivisionPlan) bounds(f *faults, at string) {
	if d.PerTeam == 0 {
		d.PerTeam = 1
	}
	f.line(at+"name", &d.Name, 40, true)
	f.between(at+"places", d.Places, 1, maxPlaces)
	f.between(at+"min_members", d.MinMembers, 1, 500)
	f.between(at+"max_members", d.MaxMembers, max(d.MinMembers, 1), 500)
	f.between(at+"substitutes", d.Substitutes, 0, 50)
	f.between(at+"min_age", d.MinAge, 0, 120)
	if d.MaxAge != 0 {
		f.between(at+"max_age", d.MaxAge, d.MinAge, 120)
	}
	f.between(at+"max_length", d.MaxLength, 0, 4*60*60)
	f.between(at+"per_team", d.PerTeam, 1, 10)
}

func (p *Plan) checkDivision(f *faults, i int) {
	d, at := &p.Divisions[i], "divisions["+strconv.Itoa(i)+"]."
	d.bounds(f, at)
	stage := func(n int) bool { return n >= 0 && n < len(p.Slots) && p.Slots[n].Kind == models.SlotStage }
	if !stage(d.Heat) || d.Final != -1 && (!stage(d.Final) || p.Slots[d.Final].Span.Start.Before(p.Slots[d.Heat].Span.Start)) {
		f.add(at+"heat", "contest_rounds")
	}
	if d.Final >= 0 {
		f.between(at+"advance", d.Advance, 1, max(d.Places, 1))
	}
	kept := 0
	for _, q := range d.Quotas {
		f.between(at+"quotas", q.Places, 1, maxPlaces)
		kept += q.Places
	}
	if kept > d.Places {
		f.add(at+"quotas", "max", "param", d.Places)
	}
	if kept > 0 && (p.GiveBackAt.IsZero() || !p.OpensAt.Before(p.GiveBackAt) || p.ClosesAt.Before(p.GiveBackAt)) {
		f.add("give_back_at", "contest_give_back")
	}
}
