package notify

import (
	"slices"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/models"
)

// readDirectory reads the recipients of a batch with one query.
func readDirectory(tx *db.Tx, notices []Notice) (directory, error) {
	d := directory{accounts: map[int64]entry{}, people: map[int64]entry{}, branches: map[int64][]int64{}}
	var accounts, people, branches []int64
	for _, n := range notices {
		if n.Branch != 0 && !slices.Contains(branches, n.Branch) {
			branches = append(branches, n.Branch)
		}
		if _, seen := d.accounts[n.Account]; n.Account != 0 && !seen {
			d.accounts[n.Account] = entry{}
			accounts = append(accounts, n.Account)
		}
		if _, seen := d.people[n.Person]; n.Person != 0 && !seen {
			d.people[n.Person] = entry{}
			people = append(people, n.Person)
		}
	}
	clear(d.accounts)
	clear(d.people)
	const columns = ` AS branch, 0 AS person, a.id AS account, '' AS notify, a.phone_enc <> '' AS phone, a.email <> '' AS mail FROM accounts a `
	const living = `SELECT 0` + columns
	query, args := living+`WHERE a.id IN ? AND a.disabled_at IS NULL`, []any{accounts}
	if len(people) > 0 {
		query += ` UNION ALL ` + living + `JOIN people p ON p.account_id = a.id WHERE p.id IN ? AND a.disabled_at IS NULL
			UNION ALL SELECT 0, p.id, COALESCE(p.account_id, 0), p.notify, p.phone_enc <> '', FALSE FROM people p WHERE p.id IN ?`
		args = append(args, people, people)
	}
	if len(branches) > 0 {
		inForce, now := tx.InForce("g")
		query += ` UNION ALL SELECT g.org_id` + columns + `JOIN grants g ON g.account_id = a.id
			WHERE g.org_id IN ? AND g.role = 'branch' AND a.disabled_at IS NULL AND ` + inForce
		args = append(append(args, branches), now...)
	}
	var rows []entry
	if err := tx.Scan(&rows, query, args...); err != nil {
		return d, err
	}
	for _, r := range rows {
		if r.Person != 0 {
			d.people[r.Person] = r
			continue
		}
		d.accounts[r.Account] = r
		if r.Branch != 0 {
			d.branches[r.Branch] = append(d.branches[r.Branch], r.Account)
		}
	}
	return d, nil
}

var outboxRows = db.RowsOf("outbox", `recipient text, channel text, kind text, subject text, due_at timestamptz, vars text,
	next_at timestamptz, created_at timestamptz, state text`)

// insertOutbox writes rows; those that stand there already are passed over.
func insertOutbox(tx *db.Tx, all []models.Outbox) error {
	rows := make([][]any, len(all))
	for i, r := range all {
		rows[i] = []any{r.Recipient, r.Channel, r.Kind, r.Subject, r.DueAt, r.Vars, r.DueAt, tx.Now(), models.OutboxWaiting}
	}
	_, err := outboxRows.Insert(tx, " ON CONFLICT DO NOTHING", rows...)
	return err
}

func voidOutbox(tx *db.Tx, subjects, kinds []string) error {
	query, args := `UPDATE outbox SET state = 'void' WHERE state = 'waiting' AND subject IN ?`, []any{subjects}
	if len(kinds) > 0 {
		query, args = query+` AND kind IN ?`, append(args, kinds)
	}
	_, err := tx.Exec(query, args...)
	return err
}

func voidDue(tx *db.Tx, subjects []string, kind string, due []models.Instant) error {
	_, err := tx.Exec(`UPDATE outbox SET state = 'void' WHERE state = 'waiting' AND subject IN ? AND kind = ? AND due_at IN ?`, subjects, kind, due)
	return err
}

// fillInbox delivers what is due inside the product: the message and the mark
// that it is delivered are one transaction, so each arrives exactly once.
func fillInbox(tx *db.Tx, now models.Instant, limit int) (int, error) {
	var ids []int64
	err := tx.Scan(&ids, `SELECT id FROM outbox WHERE state = 'waiting' AND channel = 'inbox' AND next_at <= ?
		AND (claimed_until IS NULL OR claimed_until <= ?) ORDER BY next_at, id LIMIT ?`+tx.SkipLocked(), now, tx.Now(), limit)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	if _, err := tx.Exec(`INSERT INTO inbox (outbox_id, account_id, kind, subject, vars, created_at)
		SELECT id, CAST(substr(recipient, 9) AS BIGINT), kind, subject, vars, due_at FROM outbox WHERE id IN ? ORDER BY id`, ids); err != nil {
		return 0, err
	}
	n, err := tx.Exec(`UPDATE outbox SET state = 'sent', sent_at = ?, attempts = 1 WHERE id IN ?`, tx.Now(), ids)
	return int(n), err
}

