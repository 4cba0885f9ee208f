package scoring

import (
	"context"
	"fmt"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// Outcome says what became of marks that were sent.
type Outcome string

// The outcomes: they count from now on; they were there already; they were there
// before the chief corrected them.
const (
	OutcomeSaved Outcome = "saved"
	OutcomeSame  Outcome = "same"
	OutcomeOlder Outcome = "older"
)

// Sent is what a judge sends of one entry. JudgeID 0 is the sender's own; another
// one is a correction by the chief, who names the version that was read and the
// reason. ContestID, where it is given, is the contest that the round must be of.
type Sent struct {
	ContestID int64
	RoundID   int64
	EntryID   int64
	JudgeID   int64
	Version   int
	Marks     models.MarkSheet
	Reason    string
}

// Put takes marks. Sent again they are answered as they stand, so that a phone
// may repeat what it has no answer to; of late arrivals the chief's correction
// stays. Other marks than those sent before are the chief's to write: ErrSent.
// It returns ErrNoSeat, ErrNotOpen, ErrFrozen, ErrForeignEntry, ErrRecused,
// ErrOnlyChief, ErrMarkFirst, ErrStale, field faults.
func (s *Service) Put(ctx context.Context, a auth.Actor, in Sent) (models.Score, Outcome, error) {
	t, err := s.take(ctx, a, in)
	return t.Score, t.Outcome, err
}

// taken is the answer to marks that were sent.
type taken struct {
	models.Score
	Outcome Outcome
	Total   string
}

func (s *Service) take(ctx context.Context, a auth.Actor, in Sent) (out taken, err error) {
	err = s.change(ctx, in.RoundID, func(tx *db.Tx, r *round) error {
		if in.ContestID != 0 && in.ContestID != r.Round.ContestID {
			return errs.ErrNotFound
		}
		seat, ok := r.seat(a)
		if !ok {
			return ErrNoSeat
		}
		target, err := r.target(seat, in)
		if err != nil {
			return err
		}
		out = taken{}
		if out.Score, out.Outcome, err = r.put(tx, seat, target, in); err != nil {
			return err
		}
		out.Total = out.Sheet().Total(r.Rule)
		if out.Outcome != OutcomeSaved {
			return nil
		}
		return note(tx, a, r.Round, "scoring.score", "", fmt.Sprintf("judge %d, entry %d, version %d", out.JudgeID, out.EntryID, out.Version), out.Reason)
	})
	return out, err
}

// target is whose marks are meant, when the round takes them.
func (r *round) target(seat models.Judge, in Sent) (models.Judge, error) {
	target := seat
	if in.JudgeID != 0 && in.JudgeID != seat.ID {
		if !seat.Chief {
			return target, ErrOnlyChief
		}
		var ok bool
		if target, ok = r.judge(in.JudgeID); !ok || !target.Sits() {
			return target, errs.ErrNotFound
		}
	}
	act, ok := r.act(in.EntryID)
	switch {
	case r.State == models.PanelPreparing:
		return target, ErrNotOpen
	case r.State != models.PanelScoring:
		return target, ErrFrozen.With("at", r.FrozenAt)
	case !ok:
		return target, ErrForeignEntry
	}
	c, ok := r.conflict(target.ID, in.EntryID)
	if !ok { // whoever has nothing to say about an entry corrects nobody's marks of it
		c, ok = r.conflict(seat.ID, in.EntryID)
	}
	if ok {
		return target, ErrRecused.With("team", act.Team).With("kind", string(c.Kind))
	}
	if faults := in.Marks.Fits(r.Rule); len(faults) > 0 {
		return target, errs.ErrInvalid.At(fields(faults)...)
	}
	return target, nil
}

func (r *round) put(tx *db.Tx, seat, target models.Judge, in Sent) (models.Score, Outcome, error) {
	marks := in.Marks.String()
	cur, had := r.score(target.ID, in.EntryID)
	next := models.Score{JudgeID: target.ID, EntryID: in.EntryID, RoundID: r.RoundID, Version: cur.Version + 1, Marks: marks,
		Channel: models.ChannelOnline, By: fmt.Sprintf("judge:%d", seat.ID), SentAt: tx.Now()}
	correction := in.Reason != ""
	_, marked := r.score(seat.ID, in.EntryID)
	switch {
	case !marked && target.ID != seat.ID: // a refusal would say what the others gave
		return next, "", ErrMarkFirst
	case !had && target.ID == seat.ID:
		return next, OutcomeSaved, insertScore(tx, next)
	case !had:
		return next, "", errs.ErrNotFound // the chief corrects what is there
	case !correction:
		first, _, err := firstScore(tx, target.ID, in.EntryID)
		switch {
		case err != nil:
			return cur, "", err
		case cur.Marks == marks:
			return cur, OutcomeSame, nil
		case first.Marks == marks && target.ID == seat.ID:
			return cur, OutcomeOlder, nil
		}
		return cur, "", ErrSent.Add("marks", cur.Sheet()).Add("version", cur.Version)
	case !seat.Chief:
		return cur, "", ErrOnlyChief
	case cur.Marks == marks:
		return cur, OutcomeSame, nil
	case in.Version != cur.Version:
		return cur, "", ErrStale.Add("version", cur.Version).Add("marks", cur.Sheet())
	}
	reason, ok := models.PlainText(in.Reason)
	if !ok {
		return cur, "", errs.FieldFault("reason", "plain")
	}
	next.Reason = reason
	return next, OutcomeSaved, insertScore(tx, next)
}

// Card is one entry as its judge sees it.
type Card struct {
	Act
	Score   models.Score // version 0: none yet
	Recused models.ConflictKind
	Absent  bool
}

// Sheet is everything a judge's phone shows: the round, the rule, and a card per
// entry, with the judge's own marks alone. For the chief All holds everybody's of the
// entries that the chief has marked: nobody marks with others' marks in view.
type Sheet struct {
	Round Round
	Panel models.Panel
	Rule  models.ScoringRule
	Judge models.Judge
	Cards []Card
	All   []Given
}

// Given is what one judge gave one entry, for the chief to correct.
type Given struct {
	models.Score
	Judge string
	Act   Act
}

// Sheet returns the judge's own sheet; ErrNoSeat for whoever does not sit there.
func (s *Service) Sheet(ctx context.Context, a auth.Actor, roundID int64) (out Sheet, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		r, err := s.open(tx, roundID)
		if err != nil {
			return err
		}
		j, ok := r.seat(a)
		if !ok {
			return ErrNoSeat
		}
		out = Sheet{Round: r.Round, Panel: r.Panel, Rule: r.Rule, Judge: j}
		for _, act := range r.Acts {
			c := Card{Act: act, Absent: r.Turns[act.EntryID].Absent}
			c.Score, _ = r.score(j.ID, act.EntryID)
			if x, ok := r.conflict(j.ID, act.EntryID); ok {
				c.Recused = x.Kind
			}
			out.Cards = append(out.Cards, c)
		}
		if !j.Chief {
			return nil
		}
		for _, x := range r.Scores {
			who, ok := r.judge(x.JudgeID)
			act, in := r.act(x.EntryID)
			_, marked := r.score(j.ID, x.EntryID)
			if ok && in && marked && who.Sits() {
				out.All = append(out.All, Given{x, who.Name, act})
			}
		}
		return nil
	})
	return out, err
}

// Seats lists the rounds that the account judges, the newest first.
func (s *Service) Seats(ctx context.Context, a auth.Actor) (out []Seat, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		rows, err := seatsOf(tx, a.AccountID)
		if err != nil {
			return err
		}
		out = nil
		for _, p := range rows {
			r, err := roundOf(tx, p.RoundID)
			if err != nil {
				return err
			}
			out = append(out, Seat{r, p})
		}
		return nil
	})
	return out, err
}

// Seat is a round that an account judges.
type Seat struct {
	Round
	Panel models.Panel
}
