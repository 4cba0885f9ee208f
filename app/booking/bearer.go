package booking

import (
	"fmt"
	"strings"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/org"
	"youyue/models"
)

// ErrDeskOnly: booking for others is done at the desk.
var ErrDeskOnly = errs.New(errs.Forbidden, "booking.desk_only")

// Desk keeps the people that a clerk books for.
type Desk interface {
	EnsureDeskPerson(tx *db.Tx, a auth.Actor, orgID int64, name, phone string, ch models.Channel) (models.Person, error)
}

// Caller is somebody whom a clerk books for and who has no account here.
type Caller struct {
	Name  string
	Phone string // empty: no mobile; a clerk will ring or a neighbour tell
}

// Whom says for whom a booking is asked. Nothing said is the actor.
type Whom struct {
	PersonID int64 // a kept dependant, or at the desk a known caller
	Org      *models.Org
	Caller   Caller
	Channel  models.Channel
}

// atDesk reports whether staff book for somebody else.
func (w Whom) atDesk() bool {
	return w.Caller.Name != "" || (w.Channel != "" && w.Channel != models.ChannelOnline)
}

// Bearer is whose booking it is: the account that keeps it, the person or the
// organisation it is for, the name it is called by.
type Bearer struct {
	HolderID *int64
	PersonID *int64
	OrgID    *int64
	Name     string
	Channel  models.Channel
	Reach    Reach
}

// BearerOf settles whose booking it is, but for a caller not yet known: see
// ForCaller. Any desk of the district may book for its callers, whoever runs the
// place. An organisation stands until the transaction ends: it is locked before
// anything that the booking takes, as in closedFor. It returns org.ErrClosedOrg,
// ErrDeskOnly, or a fault of "person_id" or "caller.name".
func BearerOf(tx *db.Tx, a auth.Actor, w Whom) (Bearer, error) {
	b := Bearer{Name: a.Name, Channel: models.ChannelOnline}
	if w.Org != nil {
		if err := org.Standing(tx, w.Org.ID); err != nil {
			return b, err
		}
		b.OrgID, b.Name = &w.Org.ID, w.Org.Name
	}
	if w.atDesk() {
		if !a.Can(auth.BookForOthers) {
			return b, ErrDeskOnly
		}
		b.Reach, b.Channel = ReachDesk, w.Channel
		if b.Channel == "" || b.Channel == models.ChannelOnline {
			b.Channel = models.ChannelPhone
		}
	} else {
		b.HolderID = &a.AccountID
	}
	if w.PersonID == 0 {
		if w.atDesk() && w.Caller.Name == "" && w.Org == nil {
			return b, errs.FieldFault("caller.name", "required")
		}
		return b, nil
	}
	p, path, err := PersonAt(tx, w.PersonID)
	if err != nil {
		return b, err
	}
	own := p.AccountID != nil && *p.AccountID == a.AccountID
	if !own && (!w.atDesk() || !a.CanAt(auth.BookForOthers, path)) {
		return b, errs.FieldFault("person_id", "unknown")
	}
	return b.of(p), nil
}

// of makes it the booking of a person, unless it is an organisation's.
func (b Bearer) of(p models.Person) Bearer {
	b.PersonID, b.HolderID = &p.ID, p.AccountID
	if b.OrgID == nil {
		b.Name = p.Name
	}
	return b
}

// ForCaller makes it the booking of somebody whom the clerk's own organisation
// knows or now notes. It belongs in the transaction that books, so that a refusal
// leaves no trace of the caller.
func (b Bearer) ForCaller(tx *db.Tx, a auth.Actor, desk Desk, c Caller) (Bearer, error) {
	orgs := a.OrgsWith(auth.BookForOthers)
	if len(orgs) == 0 {
		return b, ErrDeskOnly
	}
	p, err := desk.EnsureDeskPerson(tx, a, orgs[0], strings.TrimSpace(c.Name), c.Phone, b.Channel)
	if err != nil {
		return b, fmt.Errorf("caller: %w", err)
	}
	return b.of(p), nil
}

// For makes it the order of a bearer.
func (o *Order) For(b Bearer) {
	o.HolderID, o.PersonID, o.OrgID, o.Name, o.Channel = b.HolderID, b.PersonID, b.OrgID, b.Name, b.Channel
	if b.Reach != "" {
		o.Reach = b.Reach
	}
}

// Bearer is whose order it is.
func (o *Order) Bearer() Bearer {
	return Bearer{o.HolderID, o.PersonID, o.OrgID, o.Name, o.Channel, o.Reach}
}

// PersonAt returns somebody kept under an account or by a desk, and the path of
// that desk; a fault of "person_id" when there is nobody.
func PersonAt(tx *db.Tx, id int64) (models.Person, string, error) {
	var row struct {
		models.Person
		Path string
	}
	ok, err := tx.One(&row, `SELECT p.*, COALESCE(o.path, '') AS path FROM people p LEFT JOIN orgs o ON o.id = p.org_id
		WHERE p.id = ? AND p.archived_at IS NULL`, id)
	if err == nil && !ok {
		err = errs.FieldFault("person_id", "unknown")
	}
	return row.Person, row.Path, err
}
