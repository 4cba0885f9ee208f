package account

import (
	"fmt"
	"time"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

func one[T any](tx *db.Tx, query string, args ...any) (T, error) {
	var row T
	ok, err := tx.One(&row, query, args...)
	switch {
	case err != nil:
		return row, fmt.Errorf("account: %w", err)
	case !ok:
		return row, errs.ErrNotFound
	}
	return row, nil
}

func accountByID(tx *db.Tx, id int64, lock string) (models.Account, error) {
	return one[models.Account](tx, `SELECT * FROM accounts WHERE id = ?`+lock, id)
}

func accountByLogin(tx *db.Tx, login string) (models.Account, error) {
	return one[models.Account](tx, `SELECT * FROM accounts WHERE login = ?`, login)
}

func accountByPhone(tx *db.Tx, index string) (models.Account, error) {
	return one[models.Account](tx, `SELECT * FROM accounts WHERE phone_index = ?`, index)
}

func demoAccounts(tx *db.Tx) ([]models.Account, error) {
	var rows []models.Account
	err := tx.Scan(&rows, `SELECT * FROM accounts WHERE demo AND login IS NOT NULL AND disabled_at IS NULL ORDER BY id`)
	return rows, err
}

func insertAccount(tx *db.Tx, acc *models.Account) error {
	err := tx.Insert(acc)
	switch db.Constraint(err) {
	case "accounts_login_key":
		return ErrLoginTaken.At(errs.Field{Name: "login", Code: "taken"})
	case "accounts_phone_index_key":
		return ErrPhoneTaken.At(errs.Field{Name: "phone", Code: "taken"})
	}
	return err
}

func setProfile(tx *db.Tx, id int64, name, lang string) error {
	if _, err := tx.Exec(`UPDATE accounts SET name = ?, lang = ? WHERE id = ?`, name, lang, id); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE people SET name = ? WHERE account_id = ? AND relation = 'self'`, name, id)
	return err
}

func setPassword(tx *db.Tx, id int64, hash string, once Once) error {
	_, err := tx.Exec(`UPDATE accounts SET password_hash = ?, password_once = ? WHERE id = ?`, hash, bool(once), id)
	return err
}

func setDisabled(tx *db.Tx, id int64, at models.Instant) error {
	_, err := tx.Exec(`UPDATE accounts SET disabled_at = ? WHERE id = ?`, at, id)
	return err
}

// lockWord holds a word for this transaction. SQLite has one writer and needs none.
func lockWord(tx *db.Tx, word string) error {
	_, err := tx.ExecPair(db.Pair{Postgres: `SELECT pg_advisory_xact_lock(hashtext(?))`, SQLite: `SELECT ?`}, word)
	return err
}

// --- sessions

type sessionRow struct {
	TokenHash  string
	Kind       sessionKind
	Data       []byte
	LastSeenAt models.Instant
	AccountID  int64
	Login      string
	Name       string
	Lang       string
	PhoneEnc   string
	Demo       bool
	Role       string
	OrgID      int64
	Path       string
}

// findSessions returns for each session a row per live grant, or one without;
// none when it is not to be honoured. A closed organisation gives no role.
func findSessions(tx *db.Tx, hashes []string) (map[string][]sessionRow, error) {
	among, list := tx.AmongWords("s.token_hash", hashes)
	inForce, args := tx.InForce("g")
	var rows []sessionRow
	err := tx.Scan(&rows, `SELECT s.token_hash, s.kind, s.data, s.last_seen_at, a.id AS account_id, coalesce(a.login, '') AS login, a.name, a.lang,
		a.phone_enc, a.demo, coalesce(g.role, '') AS role, coalesce(g.org_id, 0) AS org_id, coalesce(o.path, '') AS path
		FROM sessions s JOIN accounts a ON a.id = s.account_id
		LEFT JOIN grants g ON g.account_id = a.id AND `+inForce+`
		LEFT JOIN orgs o ON o.id = g.org_id AND o.archived_at IS NULL
		WHERE `+among+` AND s.revoked_at IS NULL AND s.expires_at > ? AND a.disabled_at IS NULL
		ORDER BY g.id`, append(args, list, tx.Now())...)
	if err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	out := make(map[string][]sessionRow, len(hashes))
	for _, r := range rows {
		out[r.TokenHash] = append(out[r.TokenHash], r)
	}
	return out, nil
}

// insertSession never brings a revoked session back to life.
func insertSession(tx *db.Tx, hash string, kind sessionKind, account int64, data []byte, label string, life time.Duration) error {
	now := tx.Now()
	_, err := tx.Exec(`INSERT INTO sessions (token_hash, kind, account_id, data, label, created_at, last_seen_at, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (token_hash) DO UPDATE SET data = excluded.data, account_id = excluded.account_id`,
		hash, kind, account, data, label, now, now, now.Add(life))
	return err
}

func touchSession(tx *db.Tx, hash string, before models.Instant) error {
	_, err := tx.Exec(`UPDATE sessions SET last_seen_at = ? WHERE token_hash = ? AND last_seen_at <= ?`, tx.Now(), hash, before)
	return err
}

func revokeSession(tx *db.Tx, hash string) error {
	_, err := tx.Exec(`UPDATE sessions SET revoked_at = ? WHERE token_hash = ? AND revoked_at IS NULL`, tx.Now(), hash)
	return err
}

func revokeSessions(tx *db.Tx, account int64) (int64, error) {
	return tx.Exec(`UPDATE sessions SET revoked_at = ? WHERE account_id = ? AND revoked_at IS NULL`, tx.Now(), account)
}

// --- slow-down and codes

type failureCount struct {
	Pair        int
	PairLast    models.Instant
	Address     int
	AddressLast models.Instant
}

func failures(tx *db.Tx, login, address string, pairSince, addressSince models.Instant) (failureCount, error) {
	var n failureCount
	_, err := tx.One(&n, `SELECT count(*) FILTER (WHERE login = ?) AS pair, max(at) FILTER (WHERE login = ?) AS pair_last,
		count(*) FILTER (WHERE at > ?) AS address, max(at) AS address_last
		FROM login_failures WHERE address = ? AND at > ?`, login, login, addressSince, address, pairSince)
	return n, err
}

func insertFailure(tx *db.Tx, login, address string) (int64, error) {
	var id int64
	_, err := tx.One(&id, `INSERT INTO login_failures (login, address, at) VALUES (?, ?, ?) RETURNING id`, login, address, tx.Now())
	return id, err
}

func deleteFailure(tx *db.Tx, id int64) error {
	_, err := tx.Exec(`DELETE FROM login_failures WHERE id = ?`, id)
	return err
}

func clearFailures(tx *db.Tx, login, address string) error {
	_, err := tx.Exec(`DELETE FROM login_failures WHERE login = ? AND address = ?`, login, address)
	return err
}

type loginCode struct {
	ID         int64
	PhoneIndex string
	CodeHash   string
	Address    string
	Attempts   int
	CreatedAt  models.Instant
	ExpiresAt  models.Instant
	UsedAt     models.Instant
}

type codeCount struct {
	Pair          int
	PairOldest    models.Instant
	Address       int
	AddressOldest models.Instant
	Day           int
	DayOldest     models.Instant
}

func codeCounts(tx *db.Tx, phoneIndex, address string) (codeCount, error) {
	hour, day := tx.Now().Add(-time.Hour), tx.Now().Add(-24*time.Hour)
	var n codeCount
	_, err := tx.One(&n, `SELECT
		count(*) FILTER (WHERE created_at > ? AND phone_index = ? AND address = ?) AS pair,
		min(created_at) FILTER (WHERE created_at > ? AND phone_index = ? AND address = ?) AS pair_oldest,
		count(*) FILTER (WHERE created_at > ? AND address = ?) AS address,
		min(created_at) FILTER (WHERE created_at > ? AND address = ?) AS address_oldest,
		count(*) AS day, min(created_at) AS day_oldest
		FROM login_codes WHERE created_at > ?`,
		hour, phoneIndex, address, hour, phoneIndex, address, hour, address, hour, address, day)
	return n, err
}

// nthLatestCode is when the nth latest code of the last hour was made for a
// number; zero when there were fewer.
func nthLatestCode(tx *db.Tx, phoneIndex string, n int) (models.Instant, error) {
	var at models.Instant
	_, err := tx.One(&at, `SELECT created_at FROM login_codes WHERE phone_index = ? AND created_at > ?
		ORDER BY created_at DESC LIMIT 1 OFFSET ?`, phoneIndex, tx.Now().Add(-time.Hour), n-1)
	return at, err
}

func insertCode(tx *db.Tx, c *loginCode) error {
	_, err := tx.One(&c.ID, `INSERT INTO login_codes (phone_index, code_hash, address, created_at, expires_at)
		VALUES (?, ?, ?, ?, ?) RETURNING id`, c.PhoneIndex, c.CodeHash, c.Address, c.CreatedAt, c.ExpiresAt)
	return err
}

// tryCode counts a try at a code that is still good; Attempts includes it.
func tryCode(tx *db.Tx, id int64, phoneIndex string) (c loginCode, ok bool, err error) {
	ok, err = tx.One(&c, `UPDATE login_codes SET attempts = attempts + 1
		WHERE id = ? AND phone_index = ? AND used_at IS NULL AND expires_at > ? AND attempts < ? RETURNING *`,
		id, phoneIndex, tx.Now(), codeTries)
	return c, ok, err
}

func useCode(tx *db.Tx, id int64) error {
	_, err := tx.Exec(`UPDATE login_codes SET used_at = ? WHERE id = ?`, tx.Now(), id)
	return err
}
