package activity

import (
	"fmt"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// ruleAt is the rule that held at a moment for the activities of an organisation: the
// last word of its own by then, else that of the nearest above it, else the usual one.
func ruleAt(tx *db.Tx, org int64, path string, at models.Instant) (Rule, error) {
	var all []struct {
		models.ActivityRule
		OrgName string
	}
	err := tx.Scan(&all, `SELECT r.*, o.name AS org_name FROM activity_rules r JOIN orgs o ON o.id = r.org_id
		WHERE substr(CAST(? AS TEXT), 1, length(o.path)) = o.path AND r.set_at <= ?
		AND NOT EXISTS (SELECT 1 FROM activity_rules x WHERE x.org_id = r.org_id AND x.id > r.id AND x.set_at <= ?)
		ORDER BY length(o.path) DESC`, path, at, at)
	if err != nil {
		return Rule{}, fmt.Errorf("rule: %w", err)
	}
	for _, r := range all {
		if !r.Inherits {
			return Rule{r.NoShows(), org, models.Org{ID: r.OrgID, Name: r.OrgName}}, nil
		}
	}
	return Rule{NoShowRule: models.UsualNoShows(), OrgID: org}, nil
}

// ruledOrg is the path of an organisation that lives; errs.ErrNotFound.
func ruledOrg(tx *db.Tx, id int64) (path string, err error) {
	ok, err := tx.One(&path, `SELECT path FROM orgs WHERE id = ? AND archived_at IS NULL`, id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return path, err
}

func insertRule(tx *db.Tx, r models.ActivityRule) error {
	err := tx.Insert(&r)
	if db.Constraint(err) == "activity_rules_bounds" {
		return errs.ErrInvalid.Because(err)
	}
	return err
}
