package calendar

import (
	"fmt"
	"slices"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/models"
)

// placeQuery reads resources with where they are and who runs them. A team has no
// place: it stands with the others of the organisation above it. Judges are
// taken for the panels they sit on and are no line of a calendar.
const placeQuery = `SELECT r.id, r.name, COALESCE(m.kind, r.kind) AS kind, o.id AS org_id, o.name AS org, o.path, COALESCE(oo.path, '') AS owner_path,
	COALESCE(v.id, 0) AS venue_id, COALESCE(v.name, h.venue, po.name, o.name) AS venue, COALESCE(m.whole_id, 0) AS whole_id, COALESCE(wr.name, '') AS whole_name
	FROM resources r JOIN orgs o ON o.id = r.org_id LEFT JOIN orgs po ON po.id = o.parent_id AND r.kind = 'team'
	LEFT JOIN halls h ON h.id = r.id LEFT JOIN rooms m ON m.id = r.id LEFT JOIN venues v ON v.id = m.venue_id LEFT JOIN orgs oo ON oo.id = v.owner_id LEFT JOIN resources wr ON wr.id = m.whole_id
	WHERE m.archived_at IS NULL AND v.archived_at IS NULL AND r.kind <> 'judge'`

// byVenue keeps a venue's rooms together, and a room's tables behind it. Halls come
// first and teams last: what takes a room and a team stands in the room.
const byVenue = ` ORDER BY r.kind = 'team', COALESCE(v.id, 0), venue, COALESCE(m.whole_id, r.id), m.whole_id IS NOT NULL, m.ord, r.id`

// places lists the resources that the actor's organisations run, or lend as partners.
func places(tx *db.Tx, a auth.Actor) ([]Place, error) {
	scope := a.Scope(auth.CalendarRead)
	runs, args := db.Below("o.path", scope)
	lends, more := db.Below("oo.path", scope)
	var out []Place
	if err := tx.Scan(&out, placeQuery+" AND ("+runs+" OR "+lends+")"+byVenue, append(args, more...)...); err != nil {
		return nil, fmt.Errorf("calendar: %w", err)
	}
	return out, nil
}

// occupancy is a row of the kernel's table.
type occupancy struct {
	ResourceID int64
	StartsAt   models.Instant
	EndsAt     models.Instant
	SourceKind string
	SourceID   int64
}

// occupancies reads what some resources are taken for in a span. Of what starts
// before it only the last one of a resource can reach into it, for a resource is
// in one place at a time: so years of history cost one probe, not a scan.
func occupancies(tx *db.Tx, ids []int64, span models.Span) ([]occupancy, error) {
	var out []occupancy
	wanted, at := tx.Among("r.id", ids)
	err := tx.Scan(&out, `SELECT oc.resource_id, oc.starts_at, oc.ends_at, oc.source_kind, oc.source_id FROM resources r
		JOIN occupancies oc ON oc.resource_id = r.id AND oc.starts_at < ? AND oc.starts_at >= COALESCE(
			(SELECT MAX(p.starts_at) FROM occupancies p WHERE p.resource_id = r.id AND p.starts_at <= ?), ?)
		WHERE `+wanted+` AND oc.ends_at > ? ORDER BY oc.starts_at, oc.resource_id`, span.End, span.Start, span.Start, at, span.Start)
	if err != nil {
		return nil, fmt.Errorf("calendar: %w", err)
	}
	return out, nil
}

// occupanciesOf reads what one source takes.
func occupanciesOf(tx *db.Tx, kind string, id int64) ([]occupancy, error) {
	var out []occupancy
	err := tx.Scan(&out, `SELECT resource_id, starts_at, ends_at, source_kind, source_id FROM occupancies WHERE source_kind = ? AND source_id = ? ORDER BY resource_id`, kind, id)
	if err != nil {
		return nil, fmt.Errorf("calendar: %w", err)
	}
	return out, nil
}

// venueRoom is a room of a venue as anybody may know it.
type venueRoom struct {
	models.Room
	Name      string
	WholeName string
	Venue     string
	Address   string
	Phone     string
}

