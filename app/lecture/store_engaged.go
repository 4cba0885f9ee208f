package lecture

import (
	"fmt"
	"slices"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/models"
)

// Engagements are the sessions that are agreed for what an account or a person has
// ordered, and those of the teams that it leads or is a member of.
func (s *Service) Engagements(tx *db.Tx, holder, person int64, span models.Span) (out []models.Engagement, err error) {
	inForce, now := tx.InForce("g")
	args := slices.Concat([]any{span.End, span.Start, holder, person, holder, person, holder, auth.Leader}, now)
	err = tx.Scan(&out, `SELECT 'lecture' AS kind, o.id AS ref, COALESCE(t.title, o.wish) AS title, s.starts_at, s.ends_at
		FROM lecture_sessions s JOIN lecture_orders o ON o.session_id = s.id JOIN lecture_teams tm ON tm.id = s.team_id LEFT JOIN lecture_topics t ON t.id = o.topic_id
		WHERE s.state IN ('planned','running') AND s.starts_at < ? AND s.ends_at > ? AND (o.holder_id = ? OR o.person_id = ? OR o.merged_into IS NULL AND (
			EXISTS (SELECT 1 FROM lecture_members m WHERE m.team_id = s.team_id AND m.archived_at IS NULL AND (m.account_id = ? OR m.person_id = ?))
			OR EXISTS (SELECT 1 FROM grants g WHERE g.org_id = tm.org_id AND g.account_id = ? AND g.role = ? AND `+inForce+`)))
		ORDER BY s.starts_at, o.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("engagements: %w", err)
	}
	return out, nil
}
