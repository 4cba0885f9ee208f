package calendar

import (
	"context"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// PublicEntry is what anybody may know of a use: when, and of what kind. It has no
// room for a name.
type PublicEntry struct {
	Kind string
	Held models.Span
}

// PublicPlace is a place of a venue with its uses.
type PublicPlace struct {
	ID    int64
	Title string
	Open  []models.Span
	Takes []PublicEntry
}

// PublicVenue is a day of a venue as anybody may see it.
type PublicVenue struct {
	Name    string
	Address string
	Phone   string
	Places  []PublicPlace
	Days    models.WorkCalendar
}

// Venue returns a day of a venue for anybody; errs.ErrNotFound when there is none.
// It reads the kernel's table alone: what a use is for, and for whom, is not asked.
func (s *Service) Venue(ctx context.Context, id int64, day models.Day) (v PublicVenue, err error) {
	span := models.Span{Start: day.At(0, s.zone), End: day.Add(1).At(0, s.zone)}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		rooms, err := venueRooms(tx, id)
		if err == nil && len(rooms) == 0 {
			err = errs.ErrNotFound
		}
		if err != nil {
			return err
		}
		v.Name, v.Address, v.Phone = rooms[0].Venue, rooms[0].Address, rooms[0].Phone
		if v.Days, err = s.days(tx); err != nil {
			return err
		}
		open, err := openings(tx, id, day)
		if err != nil {
			return err
		}
		ids := make([]int64, len(rooms))
		for i, r := range rooms {
			ids[i] = r.ID
		}
		rows, err := occupancies(tx, ids, span)
		if err != nil {
			return err
		}
		kind, _ := v.Days.Kind(day)
		for _, r := range rooms {
			p := PublicPlace{ID: r.ID, Title: Place{Name: r.Name, WholeName: r.WholeName}.Title(), Open: open(r.Room).Spans(day, kind, s.zone)}
			for _, o := range rows {
				if o.ResourceID == r.ID {
					p.Takes = append(p.Takes, PublicEntry{Kind: o.SourceKind, Held: models.Span{Start: o.StartsAt, End: o.EndsAt}})
				}
			}
			v.Places = append(v.Places, p)
		}
		return nil
	})
	return v, err
}
