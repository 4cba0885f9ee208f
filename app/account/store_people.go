package account

import (
	"strings"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

func like(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(text) + "%"
}

// --- people

func peopleOf(tx *db.Tx, account int64) ([]models.Person, error) {
	var rows []models.Person
	err := tx.Scan(&rows, `SELECT * FROM people WHERE account_id = ? AND archived_at IS NULL
		ORDER BY CASE WHEN relation = 'self' THEN 0 ELSE 1 END, id`, account)
	return rows, err
}

func keptPerson(tx *db.Tx, account, id int64) (models.Person, error) {
	return one[models.Person](tx, `SELECT * FROM people WHERE id = ? AND account_id = ? AND archived_at IS NULL`+tx.ForUpdate(), id, account)
}

// ensureSelf is decided by the unique index, so that two first bookings at once
// still make one person.
func ensureSelf(tx *db.Tx, account int64, name string) (models.Person, error) {
	p, err := one[models.Person](tx, `SELECT * FROM people WHERE account_id = ? AND relation = 'self'`, account)
	if err == nil || !missing(err) {
		return p, err
	}
	if _, err := tx.Exec(`INSERT INTO people (account_id, name, relation, notify, created_by, created_at) VALUES (?, ?, 'self', ?, ?, ?)
		ON CONFLICT (account_id) WHERE relation = 'self' DO NOTHING`, account, name, models.NotifyHolder, account, tx.Now()); err != nil {
		return p, err
	}
	return one[models.Person](tx, `SELECT * FROM people WHERE account_id = ? AND relation = 'self'`, account)
}

func missing(err error) bool { return errs.As(err).Kind == errs.NotFound }

func insertPerson(tx *db.Tx, p *models.Person) error { return tx.Insert(p) }

func setPerson(tx *db.Tx, p models.Person) error {
	_, err := tx.Exec(`UPDATE people SET name = ?, relation = ?, phone_enc = ?, phone_index = ?, notify = ? WHERE id = ?`,
		p.Name, p.Relation, p.PhoneEnc, p.PhoneIndex, p.Notify, p.ID)
	return err
}

func archivePerson(tx *db.Tx, id int64) error {
	_, err := tx.Exec(`UPDATE people SET archived_at = ? WHERE id = ?`, tx.Now(), id)
	return err
}

// insertConsent reports false when it was noted already.
func insertConsent(tx *db.Tx, c models.NoticeConsent) (bool, error) {
	n, err := tx.Exec(`INSERT INTO consents (account_id, person_id, version, channel, by_account, created_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		c.AccountID, c.PersonID, c.Version, c.Channel, c.ByAccount, c.CreatedAt)
	return n > 0, err
}

// consentOf is the latest that an account gave for itself, if any.
func consentOf(tx *db.Tx, account int64) (c models.NoticeConsent, ok bool, err error) {
	ok, err = tx.One(&c, `SELECT * FROM consents WHERE account_id = ? ORDER BY id DESC LIMIT 1`, account)
	return c, ok, err
}

func deskPerson(tx *db.Tx, orgID int64, phoneIndex, name string) (models.Person, bool, error) {
	var p models.Person
	ok, err := tx.One(&p, `SELECT * FROM people WHERE account_id IS NULL AND org_id = ? AND phone_index = ? AND name = ?
		AND archived_at IS NULL ORDER BY id LIMIT 1`, orgID, phoneIndex, name)
	return p, ok, err
}

const deskPeople = `SELECT p.* FROM people p JOIN orgs o ON o.id = p.org_id WHERE p.account_id IS NULL AND p.archived_at IS NULL AND `

func deskPeopleByName(tx *db.Tx, scope []string, name string, limit int) ([]models.Person, error) {
	in, args := db.Below("o.path", scope)
	var rows []models.Person
	err := tx.Scan(&rows, deskPeople+in+` AND p.name LIKE ? ESCAPE '\' ORDER BY p.id DESC LIMIT ?`, append(args, like(name), limit)...)
	return rows, err
}

func deskPeopleWithPhone(tx *db.Tx, scope []string, limit int) ([]models.Person, error) {
	in, args := db.Below("o.path", scope)
	var rows []models.Person
	err := tx.Scan(&rows, deskPeople+in+` AND p.phone_index IS NOT NULL ORDER BY p.id DESC LIMIT ?`, append(args, limit)...)
	return rows, err
}

// peopleByPhone finds the desk people of the scope with a number, and who signs
// in with it.
func peopleByPhone(tx *db.Tx, scope []string, index string, limit int) ([]models.Person, error) {
	in, args := db.Below("o.path", scope)
	var rows []models.Person
	err := tx.Scan(&rows, `SELECT p.* FROM people p LEFT JOIN orgs o ON o.id = p.org_id LEFT JOIN accounts a ON a.id = p.account_id
		WHERE p.archived_at IS NULL AND ((p.account_id IS NULL AND p.phone_index = ? AND `+in+`)
		OR (p.relation = 'self' AND a.phone_index = ? AND a.disabled_at IS NULL)) ORDER BY p.id DESC LIMIT ?`,
		append(append([]any{index}, args...), index, limit)...)
	return rows, err
}

// --- organisations and grants

// orgPath is where an open organisation hangs; nobody closes or merges it until the
// transaction, which writes something for it, ends.
func orgPath(tx *db.Tx, id int64) (string, error) {
	var path string
	ok, err := tx.One(&path, `SELECT path FROM orgs WHERE id = ? AND archived_at IS NULL`+tx.ForShare(), id)
	if err == nil && !ok {
		err = errs.FieldFault("org_id", "unknown")
	}
	return path, err
}

func orgIDByCode(tx *db.Tx, code string) (int64, error) {
	return one[int64](tx, `SELECT id FROM orgs WHERE code = ? AND archived_at IS NULL`, code)
}

func grantsOf(tx *db.Tx, accounts []int64) ([]GrantRow, error) {
	if len(accounts) == 0 {
		return nil, nil
	}
	var rows []GrantRow
	err := tx.Scan(&rows, `SELECT g.id, g.account_id, g.role, g.org_id, o.name AS org_name, o.code AS org_code, o.path, g.starts_at, g.ends_at
		FROM grants g JOIN orgs o ON o.id = g.org_id WHERE g.revoked_at IS NULL AND (g.ends_at IS NULL OR g.ends_at > ?) AND g.account_id IN (?) ORDER BY g.id`, tx.Now(), accounts)
	return rows, err
}

// insertGrant reports false when the role was held already. One for a time takes the
// place of another for a time; one without an end takes the place of both.
func insertGrant(tx *db.Tx, g models.Grant) (bool, error) {
	_, err := tx.Exec(`UPDATE grants SET revoked_at = ? WHERE account_id = ? AND role = ? AND org_id = ? AND revoked_at IS NULL AND ends_at IS NOT NULL`,
		tx.Now(), g.AccountID, g.Role, g.OrgID)
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(`INSERT INTO grants (account_id, role, org_id, granted_by, created_at, starts_at, ends_at) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (account_id, role, org_id) WHERE revoked_at IS NULL DO NOTHING`, g.AccountID, g.Role, g.OrgID, g.GrantedBy, g.CreatedAt, g.StartsAt, g.EndsAt)
	return n > 0, err
}

func revokeGrant(tx *db.Tx, id int64) error {
	_, err := tx.Exec(`UPDATE grants SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL`, tx.Now(), id)
	return err
}

var accountOrders = map[string]string{"login": "coalesce(a.login, '')", "name": "a.name", "id": "a.id", "created_at": "a.created_at"}

// findAccounts lists accounts; a nil scope sees everybody.
func findAccounts(tx *db.Tx, f Filter, scope []string) ([]models.Account, int64, error) {
	where, args := "1 = 1", []any{}
	if scope != nil {
		in, more := db.Below("o.path", scope)
		where = `EXISTS (SELECT 1 FROM grants g JOIN orgs o ON o.id = g.org_id WHERE g.account_id = a.id AND g.revoked_at IS NULL AND ` + in + `)`
		args = append(args, more...)
	}
	if f.Text != "" {
		where += ` AND (a.login LIKE ? ESCAPE '\' OR a.name LIKE ? ESCAPE '\')`
		args = append(args, like(strings.ToLower(f.Text)), like(f.Text))
	}
	var total int64
	if _, err := tx.One(&total, `SELECT count(*) FROM accounts a WHERE `+where, args...); err != nil {
		return nil, 0, err
	}
	_, limit, offset := f.Window()
	var rows []models.Account
	err := tx.Scan(&rows, `SELECT a.* FROM accounts a WHERE `+where+` ORDER BY `+f.Order(accountOrders, "id", "a.id")+` LIMIT ? OFFSET ?`,
		append(args, limit, offset)...)
	return rows, total, err
}

// orgChoices lists the open organisations of a scope, in tree order.
func orgChoices(tx *db.Tx, scope []string) ([]orgChoice, error) {
	in, args := db.Below("o.path", scope)
	var rows []orgChoice
	err := tx.Scan(&rows, `SELECT o.id, o.name, o.code FROM orgs o WHERE o.archived_at IS NULL AND `+in+` ORDER BY o.path LIMIT 1000`, args...)
	return rows, err
}
