package scoring

import (
	"fmt"
	"time"

	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/notify"
	"youyue/models"
)

// Source is the kernel's word for the time of judges: under the id of a sitting they
// are all taken together, from its beginning to its end. The rounds of one sitting
// follow each other on one stage, so a judge of several of them is taken once.
const Source = "judging"

// judgeKind is the kernel's word for a judge.
const judgeKind = "judge"

// span is when the panel sits: until the time that the contest has for it, or, of a
// round by hand, as long as its timetable is.
func (r Round) span(acts, slotSeconds int) models.Span {
	end := r.EndsAt
	if end.IsZero() {
		end = r.StartsAt.Add(time.Duration(max(acts, 1)*slotSeconds) * time.Second)
	}
	return models.Span{Start: r.StartsAt, End: end}
}

// seatJudges takes the time of all who sit on a panel of the sitting, in the place
// of what was taken before. Somebody who is busy elsewhere then is refused with
// booking.ErrResourceTaken, which names the judge.
func (s *Service) seatJudges(tx *db.Tx, r Round) error {
	if err := lockSitting(tx, r.SittingID); err != nil {
		return err
	}
	src := booking.Source{Kind: Source, ID: r.SittingID}
	if err := booking.Release(tx, src); err != nil {
		return err
	}
	seats, err := seatsIn(tx, r.SittingID)
	if err != nil || len(seats) == 0 {
		return err
	}
	of := map[int64]models.Span{}
	for _, x := range seats {
		span := x.span(x.Acts, x.SlotSeconds)
		if was, ok := of[x.ResourceID]; ok { // rounds by hand do not share a sitting, those of a slot share its span
			span = models.Span{Start: models.Earlier(was.Start, span.Start), End: models.Later(was.End, span.End)}
		}
		of[x.ResourceID] = span
	}
	var claims []booking.Claim
	for id, span := range of {
		claims = append(claims, booking.Claim{ResourceID: id, Span: span})
	}
	clashes, err := booking.Reserve(tx, src, claims...)
	if err != nil || len(clashes) == 0 {
		return err
	}
	taken, err := booking.Taken(tx, clashes)
	if err != nil {
		return err
	}
	return taken.Worded("scoring.judge_busy")
}

// Move puts a round that was handed over where its contest holds it now, with the
// time of its judges, and tells those who have an account; a round that was not
// handed over is none of ours. It returns ErrLineFixed once marks are taken,
// booking.ErrResourceTaken.
func (s *Service) Move(tx *db.Tx, to Round) error {
	was, ok, err := findRound(tx, to.ID)
	if err != nil || !ok {
		return err
	}
	p, judged, err := panelOf(tx, to.ID)
	if err != nil {
		return err
	}
	if judged && p.State != models.PanelPreparing {
		return ErrLineFixed.With("state", string(p.State))
	}
	if err := saveRound(tx, to); err != nil {
		return err
	}
	if !judged {
		return nil
	}
	if to, err = roundOf(tx, to.ID); err != nil {
		return err
	}
	if err := s.seatJudges(tx, to); err != nil {
		return err
	}
	if err := s.tellJudges(tx, was, to); err != nil {
		return err
	}
	return s.changed(tx, to.ID)
}

// tellJudges tells the judges of a round that was moved; reminders for the old time
// that have not gone out are taken back.
func (s *Service) tellJudges(tx *db.Tx, was, to Round) error {
	if was.StartsAt.Equal(to.StartsAt) {
		return nil
	}
	seats, err := judgeAccounts(tx, to.ID)
	if err != nil {
		return err
	}
	for _, j := range seats {
		subject := fmt.Sprintf("judge:%d", j.ID)
		if err := s.Notices.Void(tx, subject, notify.JudgeReminder, notify.JudgeMoved); err != nil {
			return err
		}
		err := s.Notices.Enqueue(tx, notify.Notice{Account: *j.AccountID, Kind: notify.JudgeMoved, Subject: subject, Important: notify.Important,
			Vars: map[string]string{"title": to.Contest + " " + to.Title, "start": to.StartsAt.String(), "path": "/judge"}})
		if err != nil {
			return err
		}
	}
	return nil
}

// Drop gives the time of all judges of a contest back, which is called off.
func (s *Service) Drop(tx *db.Tx, contest int64) error {
	all, err := roundsOf(tx, contest)
	for _, r := range all {
		if err == nil {
			err = booking.Release(tx, booking.Source{Kind: Source, ID: r.SittingID})
		}
	}
	return err
}

// Occupants tells what the kernel's occupancies under Source are for.
func (s *Service) Occupants(tx *db.Tx, ids []int64) ([]models.Occupant, error) {
	rounds, err := sittings(tx, ids)
	out := make([]models.Occupant, 0, len(rounds))
	for _, r := range rounds {
		out = append(out, models.Occupant{ID: r.SittingID, Span: r.span(r.Acts, usualSlot), Title: r.Contest, Who: r.Title, State: Source, Path: scoringPath(r.ContestID)})
	}
	return out, err
}
