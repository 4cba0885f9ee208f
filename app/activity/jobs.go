package activity

import (
	"context"

	"youyue/app/db"
	"youyue/models"
)

// EndOver ends the activities whose last session is over. It returns how many.
func (s *Service) EndOver(ctx context.Context, now models.Instant) (n int, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error { n, err = endOver(tx, now); return err })
	return n, err
}

// PurgeAnswers forgets what was asked of people at activities that have been over
// for a while: answers, ages, guardians, who fetches a child, addresses. It returns
// for how many activities.
func (s *Service) PurgeAnswers(ctx context.Context, now models.Instant) (n int, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error { n, err = purge(tx, now.Add(-models.AnswersKept)); return err })
	return n, err
}
