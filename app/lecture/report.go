package lecture

import (
	"cmp"
	"context"
	"slices"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/models"
)

// Tally counts the orders of one topic, team or community in a period.
type Tally struct {
	Name      string
	Orders    int
	Delivered int
	Cancelled int
	Came      int
	Faces     []int // of those rated
	Over      int   // delivered and no longer to be rated
}

// Score sums its ratings up.
func (t Tally) Score() models.LectureScore { return models.ScoreLectures(t.Over, t.Faces) }

// Load is what a team was asked and had in a period. Sessions are told beside the
// mean, so that it is seen who carries more; no team is ranked.
type Load struct {
	Tally
	Asked    int
	Accepted int
	Declined int
	Lapsed   int
	Sessions int
}

// StepTime is how long a step took in working minutes.
type StepTime struct {
	Step   models.LectureStep
	Number int
	Median int
	Most   int
	Late   int // over their deadline
}

// Report is what happened to the orders handed in during a period, those of the
// actor's scope.
type Report struct {
	From, Until models.Day // the last day included
	Topics      []Tally
	Orgs        []Tally
	Teams       []Load
	Steps       []StepTime
	Total       Tally
	Mean        float64 // sessions of a team
}

// Report counts the orders that were handed in from one day to another, in the
// communities that the actor reads.
func (s *Service) Report(ctx context.Context, a auth.Actor, from, until models.Day) (r Report, err error) {
	r.From, r.Until = from, until
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		start, end := from.At(0, s.Zone), until.Add(1).At(0, s.Zone)
		where, args := below("g.path", a.Scope(auth.LectureRead))
		all, err := orders(tx, "o.submitted_at >= ? AND o.submitted_at < ? AND "+where+" ORDER BY o.id", append([]any{start, end}, args...)...)
		if err != nil {
			return err
		}
		loads, err := loadsOf(tx, start, end)
		if err != nil {
			return err
		}
		clocks, err := clocksOf(tx, all)
		r.count(all, loads)
		r.Steps = steps(clocks)
		return err
	})
	return r, err
}

func (r *Report) count(all []Order, loads []Load) {
	topics, orgs, teams := map[string]*Tally{}, map[string]*Tally{}, map[string]*Tally{}
	into := func(m map[string]*Tally, name string) *Tally {
		if m[name] == nil {
			m[name] = &Tally{Name: name}
		}
		return m[name]
	}
	for _, o := range all {
		to := []*Tally{&r.Total, into(topics, o.Title()), into(orgs, o.OrgName)}
		if o.TeamName != "" {
			to = append(to, into(teams, o.TeamName))
		}
		for _, t := range to {
			t.add(o)
		}
	}
	r.Topics, r.Orgs = sorted(topics), sorted(orgs)
	sessions := 0
	for _, l := range loads {
		if t := teams[l.Name]; t != nil {
			l.Tally = *t
		}
		r.Teams = append(r.Teams, l)
		sessions += l.Sessions
	}
	if len(loads) > 0 {
		r.Mean = float64(sessions) / float64(len(loads))
	}
}

func (t *Tally) add(o Order) {
	t.Orders++
	switch o.State {
	case models.LectureCancelled:
		t.Cancelled++
	case models.LectureToRate, models.LectureClosed:
		t.Delivered++
		if o.Came != nil && o.MergedInto == nil {
			t.Came += *o.Came
		}
		if o.State == models.LectureClosed {
			t.Over++
		}
	}
	if o.Face != nil {
		t.Faces = append(t.Faces, *o.Face)
	}
}

func sorted(m map[string]*Tally) []Tally {
	out := make([]Tally, 0, len(m))
	for _, t := range m {
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b Tally) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

func steps(clocks []models.LectureClock) []StepTime {
	var out []StepTime
	for _, step := range []models.LectureStep{models.StepReview, models.StepDispatch} {
		x := StepTime{Step: step}
		var spent []int
		for _, c := range clocks {
			if c.Step != step || c.SpentMin == nil {
				continue
			}
			spent = append(spent, *c.SpentMin)
			if !c.DueAt.IsZero() && c.StoppedAt.After(c.DueAt) {
				x.Late++
			}
		}
		slices.Sort(spent)
		if x.Number = len(spent); x.Number > 0 {
			x.Median, x.Most = spent[len(spent)/2], spent[len(spent)-1]
		}
		out = append(out, x)
	}
	return out
}

// TeamScore sums up what those who ordered said of a team, with how many did.
func (s *Service) TeamScore(ctx context.Context, team int64) (x models.LectureScore, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		over, faces, err := ratingsOf(tx, team)
		x = models.ScoreLectures(over, faces)
		return err
	})
	return x, err
}
