package screening

import (
	"fmt"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/list"
	"youyue/app/venue"
	"youyue/models"
)

const showQuery = `SELECT e.*, s.film_id, f.title AS film_title, f.theme, f.synopsis, s.oath_min, s.runtime_min, s.cleanup_min,
	s.branch_org_id, COALESCE(bo.name, '') AS branch_name, r.name AS hall_name, h.venue, h.address, h.phone AS hall_phone, h.route, o.path AS org_path,
	s.confirm_until, s.projectionist AS shown_by, COALESCE(pp.phone_enc, '') AS shown_phone_enc, s.cost AS shown_cost
	FROM screenings s JOIN events e ON e.id = s.id JOIN films f ON f.id = s.film_id
	JOIN resources r ON r.id = e.resource_id JOIN halls h ON h.id = e.resource_id JOIN orgs o ON o.id = e.org_id
	LEFT JOIN orgs bo ON bo.id = s.branch_org_id LEFT JOIN people pp ON pp.id = s.projectionist_id`

// ByID returns one screening; errs.ErrNotFound when there is none.
func ByID(tx *db.Tx, id int64) (Show, error) {
	var v Show
	ok, err := tx.One(&v, showQuery+` WHERE s.id = ?`, id)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	return v, err
}

func getFilm(tx *db.Tx, id int64) (models.Film, error) {
	var f models.Film
	ok, err := tx.One(&f, `SELECT * FROM films WHERE id = ? AND archived_at IS NULL`, id)
	if err == nil && !ok {
		err = errs.FieldFault("film_id", "unknown")
	}
	return f, err
}

func films(tx *db.Tx, q list.Query) (rows []models.Film, total int64, err error) {
	if err := tx.Scan(&total, `SELECT COUNT(*) FROM films WHERE archived_at IS NULL`); err != nil {
		return nil, 0, err
	}
	_, per, off := q.Window()
	order := q.Order(map[string]string{"title": "title", "id": "id"}, "id", "id")
	err = tx.Scan(&rows, `SELECT * FROM films WHERE archived_at IS NULL ORDER BY `+order+` LIMIT ? OFFSET ?`, per, off)
	return rows, total, err
}

// saveFilm adds a film without an id, and changes one that has one.
func saveFilm(tx *db.Tx, f *models.Film) error {
	if f.ID == 0 {
		f.CreatedAt = tx.Now()
		return tx.Insert(f)
	}
	_, err := tx.Exec(`UPDATE films SET title = ?, runtime_min = ?, theme = ?, synopsis = ?, licence_from = ?, licence_to = ? WHERE id = ?`,
		f.Title, f.RuntimeMin, f.Theme, f.Synopsis, f.LicenceFrom, f.LicenceTo, f.ID)
	return err
}

// programme reads the screenings of a list, and how many there are.
func programme(tx *db.Tx, p Programme) (rows []Show, total int64, err error) {
	where, args := ` WHERE e.state NOT IN ('cancelled','planned')`, []any{}
	and := func(clause string, values ...any) { where, args = where+" AND "+clause, append(args, values...) }
	if p.From.IsZero() {
		and(`e.ends_at > ?`, tx.Now())
	} else {
		and(`e.starts_at >= ?`, p.From)
	}
	if !p.To.IsZero() {
		and(`e.starts_at < ?`, p.To)
	}
	if p.Audience != "" {
		and(`e.audience = ?`, p.Audience)
	}
	if p.FilmID != 0 {
		and(`s.film_id = ?`, p.FilmID)
	}
	if p.Open {
		and(`e.state = 'open' AND e.opens_at <= ? AND e.closes_at > ? AND e.taken + e.reserved < e.for_sale`, tx.Now(), tx.Now())
	}
	if err := tx.Scan(&total, `SELECT COUNT(*) FROM screenings s JOIN events e ON e.id = s.id`+where, args...); err != nil {
		return nil, 0, err
	}
	_, per, off := p.Window()
	order := p.Order(map[string]string{"starts_at": "e.starts_at", "id": "e.id"}, "starts_at", "e.id")
	err = tx.Scan(&rows, showQuery+where+` ORDER BY `+order+` LIMIT ? OFFSET ?`, append(args, per, off)...)
	return rows, total, err
}

func insertScreening(tx *db.Tx, sc models.Screening) error {
	if err := tx.Insert(&sc); err != nil {
		return fmt.Errorf("open screening: %w", err)
	}
	return nil
}

// openPublic lists the next public screenings with a seat that a desk may book.
func openPublic(tx *db.Tx, limit int) (out []Show, err error) {
	err = tx.Scan(&out, showQuery+` WHERE e.state = 'open' AND e.audience = ? AND s.branch_org_id IS NULL AND e.opens_at <= ? AND e.closes_at > ? AND e.taken < e.for_sale
		ORDER BY e.starts_at, e.id LIMIT ?`, models.AudiencePublic, tx.Now(), tx.Now(), limit)
	return out, err
}

func everyHall(tx *db.Tx) (out []venue.Hall, err error) {
	err = tx.Scan(&out, `SELECT h.*, r.name FROM halls h JOIN resources r ON r.id = h.id ORDER BY h.id`)
	return out, err
}

func hallsIn(tx *db.Tx, scope []string) (out []venue.Hall, err error) {
	where, args := db.Below("o.path", scope)
	err = tx.Scan(&out, `SELECT h.*, r.name, r.org_id, o.path AS org_path FROM halls h JOIN resources r ON r.id = h.id
		JOIN orgs o ON o.id = r.org_id WHERE `+where+` ORDER BY h.id`, args...)
	return out, err
}

// hallOrg is who runs a hall.
func hallOrg(tx *db.Tx, hallID int64) (id int64, err error) {
	err = tx.Scan(&id, `SELECT org_id FROM resources WHERE id = ?`, hallID)
	return id, err
}

// OpenBetween lists the open screenings of a scope that begin in a span, with the
// seats that wait for an answer.
func OpenBetween(tx *db.Tx, scope []string, span models.Span) (out []Show, err error) {
	where, args := db.Below("o.path", scope)
	if err = tx.Scan(&out, showQuery+` WHERE e.state = 'open' AND e.starts_at > ? AND e.starts_at < ? AND `+where+` ORDER BY e.starts_at LIMIT 60`,
		append([]any{span.Start, span.End}, args...)...); err != nil {
		return nil, err
	}
	return out, withHeld(tx, out)
}

// FinishedSince lists the finished screenings of a scope, the last first.
func FinishedSince(tx *db.Tx, scope []string, since models.Instant, limit int) (out []Show, err error) {
	where, args := db.Below("o.path", scope)
	err = tx.Scan(&out, showQuery+` WHERE e.state = 'finished' AND e.ends_at > ? AND `+where+` ORDER BY e.ends_at DESC LIMIT ?`,
		append(append([]any{since}, args...), limit)...)
	return out, err
}

// showsOf lists what is shown in a hall of the scope in a span.
func showsOf(tx *db.Tx, scope []string, hallID int64, span models.Span) (out []Show, err error) {
	where, args := db.Below("o.path", scope)
	err = tx.Scan(&out, showQuery+` WHERE e.resource_id = ? AND e.state <> 'cancelled' AND e.starts_at >= ? AND e.starts_at < ? AND `+where+` ORDER BY e.starts_at`,
		append([]any{hallID, span.Start, span.End}, args...)...)
	return out, err
}

func eventVersions(tx *db.Tx, ids []int64) (map[int64]int64, error) {
	among, list := tx.Among("id", ids)
	return tx.Versions(`SELECT id, version FROM events WHERE `+among, list)
}
