package scoring

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/live"
	"youyue/models"
)

const liveBoard live.Kind = "board"

// The places of an entry on the board.
const (
	StageWaiting = "waiting"
	StageNow     = "now"
	StageDone    = "done"
	StageAbsent  = "absent"
)

// Slot is one entry on the board: where it stands and how many of its judges
// have scored, never what.
type Slot struct {
	EntryID int64          `json:"entry_id"`
	Number  int            `json:"number"`
	Team    string         `json:"team"`
	Piece   string         `json:"piece"`
	Place   string         `json:"place"`
	Stage   string         `json:"stage" validate:"oneof=waiting now done absent"`
	Planned models.Instant `json:"planned_at"`
	Scored  int            `json:"scored"`
	Judges  int            `json:"judges"`
}

// Line is a place of a result that may be shown.
type Line struct {
	EntryID  int64  `json:"entry_id"`
	Place    int    `json:"place"`
	Number   int    `json:"number"`
	Team     string `json:"team"`
	Value    string `json:"value"`    // rounded, for people
	Exact    string `json:"exact"`    // as a fraction, hundredths of points or a sum of places
	Deducted string `json:"deducted"` // points
	Decided  string `json:"decided"`  // the rung that set it apart from its equals
	Why      string `json:"why"`
}

// Board is what everybody may see of a round while it goes on. Late is how many
// minutes the stage is behind its timetable. Hidden are the places still to be
// released.
type Board struct {
	Version int64             `json:"version"`
	RoundID int64             `json:"round_id"`
	Contest string            `json:"contest"`
	Title   string            `json:"title"`
	State   models.PanelState `json:"state" validate:"oneof=preparing scoring frozen releasing provisional final"`
	Method  string            `json:"method" validate:"oneof=mean trimmed_mean rank_sum skating"`
	Late    int               `json:"late_minutes"`
	Slots   []Slot            `json:"slots"`
	Lines   []Line            `json:"lines"`
	Hidden  int               `json:"hidden"`
	Until   *models.Instant   `json:"protest_until"`
	// Protests are those against the result, without what they say.
	Protests []Objection `json:"protests"`
}

// Objection is where a protest stands, as everybody may know.
type Objection struct {
	EntryID int64               `json:"entry_id"`
	Team    string              `json:"team"`
	State   models.ProtestState `json:"state" validate:"oneof=filed upheld dismissed"`
	FiledAt models.Instant      `json:"filed_at"`
	Applied bool                `json:"applied"` // it changed the result
}

// objections are the protests of a round that has a result to protest against.
func (r *round) objections(tx *db.Tx) ([]Objection, error) {
	out := []Objection{}
	if !r.State.Released() {
		return out, nil
	}
	all, err := protestsOf(tx, r.RoundID)
	for _, p := range all {
		act, _ := r.act(p.EntryID)
		out = append(out, Objection{p.EntryID, act.Team, p.State, p.FiledAt, p.AppliedID != nil})
	}
	return out, err
}

// Board returns the board of a round; errs.ErrNotFound without a panel.
func (s *Service) Board(ctx context.Context, roundID int64) (b Board, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		r, err := s.open(tx, roundID)
		if err != nil {
			return err
		}
		b, err = s.board(tx, r)
		return err
	})
	return b, err
}

func (s *Service) board(tx *db.Tx, r *round) (Board, error) {
	b := Board{Version: r.Version, RoundID: r.RoundID, Contest: r.Contest, Title: r.Title, State: r.State, Method: string(r.Rule.Method),
		Slots: r.slots(), Lines: []Line{}}
	if !r.ProtestUntil.IsZero() {
		b.Until = &r.ProtestUntil
	}
	b.Late = late(b.Slots, r, tx.Now())
	all, err := s.lines(tx, r)
	if err != nil {
		return b, err
	}
	if b.Protests, err = r.objections(tx); err != nil {
		return b, err
	}
	for _, l := range all {
		if r.ShowsPlace(l.Place) {
			b.Lines = append(b.Lines, l)
		} else {
			b.Hidden++
		}
	}
	return b, nil
}

func (r *round) slots() []Slot {
	in := r.input()
	missing := map[int64]int{}
	for _, m := range in.Missing() {
		missing[m.Entry]++
	}
	out := make([]Slot, 0, len(r.Acts))
	for i, a := range r.Acts {
		t := r.Turns[a.EntryID]
		x := Slot{EntryID: a.EntryID, Number: a.Number, Team: a.Team, Piece: a.Piece, Place: a.Place, Stage: stageOf(t),
			Planned: r.StartsAt.Add(time.Duration(i*r.SlotSeconds) * time.Second)}
		if !t.Absent {
			x.Judges = len(in.Counting(a.EntryID))
			x.Scored = x.Judges - missing[a.EntryID]
		}
		out = append(out, x)
	}
	return out
}

func stageOf(t models.Turn) string {
	switch {
	case t.Absent:
		return StageAbsent
	case !t.EndedAt.IsZero():
		return StageDone
	case !t.StartedAt.IsZero():
		return StageNow
	default:
		return StageWaiting
	}
}

// late is how many minutes the one on the stage began behind its time, or the
// next one is behind it by now.
func late(slots []Slot, r *round, now models.Instant) int {
	begun := slices.ContainsFunc(slots, func(x Slot) bool { return x.Stage == StageNow || x.Stage == StageDone })
	for _, x := range slots {
		switch x.Stage {
		case StageNow:
			return max(0, int(r.Turns[x.EntryID].StartedAt.Sub(x.Planned)/time.Minute))
		case StageWaiting:
			if !begun && now.Before(r.StartsAt) {
				return 0
			}
			return max(0, int(now.Sub(x.Planned)/time.Minute))
		}
	}
	return 0
}

