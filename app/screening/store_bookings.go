package screening

import (
	"slices"
	"strings"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

const ticketQuery = `SELECT b.*, e.title, e.starts_at, e.ends_at, e.cancel_until, e.state AS event_state, e.version AS event_version,
	r.name AS hall_name, h.venue, h.address, h.phone AS hall_phone, h.route,
	COALESCE(bo.name, '') AS branch_name, COALESCE(bo.path, '') AS branch_path, po.path AS place_path, COALESCE(dk.path, '') AS desk_path,
	CASE WHEN sc.branch_org_id = b.org_id THEN sc.projectionist ELSE '' END AS shown_by, CASE WHEN sc.branch_org_id = b.org_id THEN COALESCE(pp.phone_enc, '') ELSE '' END AS shown_phone_enc,
	CASE WHEN sc.branch_org_id = b.org_id THEN sc.cost ELSE '' END AS shown_cost,
	sc.branch_org_id IS NOT NULL AS whole
	FROM bookings b JOIN events e ON e.id = b.event_id JOIN resources r ON r.id = e.resource_id
	JOIN halls h ON h.id = e.resource_id JOIN orgs po ON po.id = e.org_id LEFT JOIN orgs bo ON bo.id = b.org_id
	LEFT JOIN people pe ON pe.id = b.person_id LEFT JOIN orgs dk ON dk.id = pe.org_id
	LEFT JOIN screenings sc ON sc.id = b.event_id LEFT JOIN people pp ON pp.id = sc.projectionist_id`

// visible is the condition that the actor may see a booking: it is one's own
// (a branch's booking is the branch's, whoever made it),
// of one's branch, at a place in one's scope, or for a caller of one's desk.
func visible(a auth.Actor) (string, []any) {
	where, args := "((b.holder_id = ? AND b.org_id IS NULL)", []any{a.AccountID}
	for _, x := range []struct {
		column string
		scope  []string
	}{
		{"bo.path", a.Scope(auth.BookForBranch)},
		{"po.path", a.Scope(auth.BookingRead)},
		{"dk.path", a.Scope(auth.BookForOthers)},
	} {
		in, more := db.Below(x.column, x.scope)
		where, args = where+" OR "+in, append(args, more...)
	}
	return where + ")", args
}

// mine is the narrower condition of the page 我的预约.
func mine(a auth.Actor) (string, []any) {
	own := branchesOf(a)
	if len(own) == 0 {
		return "(b.holder_id = ? AND b.org_id IS NULL)", []any{a.AccountID}
	}
	return "((b.holder_id = ? AND b.org_id IS NULL) OR b.org_id IN ?)", []any{a.AccountID, own}
}

// ticket returns a booking the actor may see; ErrNotFound otherwise.
func ticket(tx *db.Tx, a auth.Actor, id string) (Ticket, error) {
	where, args := visible(a)
	var t Ticket
	ok, err := tx.One(&t, ticketQuery+" WHERE b.id = ? AND "+where, append([]any{id}, args...)...)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	if err != nil {
		return t, err
	}
	one := []Ticket{t}
	err = withSeats(tx, one)
	return one[0], err
}

// tickets reads the bookings of a shelf, and how many there are.
func tickets(tx *db.Tx, a auth.Actor, sh Shelf) (rows []Ticket, total int64, err error) {
	where, args := visible(a)
	if sh.Whose != WhoseAll {
		where, args = mine(a)
	}
	and := func(clause string, values ...any) { where, args = where+" AND "+clause, append(args, values...) }
	if sh.ScreeningID != 0 {
		and("b.event_id = ?", sh.ScreeningID)
	}
	if sh.Status != "" {
		and("b.status = ?", sh.Status)
	}
	if sh.OrgID != 0 {
		and("b.org_id = ?", sh.OrgID)
	}
	fallback := "-created_at"
	switch sh.When {
	case WhenUpcoming:
		and("e.ends_at > ? AND b.status = 'booked'", tx.Now())
		fallback = "starts_at"
	case WhenPast:
		and("(e.ends_at <= ? OR b.status NOT IN ('booked','held'))", tx.Now())
		and("NOT EXISTS (SELECT 1 FROM waitlist_entries w WHERE w.booking_id = b.id AND w.state <> 'taken')") // was offered, never booked
		fallback = "-starts_at"
	case WhenAny:
	}
	from := ticketQuery[strings.Index(ticketQuery, "FROM bookings"):] + " WHERE " + where
	if err := tx.Scan(&total, "SELECT COUNT(*) "+from, args...); err != nil {
		return nil, 0, err
	}
	order := sh.Order(map[string]string{"starts_at": "e.starts_at", "created_at": "b.created_at"}, fallback, "b.id")
	_, per, off := sh.Window()
	err = tx.Scan(&rows, ticketQuery+" WHERE "+where+" ORDER BY "+order+" LIMIT ? OFFSET ?", append(args, per, off)...)
	return rows, total, err
}

// callsSince lists what the desk has booked since a moment: the actor's own calls,
// and those for callers of the same desk, the latest first.
func callsSince(tx *db.Tx, a auth.Actor, since models.Instant) (out []Ticket, err error) {
	seen, args := visible(a)
	ours, more := db.Below("dk.path", a.Scope(auth.BookForOthers))
	args = append(append([]any{models.ChannelOnline, since}, args...), a.AccountID)
	err = tx.Scan(&out, ticketQuery+" WHERE b.channel <> ? AND b.created_at >= ? AND "+seen+" AND (b.created_by = ? OR "+ours+") ORDER BY b.created_at DESC, b.id LIMIT ?",
		append(append(args, more...), maxCalls)...)
	return out, err
}

// clerks names the accounts that made some bookings.
func clerks(tx *db.Tx, tickets []Ticket) (map[int64]string, error) {
	var ids []int64
	for _, t := range tickets {
		if !slices.Contains(ids, t.CreatedBy) {
			ids = append(ids, t.CreatedBy)
		}
	}
	var rows []models.Account
	among, list := tx.Among("id", ids)
	err := tx.Scan(&rows, `SELECT id, name FROM accounts WHERE `+among, list)
	out := make(map[int64]string, len(rows))
	for _, r := range rows {
		out[r.ID] = r.Name
	}
	return out, err
}

// ofPerson lists the living bookings of somebody.
func ofPerson(tx *db.Tx, a auth.Actor, person int64) (out []Ticket, err error) {
	where, args := visible(a)
	err = tx.Scan(&out, ticketQuery+" WHERE b.person_id = ? AND b.status = 'booked' AND e.ends_at > ? AND "+where+" ORDER BY e.starts_at, b.id LIMIT ?",
		append(append([]any{person, tx.Now()}, args...), maxFound)...)
	return out, err
}

// sought is what of a living booking a desk's search looks at; the numbers are sealed.
type sought struct {
	ID          string
	Code        string
	Name        string
	PersonName  string
	PersonPhone string
	HolderPhone string
}

func soughtBy(tx *db.Tx, a auth.Actor) (rows []sought, err error) {
	where, args := visible(a)
	from := strings.Replace(ticketQuery[strings.Index(ticketQuery, "FROM bookings"):], "FROM bookings b", "FROM bookings b LEFT JOIN accounts acc ON acc.id = b.holder_id", 1)
	err = tx.Scan(&rows, `SELECT b.id, b.code, b.name, COALESCE(pe.name, '') AS person_name, COALESCE(pe.phone_enc, '') AS person_phone,
		COALESCE(acc.phone_enc, '') AS holder_phone `+from+` WHERE b.status = 'booked' AND e.ends_at > ? AND `+where+` ORDER BY e.starts_at, b.id LIMIT ?`,
		append(append([]any{tx.Now()}, args...), maxSearched)...)
	return rows, err
}

func ticketsByID(tx *db.Tx, ids []string) (out []Ticket, err error) {
	err = tx.Scan(&out, ticketQuery+" WHERE b.id IN ? ORDER BY e.starts_at, b.id", ids)
	return out, err
}

// ownAt lists the actor's bookings, and those of the actor's branches, at a screening.
func ownAt(tx *db.Tx, a auth.Actor, event int64) (out []Ticket, err error) {
	where, args := mine(a)
	err = tx.Scan(&out, ticketQuery+" WHERE b.event_id = ? AND b.status = 'booked' AND "+where+" ORDER BY b.id", append([]any{event}, args...)...)
	return out, err
}

// wholeHall is the id of a branch's booking of a screening, "" when there is none.
func wholeHall(tx *db.Tx, event, org int64) (id string, err error) {
	_, err = tx.One(&id, `SELECT id FROM bookings WHERE event_id = ? AND org_id = ? ORDER BY id LIMIT 1`, event, org)
	return id, err
}

// keptBy lists whom an account keeps, oneself left out.
func keptBy(tx *db.Tx, account int64) (out []models.Person, err error) {
	err = tx.Scan(&out, `SELECT * FROM people WHERE account_id = ? AND relation <> 'self' AND archived_at IS NULL ORDER BY id`, account)
	return out, err
}

// callersIn lists whom the desks of a scope know, the latest first.
func callersIn(tx *db.Tx, scope []string) (out []models.Person, err error) {
	where, args := db.Below("o.path", scope)
	err = tx.Scan(&out, `SELECT p.* FROM people p JOIN orgs o ON o.id = p.org_id WHERE p.archived_at IS NULL AND `+where+` ORDER BY p.id DESC LIMIT ?`,
		append(args, maxSearched)...)
	return out, err
}

// branch returns a party branch that the actor may book for.
func branch(tx *db.Tx, a auth.Actor, id int64) (models.Org, error) {
	var o models.Org
	ok, err := tx.One(&o, `SELECT * FROM orgs WHERE id = ? AND archived_at IS NULL`, id)
	switch {
	case err != nil:
		return o, err
	case !ok || !a.CanAt(auth.BookForBranch, o.Path):
		return o, errs.FieldFault("org_id", "unknown")
	case o.Kind != models.OrgBranch:
		return o, ErrNotBranch.At(errs.Field{Name: "org_id", Code: "other"})
	}
	return o, nil
}

func branchesIn(tx *db.Tx, a auth.Actor, p auth.Permission) (out []models.Org, err error) {
	where, args := db.Below("o.path", a.Scope(p))
	err = tx.Scan(&out, `SELECT * FROM orgs o WHERE o.kind = ? AND o.archived_at IS NULL AND `+where+` ORDER BY o.name, o.id LIMIT ?`,
		append(append([]any{models.OrgBranch}, args...), maxBranches)...)
	return out, err
}
