package org

import (
	"fmt"
	"strconv"
	"strings"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// lockTree makes this transaction the only one that changes the shape of the
// tree. Every path begins at a root, so the roots' rows, locked in id order,
// stand for it: two moves that would only together make a cycle queue here.
func lockTree(tx *db.Tx) error {
	var ids []int64
	return tx.Scan(&ids, `SELECT id FROM orgs WHERE parent_id IS NULL ORDER BY id`+tx.ForUpdate())
}

// Lock joins a transaction and makes it the only one that changes the tree.
func Lock(tx *db.Tx) error { return lockTree(tx) }

// hasRoot waits for whoever else is making a root: there is no row to lock yet.
// SQLite has one writer and needs no lock.
func hasRoot(tx *db.Tx) (bool, error) {
	if _, err := tx.ExecPair(db.Pair{Postgres: `SELECT pg_advisory_xact_lock(hashtext(?))`, SQLite: `SELECT ?`}, "root of orgs"); err != nil {
		return false, err
	}
	var n int
	_, err := tx.One(&n, `SELECT COUNT(*) FROM orgs WHERE parent_id IS NULL`)
	return n > 0, err
}

func byID(tx *db.Tx, id int64, lock string) (models.Org, error) {
	var o models.Org
	return o, found(tx.One(&o, `SELECT * FROM orgs WHERE id = ?`+lock, id))
}

func byCode(tx *db.Tx, code string) (models.Org, error) {
	var o models.Org
	return o, found(tx.One(&o, `SELECT * FROM orgs WHERE code = ?`, code))
}

func found(ok bool, err error) error {
	switch {
	case err != nil:
		return fmt.Errorf("org: %w", err)
	case !ok:
		return errs.ErrNotFound
	}
	return nil
}

func below(tx *db.Tx, path string) ([]models.Org, error) {
	var rows []models.Org
	err := tx.Scan(&rows, `SELECT * FROM orgs WHERE path >= ? AND path < ? AND archived_at IS NULL ORDER BY path`,
		path, UpperPath(path))
	return rows, err
}

var orders = map[string]string{"tree": "path", "name": "name", "code": "code"}

func find(tx *db.Tx, f Filter) ([]models.Org, int64, error) {
	where, args := []string{"1 = 1"}, []any{}
	add := func(text string, values ...any) { where, args = append(where, text), append(args, values...) }
	if !f.History {
		add("archived_at IS NULL")
	}
	if f.Below != 0 {
		top, err := byID(tx, f.Below, "")
		if err != nil {
			return nil, 0, err
		}
		add("path >= ? AND path < ?", top.Path, UpperPath(top.Path))
	}
	if f.Kind != "" {
		add("kind = ?", f.Kind)
	}
	if f.Text != "" {
		like := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(f.Text) + "%"
		add(`(name LIKE ? ESCAPE '\' OR code LIKE ? ESCAPE '\')`, like, like)
	}
	from := " FROM orgs WHERE " + strings.Join(where, " AND ")
	var total int64
	if _, err := tx.One(&total, "SELECT count(*)"+from, args...); err != nil {
		return nil, 0, err
	}
	_, limit, offset := f.Window()
	var rows []models.Org
	err := tx.Scan(&rows, "SELECT *"+from+" ORDER BY "+f.Order(orders, "tree", "id")+" LIMIT ? OFFSET ?",
		append(args, limit, offset)...)
	return rows, total, err
}

func insert(tx *db.Tx, o *models.Org) error {
	err := tx.Insert(o)
	if c := db.Constraint(err); c == "orgs_code_key" || c == "orgs_path_key" {
		return ErrCodeTaken.With("code", o.Code).At(errs.Field{Name: "code", Code: "taken"})
	}
	return err
}

func setPath(tx *db.Tx, id int64, path string) error {
	_, err := tx.Exec(`UPDATE orgs SET path = ? WHERE id = ?`, path, id)
	return err
}

func setParent(tx *db.Tx, id, parent int64) error {
	_, err := tx.Exec(`UPDATE orgs SET parent_id = ? WHERE id = ?`, parent, id)
	return err
}

// movePaths rewrites the prefix of a whole subtree.
func movePaths(tx *db.Tx, from, to string) error {
	_, err := tx.Exec(`UPDATE orgs SET path = ? || substr(path, ?) WHERE path >= ? AND path < ?`,
		to, len(from)+1, from, UpperPath(from))
	return err
}

func setDetails(tx *db.Tx, o models.Org) error {
	_, err := tx.Exec(`UPDATE orgs SET name = ?, phone = ?, address = ? WHERE id = ?`, o.Name, o.Phone, o.Address, o.ID)
	return err
}

// setArchived closes an organisation, or with the zero Instant opens it.
func setArchived(tx *db.Tx, id int64, at models.Instant) error {
	_, err := tx.Exec(`UPDATE orgs SET archived_at = ? WHERE id = ?`, at, id)
	return err
}

// closed lists the closed organisations below path, those closed last first.
func closed(tx *db.Tx, path string) ([]models.Org, error) {
	var rows []models.Org
	err := tx.Scan(&rows, `SELECT * FROM orgs WHERE path >= ? AND path < ? AND archived_at IS NOT NULL ORDER BY archived_at DESC, id LIMIT 200`,
		path, UpperPath(path))
	return rows, err
}

func belongings(tx *db.Tx, o models.Org) (b Belongings, err error) {
	if err := tx.Scan(&b.Children, `SELECT COUNT(*) FROM orgs WHERE parent_id = ? AND archived_at IS NULL`, o.ID); err != nil {
		return b, err
	}
	if err := tx.Scan(&b.Roles, `SELECT COUNT(*) FROM grants WHERE org_id = ? AND revoked_at IS NULL`, o.ID); err != nil {
		return b, err
	}
	for _, r := range references {
		var n int
		if err := tx.Scan(&n, `SELECT COUNT(*) FROM `+r.table+` WHERE `+r.column+` = ?`+r.when(0), o.ID); err != nil {
			return b, err
		}
		b.Records += n
	}
	return b, nil
}

func childrenOf(tx *db.Tx, id int64) ([]models.Org, error) {
	var rows []models.Org
	return rows, tx.Scan(&rows, `SELECT * FROM orgs WHERE parent_id = ? ORDER BY id`, id)
}

// when is the condition under which a row follows into an organisation; 0 is one
// that has nothing yet.
func (r reference) when(into int64) string {
	return strings.ReplaceAll(r.only, "{into}", strconv.FormatInt(into, 10))
}

func refer(tx *db.Tx, r reference, from, to int64) error {
	_, err := tx.Exec(`UPDATE `+r.table+` SET `+r.column+` = ? WHERE `+r.column+` = ?`+r.when(to), to, from)
	return err
}

// joinGrants moves the living grants; whoever has the role at both already has
// it once from now on.
func joinGrants(tx *db.Tx, from, to int64) error {
	_, err := tx.Exec(`UPDATE grants SET revoked_at = ? WHERE org_id = ? AND revoked_at IS NULL AND EXISTS (
		SELECT 1 FROM grants g WHERE g.account_id = grants.account_id AND g.role = grants.role AND g.org_id = ? AND g.revoked_at IS NULL)`,
		tx.Now(), from, to)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE grants SET org_id = ? WHERE org_id = ? AND revoked_at IS NULL`, to, from)
	return err
}

func setMerged(tx *db.Tx, id, into int64) error {
	_, err := tx.Exec(`UPDATE orgs SET archived_at = ?, merged_into = ? WHERE id = ?`, tx.Now(), into, id)
	return err
}