// venueRooms lists the rooms of a venue and their tables; what goes along with a
// booking has no calendar of its own there.
func venueRooms(tx *db.Tx, id int64) ([]venueRoom, error) {
	var out []venueRoom
	err := tx.Scan(&out, `SELECT m.*, r.name, COALESCE(wr.name, '') AS whole_name, v.name AS venue, v.address, v.phone
		FROM rooms m JOIN resources r ON r.id = m.id JOIN venues v ON v.id = m.venue_id LEFT JOIN resources wr ON wr.id = m.whole_id
		WHERE m.venue_id = ? AND m.kind <> 'equipment' AND m.archived_at IS NULL AND v.archived_at IS NULL
		ORDER BY COALESCE(m.whole_id, m.id), m.whole_id IS NOT NULL, m.ord, m.id`, id)
	if err != nil {
		return nil, fmt.Errorf("calendar: %w", err)
	}
	return out, nil
}

// openings reads when the rooms of a venue are open on a day.
func openings(tx *db.Tx, venue int64, day models.Day) (func(models.Room) models.Opening, error) {
	var hours []models.OpeningHours
	if err := tx.Scan(&hours, `SELECT * FROM opening_hours WHERE venue_id = ? ORDER BY day, opens`, venue); err != nil {
		return nil, fmt.Errorf("calendar: %w", err)
	}
	var exceptions []models.OpeningException
	if err := tx.Scan(&exceptions, `SELECT * FROM opening_exceptions WHERE venue_id = ? AND day = ? ORDER BY id`, venue, day); err != nil {
		return nil, fmt.Errorf("calendar: %w", err)
	}
	return func(r models.Room) models.Opening { return models.OpeningOf(hours, exceptions, r) }, nil
}

// feedRow is a row of a feed's source, before it is an entry of a calendar.
type feedRow struct {
	UID      string
	Kind     string
	Stamp    models.Instant
	StartsAt models.Instant
	EndsAt   models.Instant
	Title    string
	Who      string
	Place    string
	Address  string
	Code     string
	Seats    int
	State    string // of the booking, the event or the request
	Path     string
	Seq      int64
}

// bookingRows are bookings by a condition on b, cancelled ones too.
func bookingRows(tx *db.Tx, span models.Span, where string, args ...any) ([]feedRow, error) {
	var out []feedRow
	err := tx.Scan(&out, `SELECT b.id || '@youyue' AS uid, 'booking' AS kind, b.created_at AS stamp, e.starts_at, e.ends_at, e.title, b.name AS who,
		COALESCE(h.venue, '') || ' ' || r.name AS place, COALESCE(h.address, '') AS address, b.code, b.party AS seats,
		CASE WHEN e.state = 'cancelled' THEN 'cancelled' ELSE b.status END AS state, '/bookings/' || b.id AS path, e.version AS seq
		FROM bookings b JOIN events e ON e.id = b.event_id JOIN resources r ON r.id = e.resource_id LEFT JOIN halls h ON h.id = r.id
		WHERE e.starts_at >= ? AND e.starts_at < ? AND `+where+` ORDER BY e.starts_at, b.id`, append([]any{span.Start, span.End}, args...)...)
	return out, err
}

// eventRows are the events of a place, called-off ones too.
func eventRows(tx *db.Tx, place int64, span models.Span) ([]feedRow, error) {
	var out []feedRow
	err := tx.Scan(&out, `SELECT 'event-' || e.id || '@youyue' AS uid, 'event' AS kind, e.created_at AS stamp, e.starts_at, e.ends_at, e.title, COALESCE(bo.name, '') AS who,
		COALESCE(h.venue, '') || ' ' || r.name AS place, COALESCE(h.address, '') AS address, e.taken AS seats, e.state, '/screenings/' || e.id AS path, e.version AS seq
		FROM events e JOIN resources r ON r.id = e.resource_id LEFT JOIN halls h ON h.id = r.id LEFT JOIN screenings s ON s.id = e.id LEFT JOIN orgs bo ON bo.id = s.branch_org_id
		WHERE e.resource_id = ? AND e.starts_at >= ? AND e.starts_at < ? ORDER BY e.starts_at, e.id`, place, span.Start, span.End)
	return out, err
}

