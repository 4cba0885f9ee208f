package booking

import (
	"fmt"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// ErrResourceTaken: a resource is in use at a wanted time. Its member "conflicts"
// lists what stands in the way; a feature adds "suggestions".
var ErrResourceTaken = errs.New(errs.Conflict, "booking.resource_taken")

// ErrRetired: a resource has been retired; nobody takes it any more.
var ErrRetired = errs.New(errs.Conflict, "booking.resource_retired")

// Conflict is an occupancy in the way of a wish. It names the resource and the
// kind of use, never for whom it is.
type Conflict struct {
	ResourceID int64          `json:"resource_id"`
	Resource   string         `json:"resource"`
	Start      models.Instant `json:"start"`
	End        models.Instant `json:"end"`
	Kind       string         `json:"kind"` // the kernel's source: "screening", "room_booking"
}

// Conflicts names what Reserve found in the way; the list is never nil.
func Conflicts(tx *db.Tx, clashes []Clash) ([]Conflict, error) {
	out := make([]Conflict, len(clashes))
	if len(clashes) == 0 {
		return out, nil
	}
	ids := make([]int64, len(clashes))
	for i, c := range clashes {
		ids[i] = c.ResourceID
	}
	var names []struct {
		ID   int64
		Name string
	}
	if err := tx.Scan(&names, `SELECT id, name FROM resources WHERE id IN ?`, ids); err != nil {
		return nil, fmt.Errorf("conflicts: %w", err)
	}
	of := map[int64]string{}
	for _, r := range names {
		of[r.ID] = r.Name
	}
	for i, c := range clashes {
		out[i] = Conflict{c.ResourceID, of[c.ResourceID], c.Span.Start, c.Span.End, c.Source.Kind}
	}
	return out, nil
}

// Taken is ErrResourceTaken with what Reserve found in the way.
func Taken(tx *db.Tx, clashes []Clash) (*errs.Error, error) {
	out, err := Conflicts(tx, clashes)
	if err != nil {
		return nil, err
	}
	e := ErrResourceTaken.Add("conflicts", out)
	if len(out) > 0 {
		e = e.With("resource", out[0].Resource).With("from", out[0].Start).With("until", out[0].End)
	}
	return e, nil
}
