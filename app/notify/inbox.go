package notify

import (
	"context"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/list"
	"youyue/models"
)

// Letter is one message of an inbox.
type Letter struct {
	models.Inbox
}

// Inbox lists the actor's messages, the newest first.
func (s *Service) Inbox(ctx context.Context, a auth.Actor, q list.Query) (list.Of[Letter], error) {
	_, size, offset := q.Window()
	var rows []Letter
	var total int64
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		if err := tx.Scan(&total, `SELECT count(*) FROM inbox WHERE account_id = ?`, a.AccountID); err != nil {
			return err
		}
		return tx.Scan(&rows, `SELECT * FROM inbox WHERE account_id = ? ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?`,
			a.AccountID, size, offset)
	})
	return list.New(q, rows, total), err
}

// Unread counts the actor's unread messages. A failing database is logged and
// counts as none: no page is lost over a badge.
func (s *Service) Unread(ctx context.Context, account int64) int {
	var n int
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.Scan(&n, `SELECT count(*) FROM inbox WHERE account_id = ? AND read_at IS NULL`, account)
	})
	if err != nil {
		s.Log.WarnContext(ctx, "unread messages not counted", "cause", err)
	}
	return n
}

// MarkRead marks one message of the actor as read; again changes nothing.
// errs.ErrNotFound when it is not theirs.
func (s *Service) MarkRead(ctx context.Context, a auth.Actor, id int64) (l Letter, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		found, err := tx.One(&l, `UPDATE inbox SET read_at = COALESCE(read_at, ?) WHERE id = ? AND account_id = ? RETURNING *`,
			tx.Now(), id, a.AccountID)
		if err == nil && !found {
			return errs.ErrNotFound
		}
		return err
	})
	return l, err
}

// MarkAllRead marks everything up to a message as read: what came since the
// reader looked stays unread.
func (s *Service) MarkAllRead(ctx context.Context, a auth.Actor, upTo int64) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE inbox SET read_at = ? WHERE account_id = ? AND id <= ? AND read_at IS NULL`, tx.Now(), a.AccountID, upTo)
		return err
	})
}
