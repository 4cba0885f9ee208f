package scoring

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/app/notify"
	"youyue/models"
)

// maxProtest bounds what a protest and its decision say, in characters.
const maxProtest = 1000

// Filing is a protest as it is sent; ContestID, where it is given, is the contest
// that the round must be of.
type Filing struct {
	ContestID int64
	RoundID   int64
	EntryID   int64
	Text      string
	Key       idem.Key
}

// Protest files an objection of an entry's leader to a provisional result, or of
// the desk for a leader without an account; one at a time. It returns ErrNoProtest
// outside the time for it, ErrNotYourEntry, ErrProtestWaits.
func (s *Service) Protest(ctx context.Context, a auth.Actor, f Filing) (p models.Protest, err error) {
	err = s.change(ctx, f.RoundID, func(tx *db.Tx, r *round) error {
		id, err := idem.Once(tx, f.Key, func() (int64, error) { return r.file(tx, a, f) })
		if err != nil {
			return err
		}
		p, err = protestByID(tx, f.RoundID, id)
		return err
	})
	return p, err
}

func (r *round) file(tx *db.Tx, a auth.Actor, f Filing) (int64, error) {
	act, ok := r.act(f.EntryID)
	may, err := speaksFor(tx, a, r.Round, act)
	switch {
	case err != nil:
		return 0, err
	case f.ContestID != 0 && f.ContestID != r.Round.ContestID:
		return 0, errs.ErrNotFound
	case !ok:
		return 0, ErrForeignEntry
	case !may:
		return 0, ErrNotYourEntry
	case r.State != models.PanelProvisional || !tx.Now().Before(r.ProtestUntil):
		return 0, ErrNoProtest.With("until", r.ProtestUntil)
	}
	words, err := prose("text", f.Text)
	if err != nil {
		return 0, err
	}
	all, err := protestsOf(tx, f.RoundID) // under the panel's lock
	if err != nil {
		return 0, err
	}
	for _, x := range all {
		if x.EntryID == f.EntryID && x.State == models.ProtestFiled {
			return 0, ErrProtestWaits.With("team", act.Team).With("at", x.FiledAt)
		}
	}
	res, _, err := lastResult(tx, f.RoundID)
	if err != nil {
		return 0, err
	}
	p := models.Protest{RoundID: f.RoundID, ResultID: res.ID, EntryID: f.EntryID, Text: words, State: models.ProtestFiled, FiledBy: a.AccountID, FiledAt: tx.Now()}
	if err := insertProtest(tx, &p); err != nil {
		return 0, err
	}
	return p.ID, note(tx, a, r.Round, "scoring.protest", "", fmt.Sprintf("protest %d, entry %d", p.ID, f.EntryID), "")
}

// speaksFor reports whether the actor protests for an act: who leads it does, and
// for a leader without an account the desk of the team's home or of the contest.
func speaksFor(tx *db.Tx, a auth.Actor, r Round, act Act) (bool, error) {
	if act.LeaderID != 0 || !a.Can(auth.BookForOthers) || act.EntryID == 0 {
		return act.LeaderID != 0 && act.LeaderID == a.AccountID, nil
	}
	if act.OrgID == 0 || a.CanAt(auth.BookForOthers, r.OrgPath) {
		return a.CanAt(auth.BookForOthers, r.OrgPath), nil
	}
	path, err := pathOf(tx, act.OrgID)
	return a.CanAt(auth.BookForOthers, path), err
}

// prose is a text of several lines, which says something.
func prose(name, text string) (string, error) {
	clean, ok := models.PlainLines(text)
	switch {
	case !ok:
		return "", errs.FieldFault(name, "plain_lines")
	case clean == "":
		return "", errs.FieldFault(name, "required")
	case utf8.RuneCountInString(clean) > maxProtest:
		return "", errs.ErrInvalid.At(errs.Field{Name: name, Code: "max", Args: map[string]any{"param": maxProtest}})
	}
	return clean, nil
}

// ChangeKind is what an upheld protest changes.
type ChangeKind string

