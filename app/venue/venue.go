// Package venue keeps the halls and their seat plans. A hall is a resource of
// the kernel; a plan is a version that never changes, so an event keeps the
// seats it was opened with.
package venue

import (
	"context"
	"fmt"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// What halls refuse.
var (
	ErrPlan     = errs.New(errs.Invalid, "venue.plan")       // contradicts itself; its "fault" says where
	ErrHallCode = errs.New(errs.Conflict, "venue.hall_code") // another hall has the "code"
)

// Hall is a hall with what its resource says of it.
type Hall struct {
	models.Hall
	Name    string
	OrgID   int64
	OrgPath string
}

// Service keeps halls.
type Service struct{ db *db.DB }

// New returns the service.
func New(d *db.DB) *Service { return &Service{db: d} }

const hallQuery = `SELECT h.*, r.name, r.org_id, o.path AS org_path FROM halls h
	JOIN resources r ON r.id = h.id JOIN orgs o ON o.id = r.org_id`

// List returns all halls, oldest first.
func (s *Service) List(ctx context.Context) ([]Hall, error) {
	var out []Hall
	err := s.db.Read(ctx, func(tx *db.Tx) error { return tx.Scan(&out, hallQuery+` ORDER BY h.id`) })
	return out, err
}

// Get joins a transaction; ErrNotFound when there is no such hall.
func Get(tx *db.Tx, id int64) (Hall, error) {
	var h Hall
	ok, err := tx.One(&h, hallQuery+` WHERE h.id = ?`, id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return h, err
}

// Only returns the id of the one hall there is; false when there are more or none.
func Only(tx *db.Tx) (int64, bool, error) {
	var ids []int64
	err := tx.Scan(&ids, `SELECT id FROM halls ORDER BY id LIMIT 2`)
	return append(ids, 0)[0], len(ids) == 1, err
}

// Create adds a hall with its first plan, in the caller's transaction. It returns
// ErrPlan, or ErrHallCode when another hall has the code.
func Create(tx *db.Tx, h *Hall, specs []models.SeatSpec) error {
	var id int64
	_, err := tx.One(&id, `INSERT INTO resources (kind, org_id, name, created_at) VALUES ('hall', ?, ?, ?) RETURNING id`,
		h.OrgID, h.Name, tx.Now())
	if err != nil {
		return fmt.Errorf("create hall: %w", err)
	}
	h.ID = id
	if h.Confirm == "" {
		h.Confirm = models.ConfirmNone
	}
	if err := tx.Insert(&h.Hall); db.Constraint(err) == "halls_code_key" {
		return ErrHallCode.With("code", h.Code).At(errs.Field{Name: "code", Code: "taken"})
	} else if err != nil {
		return fmt.Errorf("create hall: %w", err)
	}
	planID, err := addPlan(tx, id, specs)
	h.PlanID = &planID
	return err
}

// ChangePlan makes specs the hall's plan from now on; events already open keep theirs.
func (s *Service) ChangePlan(ctx context.Context, a auth.Actor, hallID int64, specs []models.SeatSpec) (planID int64, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		h, err := Get(tx, hallID)
		if err != nil {
			return err
		}
		if !a.CanAt(auth.PlanWrite, h.OrgPath) {
			return errs.ErrForbidden
		}
		if planID, err = addPlan(tx, hallID, specs); err != nil {
			return err
		}
		line := audit.By(tx, a, models.ChannelOnline)
		line.Action, line.SubjectKind, line.SubjectID, line.OrgID = "plan.change", "hall", fmt.Sprint(hallID), &h.OrgID
		line.After = fmt.Sprintf("plan %d, %d seats", planID, len(specs))
		return audit.Write(tx, line)
	})
	return planID, err
}

// addPlan checks a plan as the kernel will read it, then stores it as the next version.
func addPlan(tx *db.Tx, hallID int64, specs []models.SeatSpec) (int64, error) {
	if len(specs) == 0 {
		return 0, ErrPlan.With("fault", "no seats")
	}
	plan, err := models.PlanOf(0, hallID, 0, 1, specs)
	if err != nil {
		return 0, ErrPlan.With("fault", err.Error())
	}
	var id int64
	_, err = tx.One(&id, `INSERT INTO seat_plans (hall_id, version, created_at)
		SELECT ?, COALESCE(MAX(version), 0) + 1, ? FROM seat_plans WHERE hall_id = ? RETURNING id`, hallID, tx.Now(), hallID)
	if err != nil {
		return 0, fmt.Errorf("add plan: %w", err)
	}
	rows := make([]models.Seat, len(plan.Seats))
	for i, seat := range plan.Seats {
		seat.ID, seat.PlanID, seat.LeftID = 0, id, 0
		rows[i] = seat
	}
	if err := tx.Insert(&rows); err != nil {
		return 0, fmt.Errorf("add plan: %w", err)
	}
	for i, c := range specs {
		if c.Left < 0 {
			continue
		}
		if _, err := tx.Exec(`UPDATE seats SET left_id = ? WHERE id = ?`, rows[c.Left].ID, rows[i].ID); err != nil {
			return 0, fmt.Errorf("add plan: %w", err)
		}
	}
	_, err = tx.Exec(`UPDATE halls SET plan_id = ? WHERE id = ?`, id, hallID)
	return id, err
}
