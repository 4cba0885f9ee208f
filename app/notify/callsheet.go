package notify

import (
	"context"
	"fmt"
	"strconv"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/list"
	"youyue/app/secret"
	"youyue/models"
)

// Call is a line of the call sheet: somebody to be told by phone.
type Call struct {
	ID        int64
	Recipient string
	Kind      string
	Subject   string
	Vars      string
	State     models.OutboxState
	DueAt     models.Instant
	SentAt    models.Instant // when they were told
	DoneBy    string         // who told them
	Name      string
	Phone     string // as dialled for who may phone, masked for who may only read; "" when none is known
	PhoneEnc  string
	Org       string
	Path      string
	MayTick   bool
}

// Told reports whether somebody phoned already.
func (c Call) Told() bool { return c.State == models.OutboxSent }

// CallState says which lines of the sheet are asked for.
type CallState string

// The lines that wait, and those that are ticked.
const (
	CallsWaiting CallState = "waiting"
	CallsDone    CallState = "done"
)

// callsFrom finds the organisation of a line: the person's, else the booking's,
// the event's or the request's; the centre gets what belongs to nobody.
var callsFrom = ` FROM outbox x
	LEFT JOIN people p ON p.id = ` + idIn("x.recipient", toPerson) + `
	LEFT JOIN accounts a ON a.id = ` + idIn("x.recipient", toAccount) + `
	LEFT JOIN accounts w ON w.id = ` + idIn("x.claimed_by", toAccount) + `
	LEFT JOIN bookings b ON b.id = CASE WHEN x.subject LIKE 'booking:%' THEN replace(x.subject, 'booking:', '') END
	LEFT JOIN events e ON e.id = b.event_id
	LEFT JOIN hall_requests h ON h.id = ` + idIn("x.subject", "hall_request:") + `
	LEFT JOIN orgs o ON o.id = COALESCE(p.org_id, b.org_id, e.org_id, h.org_id,
		(SELECT r.id FROM orgs r WHERE r.parent_id IS NULL ORDER BY r.id LIMIT 1))
	WHERE x.channel = 'call'`

const callColumns = `SELECT x.id, x.recipient, x.kind, x.subject, x.vars, x.state, x.due_at, x.sent_at,
	COALESCE(w.name, '') AS done_by, COALESCE(p.name, a.name, '') AS name,
	COALESCE(p.phone_enc, a.phone_enc, '') AS phone_enc, COALESCE(o.name, '') AS org, COALESCE(o.path, '') AS path`

// Calls lists the call sheet of the actor's organisations: what is due and
// waits, the oldest first, or what is done, the newest first.
func (s *Service) Calls(ctx context.Context, a auth.Actor, state CallState, q list.Query) (list.Of[Call], error) {
	_, size, offset := q.Window()
	scope, args := db.Below("o.path", a.Scope(auth.CallSheetRead))
	where, order := callsFrom+` AND x.state = 'waiting' AND x.next_at <= ? AND `+scope, ` ORDER BY x.next_at, x.id`
	if state == CallsDone {
		where, order = callsFrom+` AND x.state = 'sent' AND x.next_at <= ? AND `+scope, ` ORDER BY x.sent_at DESC, x.id DESC`
	}
	args = append([]any{s.DB.Now()}, args...)
	var rows []Call
	var total int64
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		if err := tx.Scan(&total, `SELECT count(*)`+where, args...); err != nil {
			return err
		}
		return tx.Scan(&rows, callColumns+where+order+` LIMIT ? OFFSET ?`, append(args, size, offset)...)
	})
	if err != nil {
		return list.Of[Call]{}, fmt.Errorf("call sheet: %w", err)
	}
	for i := range rows {
		if err := s.showCall(a, &rows[i]); err != nil {
			return list.Of[Call]{}, err
		}
	}
	return list.New(q, rows, total), nil
}

// showCall fills in the number as the actor may see it.
func (s *Service) showCall(a auth.Actor, c *Call) error {
	c.MayTick = a.CanAt(auth.BookForOthers, c.Path)
	if c.PhoneEnc != "" {
		phone, err := s.Phones.Open(c.PhoneEnc)
		if err != nil {
			return fmt.Errorf("call sheet: open the number: %w", err)
		}
		c.Phone = phone
	}
	c.PhoneEnc = ""
	if !c.MayTick {
		c.Phone, c.Name = secret.MaskPhone(c.Phone), secret.MaskName(c.Name)
	}
	return nil
}

// TickCall writes down that the actor has told somebody by phone; again changes
// nothing. errs.ErrNotFound for a line outside the actor's organisations or one
// that is taken back, errs.ErrForbidden for who may only read it.
func (s *Service) TickCall(ctx context.Context, a auth.Actor, id int64) (c Call, err error) {
	scope, args := db.Below("o.path", a.Scope(auth.CallSheetRead))
	read := func(tx *db.Tx) error {
		found, err := tx.One(&c, callColumns+callsFrom+` AND x.id = ? AND x.state IN ('waiting', 'sent') AND `+scope, append([]any{id}, args...)...)
		if err == nil && !found {
			return errs.ErrNotFound
		}
		return err
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if err := read(tx); err != nil {
			return err
		}
		if !a.CanAt(auth.BookForOthers, c.Path) {
			return errs.ErrForbidden.With("permission", string(auth.BookForOthers))
		}
		n, err := tx.Exec(`UPDATE outbox SET state = 'sent', sent_at = ?, claimed_by = ?, attempts = attempts + 1
			WHERE id = ? AND state = 'waiting'`, tx.Now(), toAccount+strconv.FormatInt(a.AccountID, 10), id)
		if err != nil || n == 0 {
			return err
		}
		line := audit.By(tx, a, models.ChannelPhone)
		line.Action, line.SubjectKind, line.SubjectID = "callsheet.done", "notice", strconv.FormatInt(id, 10)
		line.Before, line.After, line.Reason = string(models.OutboxWaiting), string(models.OutboxSent), c.Kind+" "+c.Subject
		if person := recipientID(c.Recipient, toPerson); person != 0 {
			line.PersonID = &person
		}
		if err := audit.Write(tx, line); err != nil {
			return err
		}
		return read(tx)
	})
	if err != nil {
		return Call{}, err
	}
	return c, s.showCall(a, &c)
}
