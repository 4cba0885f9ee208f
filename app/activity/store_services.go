package activity

import (
	"fmt"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// currentList is the list of a station for a year with its cells, by row and month;
// ID 0 when it has none.
func currentList(tx *db.Tx, org int64, year int) (l models.ServiceList, cells []models.ServiceCell, err error) {
	ok, err := tx.One(&l, `SELECT * FROM service_lists WHERE org_id = ? AND year = ? AND ended_at IS NULL`, org, year)
	if err != nil || !ok {
		return models.ServiceList{}, nil, err
	}
	err = tx.Scan(&cells, `SELECT * FROM service_cells WHERE list_id = ? ORDER BY ord, month`, l.ID)
	return l, cells, err
}

// writeList puts a new list in the place of the old one. What was done of a cell that
// stays stays done, and its activities go along.
func writeList(tx *db.Tx, a auth.Actor, in Import, old models.ServiceList, cells, before []models.ServiceCell) (int64, error) {
	if old.ID != 0 {
		if _, err := tx.Exec(`UPDATE service_lists SET state = 'replaced', ended_at = ? WHERE id = ?`, tx.Now(), old.ID); err != nil {
			return 0, err
		}
	}
	l := models.ServiceList{OrgID: in.OrgID, Year: in.Year, State: "current", Note: in.Note, CreatedBy: a.AccountID, CreatedAt: tx.Now()}
	if err := tx.Insert(&l); err != nil {
		return 0, fmt.Errorf("service list: %w", err)
	}
	was := map[cellKey]models.ServiceCell{}
	for _, c := range before {
		was[cellKey{c.Service, c.Month}] = c
	}
	for i := range cells {
		c := &cells[i]
		c.ListID = l.ID
		if o, ok := was[cellKey{c.Service, c.Month}]; ok {
			c.DoneAt, c.DoneBy = o.DoneAt, o.DoneBy
		}
	}
	if len(cells) == 0 {
		return l.ID, nil
	}
	if err := tx.Insert(&cells); err != nil {
		return 0, fmt.Errorf("service cells: %w", err)
	}
	for _, c := range cells {
		if o, ok := was[cellKey{c.Service, c.Month}]; ok {
			for _, table := range []string{"activities", "service_cell_orders"} {
				if _, err := tx.Exec(`UPDATE `+table+` SET cell_id = ? WHERE cell_id = ?`, c.ID, o.ID); err != nil {
					return 0, err
				}
			}
		}
	}
	return l.ID, nil
}

// rollBack ends the current list and brings the one before to life; false when
// there is none.
func rollBack(tx *db.Tx, org int64, year int) (int64, bool, error) {
	l, _, err := currentList(tx, org, year)
	if err != nil || l.ID == 0 {
		return 0, false, err
	}
	var before int64
	ok, err := tx.One(&before, `SELECT id FROM service_lists WHERE org_id = ? AND year = ? AND state = 'replaced' AND id < ? ORDER BY id DESC LIMIT 1`, org, year, l.ID)
	if err != nil || !ok {
		return 0, false, err
	}
	if _, err := tx.Exec(`UPDATE service_lists SET state = 'rolled_back', ended_at = ? WHERE id = ?`, tx.Now(), l.ID); err != nil {
		return 0, false, err
	}
	if _, err := tx.Exec(`UPDATE service_lists SET state = 'current', ended_at = NULL WHERE id = ?`, before); err != nil {
		return 0, false, err
	}
	// An order keeps its cell where the earlier list has none for it: what was ordered stays to be seen.
	_, err = tx.Exec(`UPDATE service_cell_orders SET cell_id = (SELECT o.id FROM service_cells o JOIN service_cells n ON n.service = o.service AND n.month = o.month
		WHERE o.list_id = ? AND n.id = service_cell_orders.cell_id) WHERE cell_id IN (SELECT n.id FROM service_cells n JOIN service_cells o ON n.service = o.service AND n.month = o.month
		WHERE n.list_id = ? AND o.list_id = ?)`, before, l.ID, before)
	if err != nil {
		return 0, false, err
	}
	_, err = tx.Exec(`UPDATE activities SET cell_id = (SELECT o.id FROM service_cells o JOIN service_cells n ON n.service = o.service AND n.month = o.month
		WHERE o.list_id = ? AND n.id = activities.cell_id) WHERE cell_id IN (SELECT id FROM service_cells WHERE list_id = ?)`, before, l.ID)
	return before, true, err
}

func activitiesOfCells(tx *db.Tx, list int64) (map[int64][]int64, error) {
	var rows []struct{ CellID, ID int64 }
	err := tx.Scan(&rows, `SELECT a.cell_id, a.id FROM activities a JOIN service_cells c ON c.id = a.cell_id WHERE c.list_id = ? AND a.state <> 'cancelled' ORDER BY a.id`, list)
	out := map[int64][]int64{}
	for _, r := range rows {
		out[r.CellID] = append(out[r.CellID], r.ID)
	}
	return out, err
}

func cellByID(tx *db.Tx, id int64) (c Cell, err error) {
	ok, err := tx.One(&c, `SELECT c.*, l.org_id, o.name AS org_name, o.path AS org_path, l.year, l.ended_at IS NULL AS current
		FROM service_cells c JOIN service_lists l ON l.id = c.list_id JOIN orgs o ON o.id = l.org_id WHERE c.id = ?`, id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return c, err
}

func activitiesOfCell(tx *db.Tx, cell int64) (out []CellActivity, err error) {
	err = tx.Scan(&out, `SELECT id, title FROM activities WHERE cell_id = ? AND state <> 'cancelled' ORDER BY id`, cell)
	return out, err
}

func orgName(tx *db.Tx, id int64) (name string, err error) {
	ok, err := tx.One(&name, `SELECT name FROM orgs WHERE id = ?`, id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return name, err
}

func orgOfCell(tx *db.Tx, cell int64) (id int64, path string, err error) {
	var r struct {
		ID   int64
		Path string
	}
	ok, err := tx.One(&r, `SELECT o.id, o.path FROM service_cells c JOIN service_lists l ON l.id = c.list_id JOIN orgs o ON o.id = l.org_id WHERE c.id = ?`, cell)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return r.ID, r.Path, err
}

func markCell(tx *db.Tx, cell, by int64, done bool) error {
	if !done {
		_, err := tx.Exec(`UPDATE service_cells SET done_at = NULL, done_by = NULL WHERE id = ?`, cell)
		return err
	}
	_, err := tx.Exec(`UPDATE service_cells SET done_at = ?, done_by = ? WHERE id = ? AND done_at IS NULL`, tx.Now(), by, cell)
	return err
}

// orgsWithLists are the organisations that have a list for a year.
func orgsWithLists(tx *db.Tx, year int) (out []models.Org, err error) {
	err = tx.Scan(&out, `SELECT o.* FROM orgs o JOIN service_lists l ON l.org_id = o.id WHERE l.year = ? AND l.ended_at IS NULL ORDER BY o.path`, year)
	return out, err
}

func linkOrder(tx *db.Tx, cell int64, order string) error {
	_, err := tx.Exec(`INSERT INTO service_cell_orders (order_id, cell_id) VALUES (?, ?)`, order, cell)
	return err
}

func ordersOfCell(tx *db.Tx, cell int64) (ids []string, err error) {
	err = tx.Scan(&ids, `SELECT order_id FROM service_cell_orders WHERE cell_id = ? ORDER BY order_id`, cell)
	return ids, err
}

// ordersOfList are the orders for all cells of a list, with their cells.
func ordersOfList(tx *db.Tx, list int64) (cells map[string]int64, ids []string, err error) {
	var rows []struct {
		OrderID string
		CellID  int64
	}
	err = tx.Scan(&rows, `SELECT x.order_id, x.cell_id FROM service_cell_orders x JOIN service_cells c ON c.id = x.cell_id WHERE c.list_id = ?`, list)
	cells = map[string]int64{}
	for _, r := range rows {
		cells[r.OrderID], ids = r.CellID, append(ids, r.OrderID)
	}
	return cells, ids, err
}

// sessionsHeld counts the sessions that are over, by cell.
func sessionsHeld(tx *db.Tx, list int64) (map[int64]int, error) {
	var rows []struct {
		CellID int64
		N      int
	}
	err := tx.Scan(&rows, `SELECT a.cell_id, COUNT(*) AS n FROM activities a JOIN service_cells c ON c.id = a.cell_id JOIN activity_sessions s ON s.activity_id = a.id
		WHERE c.list_id = ? AND s.state = 'planned' AND s.ends_at <= ? GROUP BY a.cell_id`, list, tx.Now())
	out := map[int64]int{}
	for _, r := range rows {
		out[r.CellID] = r.N
	}
	return out, err
}
