package scoring

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/notify"
	"youyue/models"
)

// jobActor acts in the log when nobody asked.
var jobActor = auth.Actor{Login: "job:finish_contests"}

// FinishDue makes provisional results final whose time for protests is over and
// that no protest waits for, issues their certificates and tells the teams. It
// returns how many rounds that were.
func (s *Service) FinishDue(ctx context.Context, _ models.Instant) (done int, err error) {
	var ids []int64
	if err := s.db.Read(ctx, func(tx *db.Tx) (err error) { ids, err = dueFinal(tx); return err }); err != nil {
		return 0, err
	}
	for _, id := range ids {
		err := s.change(ctx, id, func(tx *db.Tx, r *round) error {
			waits, err := protestsOf(tx, id)
			if err != nil {
				return err
			}
			for _, p := range waits {
				if p.State == models.ProtestFiled {
					return errNotDue
				}
			}
			if r.State != models.PanelProvisional || tx.Now().Before(r.ProtestUntil) || r.waitsForLots() {
				return errNotDue
			}
			return s.finish(tx, r)
		})
		switch {
		case errors.Is(err, errNotDue):
		case err != nil:
			return done, err
		default:
			done++
		}
	}
	return done, nil
}

var errNotDue = errors.New("not due any more")

func (s *Service) finish(tx *db.Tx, r *round) error {
	p := r.Panel
	p.State, p.FinalAt = models.PanelFinal, tx.Now()
	if err := or(savePanel(tx, p), s.stands(tx, r.Round, models.RoundDone)); err != nil {
		return err
	}
	res, _, err := lastResult(tx, r.RoundID)
	if err != nil {
		return err
	}
	rows, err := linesOf(tx, res.ID)
	if err != nil {
		return err
	}
	for _, l := range rows {
		c := models.Certificate{Number: s.number(tx.Now(), res.ID), ResultID: res.ID, RoundID: r.RoundID, EntryID: l.EntryID, Place: l.Place, IssuedAt: tx.Now()}
		if _, err := insertCertificate(tx, c); err != nil {
			return err
		}
	}
	if err := s.tellLeaders(tx, r, notify.ContestFinal, models.Instant{}); err != nil {
		return err
	}
	return note(tx, jobActor, r.Round, "scoring.final", string(r.State), string(p.State), "")
}

var numberLetters = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// number is a certificate's: the year, the result, and 40 random bits, so that
// numbers cannot be guessed from one another. "2026-0012-7K3MQ0ZX".
func (s *Service) number(now models.Instant, resultID int64) string {
	raw := make([]byte, 5)
	_, _ = rand.Read(raw) // never fails
	return fmt.Sprintf("%d-%04d-%s", now.In(s.Zone).Year(), resultID, numberLetters.EncodeToString(raw))
}

// Award is a certificate with what stands on it. Current is false when a later
// result took the place of the one it is about.
type Award struct {
	models.Certificate
	Round   Round
	Act     Act
	Value   string
	Current bool
}

// Award finds a certificate by its number, however it is typed; errs.ErrNotFound.
func (s *Service) Award(ctx context.Context, number string) (out Award, err error) {
	number = strings.ToUpper(strings.Join(strings.Fields(number), ""))
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		c, ok, err := certificateByNumber(tx, number)
		if err != nil || !ok {
			return or(err, errs.ErrNotFound)
		}
		r, err := s.open(tx, c.RoundID)
		if err != nil {
			return err
		}
		out, err = s.award(tx, r, c)
		return err
	})
	return out, err
}

func (s *Service) award(tx *db.Tx, r *round, c models.Certificate) (Award, error) {
	out := Award{Certificate: c, Round: r.Round}
	out.Act, _ = r.act(c.EntryID)
	last, _, err := lastResult(tx, r.RoundID)
	if err != nil {
		return out, err
	}
	out.Current = last.ID == c.ResultID
	rows, err := linesOf(tx, c.ResultID)
	for _, l := range rows {
		if l.EntryID == c.EntryID {
			out.Value = r.line(l).Value
		}
	}
	return out, err
}

// Awards lists the certificates of a round; ErrNotFinal before there are any.
func (s *Service) Awards(ctx context.Context, roundID int64) (out []Award, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		r, err := s.open(tx, roundID)
		if err != nil {
			return err
		}
		if r.State != models.PanelFinal {
			return ErrNotFinal
		}
		all, err := certificatesOf(tx, roundID)
		if err != nil {
			return err
		}
		out = nil
		for _, c := range all {
			x, err := s.award(tx, r, c)
			if err != nil {
				return err
			}
			out = append(out, x)
		}
		return nil
	})
	return out, err
}

// remindJudges is how long before a round its judges are reminded; ours.
const remindJudges = 24 * time.Hour

// RemindJudges tells the judges with an account of a round that begins within a
// day, each once. It returns how many notices were written.
func (s *Service) RemindJudges(ctx context.Context, now models.Instant) (done int, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		ids, err := preparingPanels(tx)
		if err != nil {
			return err
		}
		var due []notify.Notice
		for _, id := range ids {
			r, err := s.open(tx, id)
			if err != nil {
				return err
			}
			if r.StartsAt.Before(now) || r.StartsAt.Sub(now) > remindJudges {
				continue
			}
			for _, j := range r.sitting() {
				if j.AccountID == nil {
					continue
				}
				due = append(due, notify.Notice{Account: *j.AccountID, Kind: notify.JudgeReminder, Subject: fmt.Sprintf("judge:%d", j.ID),
					DueAt: r.StartsAt.Add(-remindJudges), Important: notify.Important,
					Vars: map[string]string{"title": r.Contest + " " + r.Title, "start": r.StartsAt.Time().Format(time.RFC3339), "path": "/judge"}})
			}
		}
		if due, err = unsaid(tx, due); err != nil {
			return err
		}
		done = len(due)
		return s.Notices.Enqueue(tx, due...)
	})
	return done, err
}