// requestRows are whole-hall requests by a condition on q; those that became a
// screening are left to it.
func requestRows(tx *db.Tx, span models.Span, where string, args ...any) ([]feedRow, error) {
	var out []feedRow
	err := tx.Scan(&out, `SELECT 'request-' || q.id || '@youyue' AS uid, 'request' AS kind, q.created_at AS stamp, q.starts_at, q.span_end AS ends_at, f.title, o.name AS who,
		COALESCE(h.venue, '') || ' ' || r.name AS place, COALESCE(h.address, '') AS address, q.headcount AS seats,
		CASE WHEN q.status IN ('pending', 'proposed', 'confirming') THEN 'pending' ELSE 'cancelled' END AS state, '/hall-requests/' || q.id AS path,
		(SELECT COUNT(*) FROM audit_log l WHERE l.subject_kind = 'hall_request' AND l.subject_id = CAST(q.id AS TEXT)) AS seq
		FROM hall_requests q JOIN films f ON f.id = q.film_id JOIN orgs o ON o.id = q.org_id JOIN resources r ON r.id = q.hall_id LEFT JOIN halls h ON h.id = r.id
		WHERE q.starts_at >= ? AND q.starts_at < ? AND `+where+` ORDER BY q.starts_at, q.id`, append([]any{span.Start, span.End}, args...)...)
	return out, err
}

// isHall reports whether a place is a cinema hall, whose feed tells what was called off.
func isHall(tx *db.Tx, id int64) (bool, error) {
	return tx.One(new(int64), `SELECT id FROM halls WHERE id = ?`, id)
}

// Feed is a calendar by secret link.
type Feed struct {
	ID        int64
	AccountID int64
	Kind      FeedKind
	TargetID  int64
	TokenHash string
	TokenEnc  string
	CreatedAt models.Instant
	ReadAt    models.Instant
	RevokedAt models.Instant
	Name      string `gorm:"-"` // of what it shows
	URL       string `gorm:"-"`
}

// lockFeeds has two who subscribe at once queue; the account's row stands for its feeds.
func lockFeeds(tx *db.Tx, account int64) error {
	return tx.Scan(new(int64), `SELECT id FROM accounts WHERE id = ?`+tx.ForUpdate(), account)
}

func insertFeed(tx *db.Tx, f *Feed) error { return tx.Insert(f) }

func feedsOf(tx *db.Tx, account int64) ([]Feed, error) {
	var out []Feed
	err := tx.Scan(&out, `SELECT * FROM feeds WHERE account_id = ? AND revoked_at IS NULL ORDER BY id`, account)
	return out, err
}

func feedByHash(tx *db.Tx, hash string) (Feed, bool, error) {
	var f Feed
	ok, err := tx.One(&f, `SELECT f.* FROM feeds f JOIN accounts a ON a.id = f.account_id WHERE f.token_hash = ? AND f.revoked_at IS NULL AND a.disabled_at IS NULL`, hash)
	return f, ok, err
}

func revokeFeed(tx *db.Tx, account, id int64) (bool, error) {
	n, err := tx.Exec(`UPDATE feeds SET revoked_at = ? WHERE id = ? AND account_id = ? AND revoked_at IS NULL`, tx.Now(), id, account)
	return n > 0, err
}

func touchFeed(tx *db.Tx, id int64, before models.Instant) error {
	_, err := tx.Exec(`UPDATE feeds SET read_at = ? WHERE id = ? AND (read_at IS NULL OR read_at < ?)`, tx.Now(), id, before)
	return err
}

// ownerOf is the owner of a feed as an actor, with the roles of this moment.
func ownerOf(tx *db.Tx, account int64) (auth.Actor, error) {
	var grants []struct {
		Role  string
		OrgID int64
		Path  string
	}
	inForce, now := tx.InForce("g")
	err := tx.Scan(&grants, `SELECT g.role, g.org_id, o.path FROM grants g JOIN orgs o ON o.id = g.org_id
		WHERE g.account_id = ? AND o.archived_at IS NULL AND `+inForce+` ORDER BY g.id`, append([]any{account}, now...)...)
	a := auth.Actor{AccountID: account}
	for _, g := range grants {
		a.Grants = append(a.Grants, auth.Grant{Role: auth.Role(g.Role), OrgID: g.OrgID, Path: g.Path})
	}
	return a, err
}

// branchesOf lists the branches whose bookings the actor keeps.
func branchesOf(tx *db.Tx, a auth.Actor) ([]models.Org, error) {
	var ids []int64
	for _, g := range a.Grants {
		if g.Role == auth.Branch && !slices.Contains(ids, g.OrgID) {
			ids = append(ids, g.OrgID)
		}
	}
	var out []models.Org
	if len(ids) == 0 {
		return nil, nil
	}
	err := tx.Scan(&out, `SELECT * FROM orgs WHERE id IN ? AND archived_at IS NULL ORDER BY id`, ids)
	return out, err
}
