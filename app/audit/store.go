package audit

import (
	"fmt"
	"strings"

	"youyue/app/db"
)

var orders = map[string]string{"at": "l.at", "id": "l.id"}

// window is which of the lines found are read.
type window struct{ limit, offset int }

func find(tx *db.Tx, f Filter, scope []string, everywhere bool, w window) ([]Line, int64, error) {
	seen, args := db.Below("o.path", scope)
	if everywhere {
		seen += " OR l.org_id IS NULL"
	}
	where := []string{"(" + seen + ")"}
	add := func(text string, values ...any) { where, args = append(where, text), append(args, values...) }

	if !f.From.IsZero() {
		add("l.at >= ?", f.From)
	}
	if !f.To.IsZero() {
		add("l.at < ?", f.To)
	}
	if f.Actor != "" {
		add("l.actor = ?", f.Actor)
	}
	switch {
	case strings.HasSuffix(f.Action, "."):
		add("l.action >= ? AND l.action < ?", f.Action, strings.TrimSuffix(f.Action, ".")+"/") // '/' follows '.'
	case f.Action != "":
		add("l.action = ?", f.Action)
	}
	if f.SubjectKind != "" {
		add("l.subject_kind = ?", f.SubjectKind)
	}
	if f.SubjectID != "" {
		add("l.subject_id = ?", f.SubjectID)
	}
	if f.Person != 0 {
		add("l.person_id = ?", f.Person)
	}
	from := " FROM audit_log l LEFT JOIN orgs o ON o.id = l.org_id WHERE " + strings.Join(where, " AND ")
	var total int64
	if _, err := tx.One(&total, "SELECT count(*)"+from, args...); err != nil {
		return nil, 0, fmt.Errorf("audit: %w", err)
	}
	var rows []Line
	err := tx.Scan(&rows, "SELECT l.*, coalesce(o.name, '') AS org_name"+from+" ORDER BY "+
		f.Order(orders, "-at", "l.id")+" LIMIT ? OFFSET ?", append(args, w.limit, w.offset)...)
	if err != nil {
		return nil, 0, fmt.Errorf("audit: %w", err)
	}
	return rows, total, nil
}
