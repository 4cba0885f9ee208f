package lecture

import (
	"cmp"
	"context"
	"errors"
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

// Unrated counts those that nobody rated in time (未评).
func (t Tally) Unrated() int { return t.Over - len(t.Faces) }

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

// Answered counts the offers that were the team's to answer: not those that another
// team took first, or that wait.
func (l Load) Answered() int { return l.Accepted + l.Declined + l.Lapsed }

// StepTime is how long a step took in working minutes.
type StepTime struct {
	Step   models.LectureStep
	Number int
	Median int
	Most   int
	Late   int // over their deadline, of the steps that have one
}

// The steps that have no deadline of ours: from the first team that was asked to
// the one that accepts, and from the end of a session to its rating.
const (
	stepAccept models.LectureStep = "accept"
	stepRate   models.LectureStep = "rate"
)

// took is how long one step of one order took.
type took struct {
	step    models.LectureStep
	minutes int
	late    bool
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
		where, args := db.Below("g.path", a.Scope(auth.LectureRead))
		all, err := orders(tx, "o.submitted_at >= ? AND o.submitted_at < ? AND "+where+" ORDER BY o.id", append([]any{start, end}, args...)...)
		if err != nil {
			return err
		}
		loads, err := loadsOf(tx, start, end)
		if err != nil {
			return err
		}
		r.count(all, loads)
		spent, err := s.spent(tx, all)
		r.Steps = steps(spent)
		return err
	})
	return r, err
}

// spent lists how long the steps of some orders took. What runs into a year whose
// holidays are not published is not counted.
func (s *Service) spent(tx *db.Tx, all []Order) (out []took, err error) {
	clocks, err := clocksOf(tx, all)
	if err != nil {
		return nil, err
	}
	for _, c := range clocks {
		if c.SpentMin != nil {
			out = append(out, took{c.Step, *c.SpentMin, !c.DueAt.IsZero() && c.StoppedAt.After(c.DueAt)})
		}
	}
	calendar, err := s.Days(tx)
	if err != nil {
		return nil, err
	}
	between := func(step models.LectureStep, from, until models.Instant) error {
		if from.IsZero() || !until.After(from) {
			return nil
		}
		n, err := calendar.WorkMinutesBetween(from, until, s.Zone)
		switch {
		case err == nil:
			out = append(out, took{step, n, false})
		case !errors.Is(err, models.ErrUnknownYear):
			return err
		}
		return nil
	}
	answers, err := acceptancesOf(tx, all)
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		if err := between(stepAccept, answers[o.ID].Start, answers[o.ID].End); err != nil {
			return nil, err
		}
		if err := between(stepRate, o.EndedAt, o.RatedAt); err != nil {
			return nil, err
		}
	}
	return out, nil
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

func steps(all []took) []StepTime {
	var out []StepTime
	for _, step := range []models.LectureStep{models.StepReview, models.StepDispatch, stepAccept, stepRate} {
		x := StepTime{Step: step}
		var spent []int
		for _, y := range all {
			if y.step != step {
				continue
			}
			spent = append(spent, y.minutes)
			if y.late {
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
