package contest

import (
	"strconv"
	"strings"
	"time"

	"youyue/models"
)

// reading reads what people type into a form of a contest; what it cannot read are
// faults.
type reading struct {
	faults
	zone *time.Location
}

// at is a day and a time of day as forms have them; zero and a fault otherwise.
func (r *reading) at(field, day, clock string) models.Instant {
	at, ok := models.LocalInstant(day, clock, r.zone)
	if !ok {
		r.add(field, "required")
	}
	return at
}

// number is a whole number, or what stands for an empty field.
func (r *reading) number(field, typed string, missing int) int {
	if typed == "" {
		return missing
	}
	n, err := strconv.Atoi(typed)
	if err != nil {
		r.add(field, "type")
	}
	return n
}

// Entries open at nine, close at six in the evening, and what sub-districts leave
// over is given back at nine; ours.
const (
	opensAt  = "09:00"
	closesAt = "18:00"
)

// What a field of a division stands for when it is left empty; ours.
const (
	usualPlaces  = 20
	usualMembers = 30
)

// planOf reads the form.
func (s *Service) planOf(in newIn) (Plan, faults) {
	r := &reading{zone: s.zone}
	p := Plan{OrgID: in.Org, Title: in.Title, Summary: in.Summary, Detail: in.Detail, Phone: in.Phone,
		OpensAt: r.at("opens_at", in.OpensOn, opensAt), ClosesAt: r.at("closes_at", in.ClosesOn, closesAt)}
	if in.BackOn != "" {
		p.GiveBackAt = r.at("give_back_at", in.BackOn, opensAt)
	}
	for i := range in.Dates {
		p.Slots = append(p.Slots, r.slot(in, i))
	}
	for i := range in.Names {
		p.Divisions = append(p.Divisions, r.division(in, i))
	}
	return p, r.faults
}

func (r *reading) slot(in newIn, i int) SlotPlan {
	field := "slots[" + strconv.Itoa(i) + "]."
	return SlotPlan{Kind: models.SlotKind(cell(in.Kinds, i)), Place: cell(in.Spots, i), Resources: rowIDs(in.Takes, i),
		Span:     models.Span{Start: r.at(field+"starts_at", cell(in.Dates, i), cell(in.Starts, i)), End: r.at(field+"ends_at", cell(in.Dates, i), cell(in.Ends, i))},
		SetupMin: r.number(field+"setup_min", cell(in.Setups, i), 0), ClearMin: r.number(field+"clear_min", cell(in.Clears, i), 0)}
}

// rowIDs are the ids behind the row's number.
func rowIDs(keys []string, row int) (out []int64) {
	for _, k := range keys {
		n, id, _ := strings.Cut(k, ":")
		if v, err := strconv.ParseInt(id, 10, 64); err == nil && n == strconv.Itoa(row) {
			out = append(out, v)
		}
	}
	return out
}

func (r *reading) division(in newIn, i int) DivisionPlan {
	field := "divisions[" + strconv.Itoa(i) + "]."
	n := func(name string, column []string, missing int) int {
		return r.number(field+name, cell(column, i), missing)
	}
	least := n("min_members", in.MinMembers, 1)
	d := DivisionPlan{Name: cell(in.Names, i), Places: n("places", in.Places, usualPlaces), MinMembers: least, MaxMembers: n("max_members", in.MaxMembers, max(least, usualMembers)),
		Substitutes: n("substitutes", in.Substitutes, 0), MinAge: n("min_age", in.MinAges, 0), MaxAge: n("max_age", in.MaxAges, 0),
		MaxLength: n("max_length", in.Minutes, 0) * 60, PerTeam: n("per_team", in.PerTeam, 1), Final: -1}
	final := n("heat", in.Finals, 1) - 1
	d.Heat = final
	if heat := cell(in.Heats, i); heat != "" {
		d.Heat, d.Final, d.Advance = n("heat", in.Heats, 0)-1, final, n("advance", in.Advances, 0)
	}
	for k, key := range in.Kept {
		if typed := cell(in.Quotas, k); typed != "" {
			for _, org := range rowIDs([]string{key}, i) {
				d.Quotas = append(d.Quotas, Quota{OrgID: org, Places: r.number(field+"quotas", typed, 0)})
			}
		}
	}
	return d
}
