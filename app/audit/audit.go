// Package audit keeps the append-only log of who did what, on whose behalf, by
// which channel and why, and shows it to auditors.
package audit

import (
	"fmt"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/models"
)

// By starts a line: who acts, now, by which channel.
func By(tx *db.Tx, a auth.Actor, channel models.Channel) models.Audit {
	name := a.Login
	if name == "" {
		name = fmt.Sprintf("account:%d", a.AccountID)
	}
	return models.Audit{At: tx.Now(), ActorID: a.AccountID, Actor: name, Channel: channel, RequestID: a.RequestID}
}

var lineRows = db.RowsOf("audit_log", `at timestamptz, actor_id bigint, actor text, person_id bigint, channel text, action text,
	subject_kind text, subject_id text, org_id bigint, before text, after text, reason text, request_id text`)

// Write appends lines, set-wise, in the caller's transaction.
func Write(tx *db.Tx, lines ...models.Audit) error {
	rows := make([][]any, len(lines))
	for i, l := range lines {
		rows[i] = []any{l.At, l.ActorID, l.Actor, l.PersonID, l.Channel, l.Action,
			l.SubjectKind, l.SubjectID, l.OrgID, l.Before, l.After, l.Reason, l.RequestID}
	}
	if _, err := lineRows.Insert(tx, "", rows...); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}
