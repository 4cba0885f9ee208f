// Package scoring judges the rounds of a contest: rules as versioned documents,
// panels of judges, marks from phones and from paper, the stage and its board,
// results that anyone can compute again, protests and certificates. Who enters
// and in which order they appear is the contest's; what is judged is a copy of it.
package scoring

import (
	"context"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/draw"
	"youyue/app/errs"
	"youyue/app/live"
	"youyue/app/notify"
	"youyue/models"
)

// Config is what the service needs.
type Config struct {
	DB      *db.DB
	Notices *notify.Service
	Live    *live.Hub
	Draws   *draw.Service
	// Stands is told where a round of a contest stands now; nil where rounds are
	// registered by hand alone.
	Stands func(tx *db.Tx, round int64, to models.RoundState) error
	// Caller is the person whom an entry without a leader's account was entered for,
	// 0 for none; nil where rounds are registered by hand alone.
	Caller  func(tx *db.Tx, entry int64) (person int64, err error)
	BaseURL string
	Zone    *time.Location
	Fonts   []string // where a TrueType font with Chinese signs may be, the first that is there
}

// Service judges. It is safe for concurrent use.
type Service struct {
	Config
	db *db.DB
}

// New returns the service and has boards told to who watches them.
func New(c Config) *Service {
	s := &Service{Config: c, db: c.DB}
	if len(s.Fonts) == 0 {
		s.Fonts = usualFonts
	}
	s.Live.Register(liveBoard, live.Source{Load: s.boardNow, Versions: s.boardVersions})
	return s
}

// round is a round with all that its judging is made of, under one read.
type round struct {
	Round
	models.Panel
	Rule      models.ScoringRule
	Acts      []Act
	Judges    []models.Judge // those who left too
	Conflicts []models.Conflict
	Turns     map[int64]models.Turn
	Penalties []models.Penalty
	Scores    []models.Score // the latest version of each
	Lots      map[int64]int
}

// open reads a round's judging; errs.ErrNotFound when it has no panel.
func (s *Service) open(tx *db.Tx, id int64) (*round, error) {
	p, ok, err := panelOf(tx, id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	r := &round{Panel: p}
	if r.Round, err = roundOf(tx, id); err != nil {
		return nil, err
	}
	if r.Acts, err = lineOf(tx, id); err != nil {
		return nil, err
	}
	return r, r.load(tx)
}

// change runs fn on a round under its lock, bumps its version, and tells whoever
// watches the board once it is committed.
func (s *Service) change(ctx context.Context, id int64, fn func(tx *db.Tx, r *round) error) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		return s.changeIn(tx, id, func(r *round) error { return fn(tx, r) })
	})
}

// changeIn is change in a transaction that is joined.
func (s *Service) changeIn(tx *db.Tx, id int64, fn func(r *round) error) error {
	if err := lockPanel(tx, id); err != nil {
		return err
	}
	r, err := s.open(tx, id)
	if err != nil {
		return err
	}
	if err := fn(r); err != nil {
		return err
	}
	return s.changed(tx, r.RoundID)
}

func (s *Service) changed(tx *db.Tx, id int64) error {
	if err := bumpPanel(tx, id); err != nil {
		return err
	}
	tx.AfterCommit(func() { s.Live.Changed(live.Topic{Kind: liveBoard, ID: id}) })
	return nil
}

// stands tells the contest that a round belongs to.
func (s *Service) stands(tx *db.Tx, r Round, to models.RoundState) error {
	if s.Stands == nil || r.ID >= byHand {
		return nil
	}
	return s.Stands(tx, r.ID, to)
}

// leader is who is told what becomes of an act: the account that entered it, or
// the person for whom a desk did; 0 and 0 for none.
func (s *Service) leader(tx *db.Tx, r *round, act Act) (account, person int64, err error) {
	if act.LeaderID != 0 || s.Caller == nil || r.RoundID >= byHand {
		return act.LeaderID, 0, nil
	}
	person, err = s.Caller(tx, act.EntryID)
	return 0, person, err
}

// judge finds a seat of the round; false for a foreign one.
func (r *round) judge(id int64) (models.Judge, bool) {
	for _, j := range r.Judges {
		if j.ID == id {
			return j, true
		}
	}
	return models.Judge{}, false
}

// sitting are the judges who are on the panel now.
func (r *round) sitting() (out []models.Judge) {
	for _, j := range r.Judges {
		if j.Sits() {
			out = append(out, j)
		}
	}
	return out
}

// act finds an entry of the round; false for a foreign one.
func (r *round) act(entry int64) (Act, bool) {
	for _, a := range r.Acts {
		if a.EntryID == entry {
			return a, true
		}
	}
	return Act{}, false
}

// appearing are the acts that are judged: those who did not come have no place.
func (r *round) appearing() (out []Act) {
	for _, a := range r.Acts {
		if !r.Turns[a.EntryID].Absent && (!a.Withdrawn || r.State != models.PanelPreparing) {
			out = append(out, a)
		}
	}
	return out
}

func (r *round) conflict(judge, entry int64) (models.Conflict, bool) {
	for _, c := range r.Conflicts {
		if c.JudgeID == judge && c.EntryID == entry {
			return c, true
		}
	}
	return models.Conflict{}, false
}

func (r *round) score(judge, entry int64) (models.Score, bool) {
	for _, x := range r.Scores {
		if x.JudgeID == judge && x.EntryID == entry {
			return x, true
		}
	}
	return models.Score{}, false
}

// seat is the actor's place on the round's panel: by the private link, or by the
// account that was invited.
func (r *round) seat(a auth.Actor) (models.Judge, bool) {
	for _, j := range r.sitting() {
		if (a.JudgeID != 0 && j.ID == a.JudgeID) || (a.JudgeID == 0 && a.SignedIn() && j.AccountID != nil && *j.AccountID == a.AccountID) {
			return j, true
		}
	}
	return models.Judge{}, false
}

// input is what the rule is applied to, as things stand.
func (r *round) input() models.ScoringInput {
	in := models.ScoringInput{Rule: r.Rule, Deducted: map[int64]int{}, Lots: r.Lots}
	for _, j := range r.sitting() {
		in.Judges = append(in.Judges, j.ID)
		if j.Chief {
			in.Chief = j.ID
		}
	}
	for _, a := range r.appearing() {
		in.Entries = append(in.Entries, a.EntryID)
		in.Deducted[a.EntryID] = r.Rule.Over(a.Limit, r.Turns[a.EntryID].Seconds)
	}
	for _, p := range r.Penalties {
		if _, ok := in.Deducted[p.EntryID]; ok && p.VoidAt.IsZero() {
			in.Deducted[p.EntryID] += p.Points
		}
	}
	for _, c := range r.Conflicts {
		if j, ok := r.judge(c.JudgeID); ok && j.Sits() {
			if _, ok := in.Deducted[c.EntryID]; ok {
				in.Recusals = append(in.Recusals, models.Recusal{Judge: c.JudgeID, Entry: c.EntryID})
			}
		}
	}
	for _, x := range r.Scores {
		j, ok := r.judge(x.JudgeID)
		_, in1 := in.Deducted[x.EntryID]
		if _, recused := r.conflict(x.JudgeID, x.EntryID); !ok || !j.Sits() || !in1 || recused {
			continue
		}
		for code, points := range x.Sheet() {
			in.Marks = append(in.Marks, models.Mark{Entry: x.EntryID, Judge: x.JudgeID, Criterion: code, Points: points})
		}
	}
	return in
}
