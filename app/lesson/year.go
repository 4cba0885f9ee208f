package lesson

import (
	"context"
	"fmt"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// Year is the yearly sheet of one branch. Its totals are of this branch alone,
// and of the signed records alone.
type Year struct {
	Branch  models.Org
	Year    int
	First   int // the year of the branch's first lesson
	Last    int // this year
	Lessons []models.LessonRecord
	Signed  int
	Total   models.LessonCounts
}

// maxBranches is how many branches a list offers; more are found by name.
const maxBranches = 100

// Branches lists the party branches whose records the actor may see, in the order of
// the tree, those whose name holds search.
func (s *Service) Branches(ctx context.Context, a auth.Actor, search string) (out []models.Org, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		where, args := db.Below("o.path", a.Scope(auth.LessonRead))
		like := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(strings.TrimSpace(search)) + "%"
		return tx.Scan(&out, `SELECT * FROM orgs o WHERE o.kind = 'branch' AND o.archived_at IS NULL AND o.name LIKE ? ESCAPE '\' AND `+where+
			` ORDER BY o.path LIMIT ?`, append(append([]any{like}, args...), maxBranches)...)
	})
	return out, err
}

// Year returns the lessons of a branch that began in a year of our zone, the
// first first; those without a record say what the booking does. A zero year is
// this one. errs.ErrNotFound outside the actor's scope.
func (s *Service) Year(ctx context.Context, a auth.Actor, org int64, year int) (y Year, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { y, err = s.year(tx, a, org, year); return err })
	return y, err
}

func (s *Service) year(tx *db.Tx, a auth.Actor, org int64, year int) (Year, error) {
	y := Year{Year: year, Last: tx.Now().In(s.zone).Year(), Lessons: []models.LessonRecord{}}
	if y.Year == 0 {
		y.Year = y.Last
	}
	where, args := db.Below("o.path", a.Scope(auth.LessonRead))
	ok, err := tx.One(&y.Branch, `SELECT * FROM orgs o WHERE o.id = ? AND o.kind = 'branch' AND `+where, append([]any{org}, args...)...)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	if err != nil {
		return y, err
	}
	const had = ` WHERE b.org_id = ? AND b.status <> 'cancelled' AND e.state <> 'cancelled' AND e.starts_at <= ?`
	var first struct{ At models.Instant }
	if err := tx.Scan(&first, `SELECT MIN(e.starts_at) AS at FROM bookings b JOIN events e ON e.id = b.event_id`+had, org, tx.Now()); err != nil {
		return y, fmt.Errorf("first lesson: %w", err)
	}
	y.First = y.Last
	if !first.At.IsZero() {
		y.First = first.At.In(s.zone).Year()
	}
	begin := func(year int) models.Instant {
		return models.InstantOf(time.Date(year, 1, 1, 0, 0, 0, 0, s.zone))
	}
	var rows []booked
	if err := tx.Scan(&rows, bookedQuery+had+` AND e.starts_at >= ? AND e.starts_at < ? ORDER BY e.starts_at, b.id`,
		org, tx.Now(), begin(y.Year), begin(y.Year+1)); err != nil {
		return y, fmt.Errorf("lessons of a year: %w", err)
	}
	stored, err := latest(tx, org)
	if err != nil {
		return y, err
	}
	for _, b := range rows {
		r := models.LessonRecord{BookingID: b.BookingID, State: models.LessonNone}
		if saved, ok := stored[b.BookingID]; ok {
			r = saved
		}
		if !r.State.Sealed() {
			b.Expected = max(b.Asked, b.Arrived)
			r.LessonFacts = b.LessonFacts
		} else {
			c := r.Counts()
			y.Signed++
			y.Total.Expected += c.Expected
			y.Total.Arrived += c.Arrived
		}
		r.OrgID = org
		y.Lessons = append(y.Lessons, r)
	}
	return y, nil
}
