package calendar

import (
	"strings"

	"youyue/app/db"
	"youyue/models"
)

// OnDays lists what the resources of the whole district are taken for during some
// spans, by start, told by the features as everywhere on the calendar. The working
// calendar asks before the days change what they are.
func (s *Service) OnDays(tx *db.Tx, spans []models.Span) ([]models.Occupant, error) {
	if len(spans) == 0 {
		return nil, nil
	}
	rows, names, err := takenOn(tx, spans)
	if err != nil {
		return nil, err
	}
	entries, err := s.told(tx, rows, nil, models.Span{})
	out := make([]models.Occupant, len(entries))
	for i, e := range entries {
		out[i] = e.Occupant
		out[i].Title = strings.TrimSuffix(names[i]+" · "+e.Title, " · ")
	}
	return out, err
}