// The changes.
const (
	ChangeNothing ChangeKind = "nothing"
	ChangeForgive ChangeKind = "forgive" // PenaltyID is void
	ChangePenalty ChangeKind = "penalise"
	ChangeMarks   ChangeKind = "marks"  // JudgeID's marks of EntryID are Marks
	ChangeAbsent  ChangeKind = "absent" // EntryID is taken out
)

// Change is the effect of a decision.
type Change struct {
	Kind      ChangeKind
	EntryID   int64
	JudgeID   int64
	PenaltyID int64
	Code      string
	Marks     models.MarkSheet
}

// Diff is an entry's line before and after a decision; place 0 is none.
type Diff struct {
	Act         Act
	Was, Is     int
	WasPt, IsPt string
}

// apply makes the change in the round that was read, and nowhere else.
func (r *round) apply(c Change, now models.Instant) error {
	if _, ok := r.act(c.EntryID); !ok && c.Kind != ChangeNothing && c.Kind != ChangeForgive {
		return ErrForeignEntry
	}
	switch c.Kind {
	case ChangeNothing:
	case ChangeForgive:
		i := slices.IndexFunc(r.Penalties, func(p models.Penalty) bool { return p.ID == c.PenaltyID && p.VoidAt.IsZero() })
		if i < 0 {
			return errs.FieldFault("penalty", "unknown")
		}
		r.Penalties[i].VoidAt = now
	case ChangePenalty:
		d, ok := r.Rule.Deduction(c.Code)
		if !ok {
			return errs.FieldFault("code", "unknown")
		}
		r.Penalties = append(r.Penalties, models.Penalty{RoundID: r.RoundID, EntryID: c.EntryID, Code: c.Code, Points: d.Points})
	case ChangeMarks:
		i := slices.IndexFunc(r.Scores, func(x models.Score) bool { return x.JudgeID == c.JudgeID && x.EntryID == c.EntryID })
		if i < 0 {
			return errs.FieldFault("judge", "unknown")
		}
		if faults := c.Marks.Fits(r.Rule); len(faults) > 0 {
			return errs.ErrInvalid.At(fields(faults)...)
		}
		r.Scores[i].Marks = c.Marks.String()
		r.Scores[i].Version++
	case ChangeAbsent:
		t := r.Turns[c.EntryID]
		t.RoundID, t.EntryID, t.Absent = r.RoundID, c.EntryID, true
		r.Turns[c.EntryID] = t
	default:
		return errs.FieldFault("change", "required")
	}
	return nil
}

// keep writes the change that apply made.
func (r *round) keep(tx *db.Tx, c Change, by string, why string) error {
	switch c.Kind {
	case ChangeForgive:
		_, err := voidPenalty(tx, r.RoundID, c.PenaltyID, why)
		return err
	case ChangePenalty:
		p := r.Penalties[len(r.Penalties)-1]
		p.Note = why
		return insertPenalty(tx, &p)
	case ChangeMarks:
		x, _ := r.score(c.JudgeID, c.EntryID)
		x.By, x.Reason, x.Channel, x.SentAt = by, why, models.ChannelOnline, tx.Now()
		return insertScore(tx, x)
	case ChangeAbsent:
		t := r.Turns[c.EntryID]
		t.Why = why
		return saveTurn(tx, t)
	}
	return nil
}

// Preview tells what a change would do to the result; nothing is written.
func (s *Service) Preview(ctx context.Context, a auth.Actor, roundID int64, c Change) (out []Diff, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		r, err := s.open(tx, roundID)
		if err != nil {
			return err
		}
		if !a.CanAt(auth.ContestValues, r.OrgPath) {
			return errs.ErrForbidden.With("permission", string(auth.ContestValues))
		}
		before, err := s.lines(tx, r)
		if err != nil {
			return err
		}
		if err := r.apply(c, tx.Now()); err != nil {
			return err
		}
		res, faults := models.ScoreRound(r.input())
		if len(faults) > 0 {
			return r.refuse(r.input(), faults)
		}
		out = r.diff(before, storedLines(res))
		return nil
	})
	return out, err
}

