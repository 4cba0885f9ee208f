package activity

import (
	"fmt"

	"youyue/app/booking"
	"youyue/app/db"
	"youyue/models"
)

// Engagements are the sessions to which an account or a person comes, each at its own
// time though a term has one sign-up, and those for which the account goes to
// people's homes.
func (s *Service) Engagements(tx *db.Tx, holder, person int64, span models.Span) (out []models.Engagement, err error) {
	err = tx.Scan(&out, `SELECT 'activity' AS kind, b.id AS ref, a.title, s.place, s.starts_at, s.ends_at FROM bookings b
		JOIN activity_sessions s ON s.event_id = b.event_id JOIN activities a ON a.id = s.activity_id WHERE b.status IN ('booked','held') AND s.state = 'planned' AND s.starts_at < ? AND s.ends_at > ?
		AND (b.holder_id = ? OR b.person_id = ?)
		UNION ALL SELECT 'activity', '', a.title, s.place, s.starts_at, s.ends_at FROM activity_duty d JOIN activity_sessions s ON s.id = d.session_id
		JOIN activities a ON a.id = s.activity_id WHERE d.account_id = ? AND s.state = 'planned' AND s.starts_at < ? AND s.ends_at > ?
		ORDER BY starts_at`, span.End, span.Start, holder, person, holder, span.End, span.Start)
	if err != nil {
		return nil, fmt.Errorf("engagements: %w", err)
	}
	return out, nil
}

// elsewhere is what the party of a sign-up has besides, at one of its sessions to come.
func (s *Service) elsewhere(tx *db.Tx, r SignupRow) ([]models.Engagement, error) {
	all, err := meetingsOf(tx, r.ActivityID)
	if err != nil {
		return nil, err
	}
	var spans []models.Span
	for _, m := range all[r.ActivityID] {
		if m.EventID == r.EventID && m.State == models.SessionPlanned && m.EndsAt.After(tx.Now()) {
			spans = append(spans, m.Span())
		}
	}
	return booking.Elsewhere(tx, s.Diary, r.UID, r.HolderID, r.PersonID, spans...)
}
