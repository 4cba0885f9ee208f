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

// What editing a plan refuses besides ErrPlan.
var (
	// ErrPlanStale: somebody else saved a version meanwhile. "version" is the
	// current one, "changes" what they changed.
	ErrPlanStale = errs.New(errs.Conflict, "venue.plan_stale")
	// ErrPlanSame: the plan is the one that is in use already.
	ErrPlanSame = errs.New(errs.Conflict, "venue.plan_same")
)

// Version is one version of a hall's plan.
type Version struct {
	Hall Hall
	Plan *models.SeatPlan
	Note string
	At   models.Instant
}

// Edit is a new version as somebody wants to save it.
type Edit struct {
	HallID int64
	Base   int // the version that was edited
	Note   string
	Specs  []models.SeatSpec
}

// Saved is what a saved edit did.
type Saved struct {
	Version
	Diff     models.PlanDiff
	Warnings []models.PlanFault
}

// Faulty is ErrPlan with every fault as a field of the plan's text.
func Faulty(faults []models.PlanFault) *errs.Error {
	return ErrPlan.At(FaultFields("text", faults)...)
}

// FaultFields are faults as fields, warnings left out; their name says where
// they are when the line of the text is known.
func FaultFields(name string, faults []models.PlanFault) []errs.Field {
	var out []errs.Field
	for _, f := range faults {
		if f.Warn {
			continue
		}
		out = append(out, FaultField(name, f))
	}
	return out
}

// FaultField is one fault, or warning, as a field.
func FaultField(name string, f models.PlanFault) errs.Field {
	args := map[string]any{"row": f.Row, "pos": f.Pos, "line": f.Line}
	for k, v := range f.Args {
		args[k] = v
	}
	if f.Line > 0 {
		name = fmt.Sprintf("%s:%d", name, f.Line)
	}
	return errs.Field{Name: name, Code: "seatplan." + f.Code, Args: args}
}

// Current returns the version in use; ErrNotFound when there is no such hall.
func (s *Service) Current(ctx context.Context, hallID int64) (v Version, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { v, err = current(tx, hallID); return err })
	return v, err
}

func current(tx *db.Tx, hallID int64) (Version, error) {
	h, err := Get(tx, hallID)
	if err != nil {
		return Version{}, err
	}
	return version(tx, h, *h.PlanID)
}

func version(tx *db.Tx, h Hall, planID int64) (Version, error) {
	plan, err := LoadPlan(tx, planID)
	if err != nil {
		return Version{}, err
	}
	var head struct {
		Note      string
		CreatedAt models.Instant
	}
	_, err = tx.One(&head, `SELECT note, created_at FROM seat_plans WHERE id = ?`, planID)
	return Version{h, plan, head.Note, head.CreatedAt}, err
}

// Older returns a version by its number; ErrNotFound when the hall has none such.
func (s *Service) Older(ctx context.Context, hallID int64, number int) (v Version, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { v, err = older(tx, hallID, number); return err })
	return v, err
}

func older(tx *db.Tx, hallID int64, number int) (Version, error) {
	h, err := Get(tx, hallID)
	if err != nil {
		return Version{}, err
	}
	var id int64
	ok, err := tx.One(&id, `SELECT id FROM seat_plans WHERE hall_id = ? AND version = ?`, hallID, number)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	if err != nil {
		return Version{}, err
	}
	return version(tx, h, id)
}

// Versions lists the versions of a hall's plan, the newest first, at most fifty.
func (s *Service) Versions(ctx context.Context, hallID int64) (out []PlanHead, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.Scan(&out, `SELECT p.id, p.version, p.note, p.created_at, (SELECT COUNT(*) FROM seats s WHERE s.plan_id = p.id AND s.kind <> 'not_for_sale') AS seats
			FROM seat_plans p WHERE p.hall_id = ? ORDER BY p.version DESC LIMIT 50`, hallID)
	})
	return out, err
}

// PlanHead is a version without its seats.
type PlanHead struct {
	ID        int64
	Version   int
	Note      string
	CreatedAt models.Instant
	Seats     int
}

// Remaining is an event that keeps an older version of its hall's plan.
type Remaining struct {
	ID       int64
	Title    string
	StartsAt models.Instant
	Version  int
}

// OnOldPlans lists the open events of a hall that keep an older version, by start.
func (s *Service) OnOldPlans(ctx context.Context, hallID int64) (out []Remaining, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.Scan(&out, `SELECT e.id, e.title, e.starts_at, p.version FROM events e JOIN seat_plans p ON p.id = e.plan_id
			JOIN halls h ON h.id = e.resource_id WHERE e.resource_id = ? AND e.plan_id <> h.plan_id AND e.state IN ('open', 'planned') AND e.ends_at > ?
			ORDER BY e.starts_at, e.id LIMIT 200`, hallID, tx.Now())
	})
	return out, err
}

// Save makes an edit the hall's plan from now on; events already open keep
// theirs. It returns ErrPlan, ErrPlanStale, ErrPlanSame, errs.ErrNotFound or
// errs.ErrForbidden.
func (s *Service) Save(ctx context.Context, a auth.Actor, in Edit) (out Saved, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error { out, err = save(tx, a, in); return err })
	return out, err
}

func save(tx *db.Tx, a auth.Actor, in Edit) (Saved, error) {
	h, err := Get(tx, in.HallID)
	if err != nil {
		return Saved{}, err
	}
	if !a.CanAt(auth.PlanWrite, h.OrgPath) {
		return Saved{}, errs.ErrForbidden
	}
	var locked int64
	if _, err := tx.One(&locked, `SELECT id FROM resources WHERE id = ?`+tx.ForUpdate(), h.ID); err != nil {
		return Saved{}, fmt.Errorf("save plan: %w", err)
	}
	now, err := current(tx, h.ID) // again: what was true before the lock may have changed
	if err != nil {
		return Saved{}, err
	}
	if now.Plan.Version != in.Base {
		return Saved{}, stale(tx, now, in.Base)
	}
	faults := models.CheckPlan(in.Specs)
	if models.Bad(faults) {
		return Saved{}, Faulty(faults)
	}
	diff := models.DiffPlans(now.Plan.Specs(), in.Specs)
	if diff.Same() {
		return Saved{}, ErrPlanSame.With("version", now.Plan.Version)
	}
	id, err := addPlan(tx, h.ID, in.Specs, in.Note)
	if err != nil {
		return Saved{}, err
	}
	v, err := current(tx, h.ID)
	if err != nil {
		return Saved{}, err
	}
	line := audit.By(tx, a, models.ChannelOnline)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID = "plan.change", "hall", fmt.Sprint(h.ID), &h.OrgID
	line.Before = fmt.Sprintf("version %d, plan %d, %d seats", now.Plan.Version, now.Plan.ID, len(now.Plan.Seats))
	line.After = fmt.Sprintf("version %d, plan %d, %d seats: %d added, %d removed, %d of another kind, %d moved",
		v.Plan.Version, id, len(in.Specs), len(diff.Added), len(diff.Removed), len(diff.Kind), len(diff.Moved))
	line.Reason = in.Note
	return Saved{v, diff, faults}, audit.Write(tx, line)
}

// stale says what has been changed since a version; nothing of that when there
// never was one of this number.
func stale(tx *db.Tx, now Version, base int) error {
	e := ErrPlanStale.With("version", now.Plan.Version).With("base", base).With("note", now.Note).Add("version", now.Plan.Version)
	old, err := older(tx, now.Hall.ID, base)
	if err != nil {
		return e
	}
	return e.Add("changes", viewDiff(models.DiffPlans(old.Plan.Specs(), now.Plan.Specs())))
}