func (r *round) diff(before []Line, after []models.ResultLine) (out []Diff) {
	for _, act := range r.Acts {
		d := Diff{Act: act}
		for _, l := range before {
			if l.EntryID == act.EntryID {
				d.Was, d.WasPt = l.Place, l.Value
			}
		}
		for _, l := range after {
			if l.EntryID == act.EntryID {
				d.Is, d.IsPt = l.Place, r.line(l).Value
			}
		}
		if d.Was != d.Is || d.WasPt != d.IsPt {
			out = append(out, d)
		}
	}
	return out
}

// Decide answers a protest: dismissed, or upheld with a change to the result, or
// upheld with none. A changed result is a new one, which takes the old one's
// place. It returns ErrProtestDone, and what keeps the rule from being applied.
func (s *Service) Decide(ctx context.Context, a auth.Actor, roundID, id int64, to models.ProtestState, decision string, c Change) error {
	return s.change(ctx, roundID, func(tx *db.Tx, r *round) error {
		if err := runs(a, r.Round); err != nil {
			return err
		}
		all, err := protestsOf(tx, roundID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(p models.Protest) bool { return p.ID == id })
		if i < 0 {
			return errs.ErrNotFound
		}
		p := all[i]
		if !p.State.CanBecome(to) {
			return ErrProtestDone
		}
		if p.Decision, err = prose("decision", decision); err != nil {
			return err
		}
		if to == models.ProtestDismissed {
			c = Change{Kind: ChangeNothing}
		}
		if c.Kind != ChangeNothing {
			by := fmt.Sprintf("protest:%d", p.ID)
			if err := r.apply(c, tx.Now()); err != nil {
				return err
			}
			if err := r.keep(tx, c, by, p.Decision); err != nil {
				return err
			}
			res, err := s.result(tx, a, r, by)
			if err != nil {
				return err
			}
			p.AppliedID = &res.ID
		}
		p.State, p.DecidedBy, p.DecidedAt = to, &a.AccountID, tx.Now()
		if err := saveProtest(tx, p); err != nil {
			return err
		}
		if err := s.tellProtester(tx, r, p); err != nil {
			return err
		}
		return note(tx, a, r.Round, "scoring.protest_"+string(to), fmt.Sprintf("protest %d", id), string(c.Kind), p.Decision)
	})
}

func (s *Service) tellProtester(tx *db.Tx, r *round, p models.Protest) error {
	act, _ := r.act(p.EntryID)
	account, person, err := s.leader(tx, r, act)
	if err != nil {
		return err
	}
	if account == 0 && person == 0 { // whoever filed it passes it on
		account = p.FiledBy
	}
	return s.Notices.Enqueue(tx, notify.Notice{Account: account, Person: person, Kind: notify.ProtestDecided, Subject: fmt.Sprintf("protest:%d", p.ID),
		Vars: map[string]string{"title": r.Contest + " " + r.Title, "org": act.Team, "reason": p.Decision, "path": resultsPath(r.RoundID)}})
}

// Protests lists the protests of a round for who decides or audits them.
func (s *Service) Protests(ctx context.Context, a auth.Actor, roundID int64) (out []models.Protest, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		r, err := roundOf(tx, roundID)
		if err != nil {
			return err
		}
		if !a.CanAt(auth.ContestValues, r.OrgPath) {
			return errs.ErrForbidden.With("permission", string(auth.ContestValues))
		}
		out, err = protestsOf(tx, roundID)
		return err
	})
	return out, err
}

// ledBy lists the entries of a round that the account protests for.
func (s *Service) ledBy(ctx context.Context, a auth.Actor, roundID int64) (out []int64, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		r, err := roundOf(tx, roundID)
		if err != nil {
			return err
		}
		all, err := lineOf(tx, roundID)
		out = nil
		for _, act := range all {
			may, err := speaksFor(tx, a, r, act)
			if err != nil {
				return err
			}
			if may {
				out = append(out, act.EntryID)
			}
		}
		return err
	})
	return out, err
}
