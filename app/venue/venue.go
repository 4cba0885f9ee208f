// Package venue keeps the halls and their seat plans. A hall is a resource of
// the kernel; a plan is a version that never changes, so an event keeps the
// seats it was opened with.
package venue

import (
	"context"
	"fmt"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// What halls refuse.
var (
	ErrPlan     = errs.New(errs.Invalid, "venue.plan")       // something is wrong with it; the fields say what and where
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

// MaxAhead is how far ahead a hall is planned. Ours.
const MaxAhead = 400 * 24 * time.Hour

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

// GetFor is Get for somebody who holds a permission at the hall; errs.ErrForbidden
// for anybody else.
func GetFor(tx *db.Tx, a auth.Actor, p auth.Permission, id int64) (Hall, error) {
	h, err := Get(tx, id)
	if err == nil && !a.CanAt(p, h.OrgPath) {
		err = errs.ErrForbidden
	}
	return h, err
}

// LoadPlan reads a seat plan; ErrNotFound when there is none.
func LoadPlan(tx *db.Tx, id int64) (*models.SeatPlan, error) {
	var head struct {
		HallID  int64
		Version int
	}
	ok, err := tx.One(&head, `SELECT hall_id, version FROM seat_plans WHERE id = ?`, id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("seat plan %d: %w", id, err)
	}
	var seats []models.Seat
	if err := tx.Scan(&seats, `SELECT * FROM seats WHERE plan_id = ? ORDER BY ord`, id); err != nil {
		return nil, fmt.Errorf("seat plan %d: %w", id, err)
	}
	return models.NewSeatPlan(id, head.HallID, head.Version, seats)
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
	if h.LeadHours == 0 {
		h.LeadHours = models.UsualLeadHours
	}
	if err := tx.Insert(&h.Hall); db.Constraint(err) == "halls_code_key" {
		return ErrHallCode.With("code", h.Code).At(errs.Field{Name: "code", Code: "taken"})
	} else if err != nil {
		return fmt.Errorf("create hall: %w", err)
	}
	planID, err := addPlan(tx, id, specs, "")
	h.PlanID = &planID
	return err
}

// addPlan checks a plan as the kernel will read it, then stores it as the next version.
func addPlan(tx *db.Tx, hallID int64, specs []models.SeatSpec, note string) (int64, error) {
	if faults := models.CheckPlan(specs); models.Bad(faults) {
		return 0, Faulty(faults)
	}
	plan, err := models.PlanOf(0, hallID, 0, 1, specs)
	if err != nil {
		return 0, ErrPlan.Because(err)
	}
	var id int64
	_, err = tx.One(&id, `INSERT INTO seat_plans (hall_id, version, note, created_at)
		SELECT ?, COALESCE(MAX(version), 0) + 1, ?, ? FROM seat_plans WHERE hall_id = ? RETURNING id`, hallID, note, tx.Now(), hallID)
	if db.Constraint(err) == "seat_plans_hall_id_version_key" {
		return 0, db.ErrAgain // somebody else was first: the next try sees it
	}
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