// lines are all lines of the round's result; none without one.
func (s *Service) lines(tx *db.Tx, r *round) ([]Line, error) {
	res, ok, err := lastResult(tx, r.RoundID)
	if err != nil || !ok {
		return nil, err
	}
	rows, err := linesOf(tx, res.ID)
	if err != nil {
		return nil, err
	}
	out := make([]Line, 0, len(rows))
	for _, l := range rows {
		out = append(out, r.line(l))
	}
	return out, nil
}

func (s *Service) boardNow(ctx context.Context, id int64) (live.State, error) {
	b, err := s.Board(ctx, id)
	if err != nil {
		return live.State{}, err
	}
	data, err := json.Marshal(b)
	return live.State{Version: b.Version, Data: data}, err
}

func (s *Service) boardVersions(ctx context.Context, ids []int64) (map[int64]int64, error) {
	out := map[int64]int64{}
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		rows, err := panelVersions(tx, ids)
		for _, r := range rows {
			out[r.ID] = r.Version
		}
		return err
	})
	return out, err
}

// Move is what happens to an entry on the stage.
type Move string

// The moves.
const (
	MoveStart  Move = "start"
	MoveEnd    Move = "end"
	MoveAbsent Move = "absent"
	MoveBack   Move = "back" // an entry that was said to be absent came after all
)

// Stage moves an entry: one at a time is on the stage. Seconds is the time of the
// piece as measured, 0 for the time between the two moves. It returns ErrTurn,
// ErrForeignEntry, ErrFrozen.
func (s *Service) Stage(ctx context.Context, a auth.Actor, roundID, entry int64, m Move, seconds int, why string) error {
	return s.change(ctx, roundID, func(tx *db.Tx, r *round) error {
		if err := runs(a, r.Round); err != nil {
			return err
		}
		if r.State != models.PanelScoring {
			return ErrState.With("state", string(r.State))
		}
		act, ok := r.act(entry)
		if !ok {
			return ErrForeignEntry
		}
		t := r.Turns[entry]
		t.RoundID, t.EntryID = roundID, entry
		if err := r.move(&t, m, tx.Now()); err != nil {
			return err
		}
		if m == MoveEnd && seconds > 0 {
			t.Seconds = seconds
		}
		if m == MoveAbsent {
			if t.Why, ok = models.PlainText(why); !ok {
				return errs.FieldFault("reason", "required")
			}
		}
		if err := saveTurn(tx, t); err != nil {
			return err
		}
		return note(tx, a, r.Round, "scoring.stage", stageOf(r.Turns[entry]), fmt.Sprintf("%s, entry %d", stageOf(t), act.EntryID), t.Why)
	})
}

func (r *round) move(t *models.Turn, m Move, now models.Instant) error {
	stage := stageOf(*t)
	switch {
	case m == MoveStart && stage == StageWaiting:
		for _, o := range r.Acts {
			if stageOf(r.Turns[o.EntryID]) == StageNow {
				return ErrTurn.With("team", o.Team)
			}
		}
		t.StartedAt = now
	case m == MoveEnd && stage == StageNow:
		t.EndedAt = now
		t.Seconds = int(now.Sub(t.StartedAt) / time.Second)
	case m == MoveAbsent && (stage == StageWaiting || stage == StageNow):
		t.Absent = true
	case m == MoveBack && stage == StageAbsent:
		t.Absent, t.Why = false, ""
	default:
		act, _ := r.act(t.EntryID)
		return ErrTurn.With("team", act.Team)
	}
	return nil
}

// Penalise takes points off an entry by a code of the rule.
func (s *Service) Penalise(ctx context.Context, a auth.Actor, roundID, entry int64, code, why string) error {
	return s.change(ctx, roundID, func(tx *db.Tx, r *round) error {
		if err := runs(a, r.Round); err != nil {
			return err
		}
		d, ok := r.Rule.Deduction(code)
		_, in := r.act(entry)
		switch {
		case r.State != models.PanelScoring:
			return ErrState.With("state", string(r.State))
		case !in:
			return ErrForeignEntry
		case !ok:
			return errs.FieldFault("code", "unknown")
		}
		reason, _ := models.PlainText(why)
		p := models.Penalty{RoundID: roundID, EntryID: entry, Code: code, Points: d.Points, Note: reason, CreatedBy: a.AccountID}
		if err := insertPenalty(tx, &p); err != nil {
			return err
		}
		return note(tx, a, r.Round, "scoring.penalty", "", fmt.Sprintf("entry %d, %s, %d", entry, code, d.Points), reason)
	})
}

// Forgive makes a penalty void, with the reason, while marks are taken.
func (s *Service) Forgive(ctx context.Context, a auth.Actor, roundID, id int64, why string) error {
	return s.change(ctx, roundID, func(tx *db.Tx, r *round) error {
		if err := runs(a, r.Round); err != nil {
			return err
		}
		if r.State != models.PanelScoring {
			return ErrState.With("state", string(r.State))
		}
		reason, ok := models.PlainText(why)
		if !ok {
			return errs.FieldFault("reason", "required")
		}
		ok, err := voidPenalty(tx, roundID, id, reason)
		if err != nil || !ok {
			return or(err, errs.ErrNotFound)
		}
		return note(tx, a, r.Round, "scoring.penalty_void", fmt.Sprintf("penalty %d", id), "", reason)
	})
}
