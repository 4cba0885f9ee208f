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

// Write appends lines, set-wise, in the caller's transaction.
func Write(tx *db.Tx, lines ...models.Audit) error {
	if len(lines) == 0 {
		return nil
	}
	if err := tx.Insert(&lines); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}
