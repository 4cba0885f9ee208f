package lecture

import (
	"context"

	"youyue/app/db"
	"youyue/models"
)

// Promise is when an order would be answered if it were sent now: reviewed, and
// then a team looked for, each within its working minutes. Zero instants: the
// holidays of that year are not published yet, so nobody can say.
type Promise struct {
	Review   models.Instant
	Dispatch models.Instant
}

// Promise tells a reader, before anything is sent, until when there is an answer.
func (s *Service) Promise(ctx context.Context) (p Promise, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { p, err = s.promise(tx); return err })
	return p, err
}

func (s *Service) promise(tx *db.Tx) (p Promise, err error) {
	if p.Review, _, err = s.due(tx, tx.Now(), models.LectureReviewMin); err != nil || p.Review.IsZero() {
		return p, err
	}
	p.Dispatch, _, err = s.due(tx, p.Review, models.LectureMoveMin)
	return p, err
}

// Difference is a deadline that would be another one by the calendar as it stands.
type Difference struct {
	models.LectureClock
	Title string
	Now   models.Instant // by the present calendar; zero when its year is unknown there
}

// Differences lists the deadlines that were told by an older version of the
// working calendar and would be others by the present one, the oldest first. What
// was told stays as it is.
func (s *Service) Differences(ctx context.Context) (out []Difference, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		calendar, err := s.Days(tx)
		if err != nil {
			return err
		}
		out = nil
		return olderClocks(tx, calendar.Version, func(d Difference) error {
			if d.Now, _, err = s.due(tx, d.StartedAt, d.Minutes); err != nil {
				return err
			}
			if !d.Now.Equal(d.DueAt) {
				out = append(out, d)
			}
			return nil
		})
	})
	return out, err
}

// tellDue counts the deadlines of clocks that ran into a year whose holidays were
// not published, once they are. It returns how many could be told now.
func (s *Service) tellDue(tx *db.Tx) (done int, err error) {
	all, err := untoldClocks(tx)
	for _, c := range all {
		if c.DueAt, c.Calendar, err = s.due(tx, c.StartedAt, c.Minutes); err != nil {
			return done, err
		}
		if c.DueAt.IsZero() {
			continue
		}
		if err := setDue(tx, c); err != nil {
			return done, err
		}
		done++
	}
	return done, err
}
