package app

import (
	"youyue/app/activity"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/models"
)

// diary is what an account or a person has to be at, of all features.
type diary struct{ app *App }

func (d diary) Engagements(tx *db.Tx, holder, person int64, span models.Span) ([]models.Engagement, error) {
	out, err := booking.Engagements(tx, activity.Kind, holder, person, span)
	for _, of := range []booking.Diary{d.app.Activities, d.app.Rooms, d.app.Lectures} {
		if err != nil {
			return nil, err
		}
		var more []models.Engagement
		more, err = of.Engagements(tx, holder, person, span)
		out = append(out, more...)
	}
	return out, err
}
