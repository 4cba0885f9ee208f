package roster

import (
	"fmt"

	"youyue/app/db"
	"youyue/app/org"
	"youyue/models"
)

func lockTree(tx *db.Tx) error { return org.Lock(tx) }

// everyOrg lists all organisations, closed ones too.
func everyOrg(tx *db.Tx) ([]models.Org, error) {
	var all []models.Org
	if err := tx.Scan(&all, `SELECT * FROM orgs ORDER BY id`); err != nil {
		return nil, fmt.Errorf("roster: %w", err)
	}
	return all, nil
}

// staffRow is an account with one of its living roles, or with none.
type staffRow struct {
	ID       int64
	Login    string
	Name     string
	Disabled bool
	Role     string
	OrgID    int64
}

func everyStaff(tx *db.Tx) ([]staffRow, error) {
	var all []staffRow
	err := tx.Scan(&all, `SELECT a.id, a.login, a.name, a.disabled_at IS NOT NULL AS disabled, COALESCE(g.role, '') AS role, COALESCE(g.org_id, 0) AS org_id
		FROM accounts a LEFT JOIN grants g ON g.account_id = a.id AND g.revoked_at IS NULL WHERE a.login IS NOT NULL ORDER BY a.id, g.id`)
	if err != nil {
		return nil, fmt.Errorf("roster: %w", err)
	}
	return all, nil
}
