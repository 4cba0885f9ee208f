package audit

import (
	"context"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/list"
	"youyue/models"
)

// Service shows the log.
type Service struct {
	db   *db.DB
	zone *time.Location
}

// New returns the service; zone is where the days of a filter begin.
func New(d *db.DB, zone *time.Location) *Service { return &Service{db: d, zone: zone} }

// Filter chooses lines; the zero value means all.
type Filter struct {
	list.Query
	From        models.Instant
	To          models.Instant // before
	Actor       string         // log-in, "account:5" or "job:NAME"
	Action      string         // "booking.book", or "booking." for all of a kind
	SubjectKind string
	SubjectID   string
	Person      int64
}

// Line is a line with the name of its organisation.
type Line struct {
	models.Audit
	OrgName string
}

// List returns lines, the newest first. The actor sees those of the
// organisations for which AuditRead was granted and of all below them; lines of
// no organisation are for who reads a whole tree.
func (s *Service) List(ctx context.Context, a auth.Actor, f Filter) (list.Of[Line], error) {
	var out list.Of[Line]
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		_, limit, offset := f.Window()
		rows, total, err := find(tx, f, a.Scope(auth.AuditRead), a.Everywhere(auth.AuditRead), window{limit, offset})
		out = list.New(f.Query, rows, total)
		return err
	})
	return out, err
}

// maxExport is how many lines a file holds; who needs more narrows the filter.
const maxExport = 5000

// Export returns up to maxExport lines, the newest first, and how many there are.
func (s *Service) Export(ctx context.Context, a auth.Actor, f Filter) (lines []Line, total int64, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		lines, total, err = find(tx, f, a.Scope(auth.AuditRead), a.Everywhere(auth.AuditRead), window{limit: maxExport})
		return err
	})
	return lines, total, err
}