// claim takes up to limit rows that are due outside the product for a while:
// nobody else sends them until the lease is over. There is no transaction open
// while they are sent.
func claim(tx *db.Tx, owner string, now models.Instant, limit int, lease time.Duration) ([]errand, error) {
	var ids []int64
	err := tx.Scan(&ids, `SELECT id FROM outbox WHERE state = 'waiting' AND channel IN ('sms', 'mail') AND next_at <= ?
		AND (claimed_until IS NULL OR claimed_until <= ?) ORDER BY next_at, id LIMIT ?`+tx.SkipLocked(), now, tx.Now(), limit)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	if _, err := tx.Exec(`UPDATE outbox SET claimed_by = ?, claimed_until = ? WHERE id IN ?`,
		owner, tx.Now().Add(lease), ids); err != nil {
		return nil, err
	}
	var out []errand
	err = tx.Scan(&out, `SELECT x.id, x.recipient, x.channel, x.kind, x.vars, x.attempts,
		COALESCE(a.phone_enc, p.phone_enc, '') AS phone_enc, COALESCE(a.email, '') AS email, COALESCE(a.lang, k.lang, '') AS lang
		FROM outbox x
		LEFT JOIN accounts a ON a.id = `+idIn("x.recipient", toAccount)+` AND a.disabled_at IS NULL
		LEFT JOIN people p ON p.id = `+idIn("x.recipient", toPerson)+`
		LEFT JOIN accounts k ON k.id = p.account_id
		WHERE x.id IN ? ORDER BY x.id`, ids)
	return out, err
}

// idIn is SQL for the number after a prefix, NULL where the prefix is another.
func idIn(column, prefix string) string {
	return `CASE WHEN ` + column + ` LIKE '` + prefix + `%' THEN CAST(replace(` + column + `, '` + prefix + `', '') AS BIGINT) END`
}

// settle writes down what became of claimed rows. A row that was voided or
// claimed by somebody else meanwhile is left as it is.
func settle(tx *db.Tx, owner string, all []errand) error {
	byFate := map[fate][]int64{}
	for _, e := range all {
		byFate[e.fate] = append(byFate[e.fate], e.ID)
	}
	const mine = ` WHERE claimed_by = ? AND state = 'waiting' AND id IN ?`
	for _, step := range []struct {
		fate fate
		set  string
		args []any
	}{
		{fateSent, `state = 'sent', sent_at = ?, attempts = attempts + 1, error = '', claimed_until = NULL`, []any{tx.Now()}},
		{fateStale, `state = 'void', claimed_until = NULL`, nil},
		{fateLeft, `claimed_by = '', claimed_until = NULL`, nil},
	} {
		if ids := byFate[step.fate]; len(ids) > 0 {
			if _, err := tx.Exec(`UPDATE outbox SET `+step.set+mine, append(step.args, owner, ids)...); err != nil {
				return err
			}
		}
	}
	for _, e := range all {
		if e.fate != fateFailed {
			continue
		}
		state, next := models.OutboxFailed, tx.Now()
		if wait, again := e.patience(); again {
			state, next = models.OutboxWaiting, next.Add(wait)
		}
		n, err := tx.Exec(`UPDATE outbox SET state = ?, next_at = ?, attempts = attempts + 1, error = ?, claimed_by = '', claimed_until = NULL`+mine,
			state, next, e.err.Error(), owner, []int64{e.ID})
		if err != nil {
			return err
		}
		if state == models.OutboxFailed && n > 0 {
			if err := callInstead(tx, e.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// callInstead puts the recipient of a message that was given up on the call
// sheet, unless another way outside reached them or still may.
func callInstead(tx *db.Tx, id int64) error {
	_, err := tx.Exec(`INSERT INTO outbox (recipient, channel, kind, subject, due_at, vars, state, next_at, created_at)
		SELECT x.recipient, 'call', x.kind, x.subject, x.due_at, x.vars, 'waiting', x.due_at, CAST(? AS `+tx.Pick(db.Pair{Postgres: "TIMESTAMPTZ", SQLite: "TEXT"})+`)
		FROM outbox x WHERE x.id = ? AND NOT EXISTS (SELECT 1 FROM outbox y WHERE y.subject = x.subject AND y.kind = x.kind
			AND y.due_at = x.due_at AND y.recipient = x.recipient AND y.id <> x.id
			AND y.channel IN ('sms', 'mail') AND y.state IN ('waiting', 'sent'))
		ON CONFLICT DO NOTHING`, tx.Now(), id)
	return err
}

// holders lists the accounts that hold a role for an organisation: granted there or
// above.
func holders(tx *db.Tx, role auth.Role, path string) ([]int64, error) {
	var ids []int64
	inForce, now := tx.InForce("g")
	err := tx.Scan(&ids, `SELECT DISTINCT g.account_id FROM grants g JOIN orgs o ON o.id = g.org_id JOIN accounts a ON a.id = g.account_id
		WHERE g.role = ? AND a.disabled_at IS NULL AND SUBSTR(?, 1, LENGTH(o.path)) = o.path AND `+inForce, append([]any{role, path}, now...)...)
	return ids, err
}
