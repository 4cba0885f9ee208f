package lecture

import (
	"context"
	"slices"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/models"
)

// loadsOf counts what each team was asked and had between two moments, by name.
func loadsOf(tx *db.Tx, from, until models.Instant) ([]Load, error) {
	var rows []struct {
		Name                                        string
		Asked, Accepted, Declined, Lapsed, Sessions int
	}
	err := tx.Scan(&rows, `SELECT r.name,
		(SELECT COUNT(*) FROM lecture_offers w WHERE w.team_id = t.id AND w.created_at >= ? AND w.created_at < ? AND w.state <> 'withdrawn') AS asked,
		(SELECT COUNT(*) FROM lecture_offers w WHERE w.team_id = t.id AND w.created_at >= ? AND w.created_at < ? AND w.state IN ('accepted', 'served')) AS accepted,
		(SELECT COUNT(*) FROM lecture_offers w WHERE w.team_id = t.id AND w.created_at >= ? AND w.created_at < ? AND w.state = 'declined') AS declined,
		(SELECT COUNT(*) FROM lecture_offers w WHERE w.team_id = t.id AND w.created_at >= ? AND w.created_at < ? AND w.state = 'lapsed') AS lapsed,
		(SELECT COUNT(*) FROM lecture_sessions s WHERE s.team_id = t.id AND s.starts_at >= ? AND s.starts_at < ? AND s.state <> 'dropped') AS sessions
		FROM lecture_teams t JOIN resources r ON r.id = t.id WHERE t.archived_at IS NULL ORDER BY r.name, t.id`,
		from, until, from, until, from, until, from, until, from, until)
	out := make([]Load, len(rows))
	for i, r := range rows {
		out[i] = Load{Tally: Tally{Name: r.Name}, Asked: r.Asked, Accepted: r.Accepted, Declined: r.Declined, Lapsed: r.Lapsed, Sessions: r.Sessions}
	}
	return out, err
}

// acceptancesOf are, by order, the time from the first team that was asked to the
// answer of the one that comes.
func acceptancesOf(tx *db.Tx, all []Order) (map[string]models.Span, error) {
	out := map[string]models.Span{}
	err := inParts(all, func(ids []string) error {
		var rows []models.LectureOffer
		if err := tx.Scan(&rows, `SELECT * FROM lecture_offers WHERE order_id IN ? ORDER BY id`, ids); err != nil {
			return err
		}
		for _, w := range rows {
			x := out[w.OrderID]
			if w.State == models.OfferServed { // of the time before it was opened again
				out[w.OrderID] = models.Span{}
				continue
			}
			if x.Start.IsZero() {
				x.Start = w.CreatedAt
			}
			if w.State == models.OfferAccepted {
				x.End = w.AnsweredAt
			}
			out[w.OrderID] = x
		}
		return nil
	})
	return out, err
}

// inParts calls each for the ids of some orders, a part at a time.
func inParts(all []Order, each func(ids []string) error) error {
	const part = 400
	for chunk := range slices.Chunk(all, part) {
		ids := make([]string, len(chunk))
		for i, o := range chunk {
			ids[i] = o.ID
		}
		if err := each(ids); err != nil {
			return err
		}
	}
	return nil
}

// clocksOf are the clocks of some orders that have stopped.
func clocksOf(tx *db.Tx, all []Order) (out []models.LectureClock, err error) {
	err = inParts(all, func(ids []string) error {
		var rows []models.LectureClock
		err := tx.Scan(&rows, `SELECT * FROM lecture_clocks WHERE order_id IN ? AND stopped_at IS NOT NULL ORDER BY id`, ids)
		out = append(out, rows...)
		return err
	})
	return out, err
}

// ratingsOf counts the sessions of a team, by order, that are not to be rated any
// more, and returns the faces. What was opened again counts with the opinion of the
// first time, if there was one.
func ratingsOf(tx *db.Tx, team int64) (over int, faces []int, err error) {
	var before int
	if err = tx.Scan(&over, `SELECT COUNT(*) FROM lecture_orders o JOIN lecture_sessions s ON s.id = o.session_id WHERE s.team_id = ? AND o.state = 'closed'`, team); err != nil {
		return 0, nil, err
	}
	const of = ` FROM lecture_ratings f JOIN lecture_orders o ON o.id = f.order_id JOIN lecture_sessions s ON s.id = f.session_id WHERE s.team_id = ?`
	if err = tx.Scan(&before, `SELECT COUNT(*)`+of+` AND (o.state <> 'closed' OR o.session_id <> f.session_id)`, team); err != nil {
		return 0, nil, err
	}
	err = tx.Scan(&faces, `SELECT f.face`+of+` ORDER BY f.id`, team)
	return over + before, faces, err
}

// branchesOf names organisations.
func branchesOf(tx *db.Tx, ids []int64) ([]Named, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var out []Named
	err := tx.Scan(&out, `SELECT id, name FROM orgs WHERE id IN ? AND kind = ? AND archived_at IS NULL ORDER BY name`, ids, models.OrgBranch)
	return out, err
}

// menuOf is all that can be ordered in a community.
func (s *Service) menuOf(ctx context.Context, org int64) (out []Topic, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		o, err := orgOf(tx, org)
		if err != nil {
			return err
		}
		m := Menu{}
		m.PerPage = 100
		out, _, err = topics(tx, m, o.Path)
		return err
	})
	return out, err
}

// areas are the parts of the district that a team may serve alone.
func (s *Service) areas(ctx context.Context) (out []Named, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.Scan(&out, `SELECT id, name FROM orgs WHERE kind IN ('subdistrict', 'station') AND archived_at IS NULL ORDER BY path`)
	})
	return out, err
}

// publishers are the organisations whose menu the actor keeps.
func (s *Service) publishers(ctx context.Context, a auth.Actor) (out []Named, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		where, args := db.Below("path", a.Scope(auth.LectureMenu))
		return tx.Scan(&out, `SELECT id, name FROM orgs WHERE kind IN ('centre', 'subdistrict', 'station') AND archived_at IS NULL AND `+where+` ORDER BY path`, args...)
	})
	return out, err
}
