package screening

import (
	"context"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/venue"
	"youyue/models"
)

// Week is what occupies a hall in a span: screenings and open requests.
type Week struct {
	Shows    []Show
	Requests []RequestView
	Blocks   []models.HallBlock
}

// Week returns the hall's calendar for those who plan it.
func (s *Service) Week(ctx context.Context, a auth.Actor, hallID int64, span models.Span) (w Week, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		scope := a.Scope(auth.HallCalendar)
		if w.Shows, err = showsOf(tx, scope, hallID, span); err != nil {
			return err
		}
		if err := withHeld(tx, w.Shows); err != nil {
			return err
		}
		if a.Can(auth.HallCalendar) {
			if w.Blocks, err = venue.Blocks(tx, hallID, span); err != nil {
				return err
			}
		}
		w.Requests, err = requestsFor(tx, scope, hallID, span)
		return err
	})
	return w, err
}
