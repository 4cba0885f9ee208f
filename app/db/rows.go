package db

import (
	"database/sql/driver"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"youyue/models"
)

// Rows is a table's set-wise insert. On PostgreSQL each column travels as one
// array, so that the text is the same for any number of rows: a text that
// differs is parsed and planned anew on every connection, and its memory of
// texts is short. SQLite takes lists of values.
type Rows struct {
	table    string
	columns  []column
	postgres string // less its tail
}

type column struct{ name, kind string }

// RowsOf builds the insert once, from columns with their PostgreSQL types:
// "id text, event_id bigint".
func RowsOf(table, columns string) Rows {
	r := Rows{table: table}
	var names, arrays []string
	for i, c := range strings.Split(columns, ",") {
		name, kind, _ := strings.Cut(strings.TrimSpace(c), " ")
		r.columns = append(r.columns, column{name, kind})
		names, arrays = append(names, name), append(arrays, "$"+strconv.Itoa(i+1)+"::"+kind+"[]")
	}
	r.postgres = "INSERT INTO " + table + " (" + strings.Join(names, ", ") + ") SELECT * FROM unnest(" + strings.Join(arrays, ", ") + ")"
	return r
}

// maxValues keeps a list of values below SQLite's limit on parameters.
const maxValues = 30_000

// Insert writes rows, each with a value per column, and returns how many it
// wrote; tail is what follows, " ON CONFLICT DO NOTHING" or nothing.
func (r Rows) Insert(tx *Tx, tail string, rows ...[]any) (int64, error) {
	if len(rows) == 0 {
		return 0, nil
	}
	if tx.engine == Postgres {
		return tx.native(r.postgres+tail, columnsOf(rows)...)
	}
	var n int64
	for most := maxValues / len(r.columns); len(rows) > 0; {
		part := rows[:min(most, len(rows))]
		rows = rows[len(part):]
		one, err := tx.native(r.values(len(part))+tail, flat(part)...)
		if err != nil {
			return n, err
		}
		n += one
	}
	return n, nil
}

func (r Rows) values(n int) string {
	names := make([]string, len(r.columns))
	for i, c := range r.columns {
		names[i] = c.name
	}
	row := "(" + strings.TrimSuffix(strings.Repeat("?,", len(names)), ",") + "),"
	return "INSERT INTO " + r.table + " (" + strings.Join(names, ", ") + ") VALUES " + strings.TrimSuffix(strings.Repeat(row, n), ",")
}

// columnsOf turns rows into columns, moments into what the driver sends as such.
func columnsOf(rows [][]any) []any {
	out := make([]any, len(rows[0]))
	for c := range out {
		col := make([]any, len(rows))
		for r, row := range rows {
			col[r] = row[c]
			if at, ok := row[c].(models.Instant); ok {
				col[r] = moment(at)
			}
		}
		out[c] = col
	}
	return out
}

func moment(at models.Instant) *time.Time {
	if at.IsZero() {
		return nil
	}
	t := at.Time()
	return &t
}

func flat(rows [][]any) []any {
	out := make([]any, 0, len(rows)*len(rows[0]))
	for _, r := range rows {
		out = append(out, r...)
	}
	return out
}

// native runs a statement past the mapper, which would take lists apart.
func (tx *Tx) native(query string, args ...any) (int64, error) {
	res, err := tx.g.Statement.ConnPool.ExecContext(tx.ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// Among is the condition that a column is one of some ids, and its argument. Its
// text is the same for any number of them.
func (tx *Tx) Among(column string, ids []int64) (condition string, arg any) {
	if tx.engine == Postgres {
		return column + " = ANY(?::bigint[])", idList{ids, '{', '}'}
	}
	return column + " IN (SELECT value FROM json_each(?))", idList{ids, '[', ']'}
}

// InForce is the condition that a row which may be revoked, or counts for a time
// only, counts now, and its arguments.
func (tx *Tx) InForce(alias string) (condition string, args []any) {
	return strings.ReplaceAll("t.revoked_at IS NULL AND (t.starts_at IS NULL OR t.starts_at <= ? AND t.ends_at > ?)", "t.", alias+"."), []any{tx.Now(), tx.Now()}
}

// AmongWords is Among for plain words: hashes, codes, names of kinds, with
// nothing in them that would need quoting.
func (tx *Tx) AmongWords(column string, words []string) (condition string, arg any) {
	if tx.engine == Postgres {
		return column + " = ANY(string_to_array(?, ' '))", strings.Join(words, " ")
	}
	return column + " IN (SELECT value FROM json_each(?))", `["` + strings.Join(words, `","`) + `"]`
}

// idList is written as PostgreSQL's array or as a JSON list.
type idList struct {
	ids         []int64
	open, close byte
}

// Value implements driver.Valuer.
func (l idList) Value() (driver.Value, error) {
	b := append(make([]byte, 0, 2+8*len(l.ids)), l.open)
	for i, id := range l.ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, id, 10)
	}
	return string(append(b, l.close)), nil
}

// Table is rows as a table of one JSON argument, for UPDATE … FROM and joins:
// columns are "id bigint, seat_map text". Its text is the same for any number
// of rows.
func (tx *Tx) Table(alias, columns string, rows [][]any) (table string, arg any, err error) {
	var names, kinds []string
	for c := range strings.SplitSeq(columns, ",") {
		name, kind, _ := strings.Cut(strings.TrimSpace(c), " ")
		names, kinds = append(names, name), append(kinds, kind)
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return "", nil, err
	}
	cells := make([]string, len(names))
	for i, name := range names {
		n := strconv.Itoa(i)
		cells[i] = tx.Pick(Pair{Postgres: "(x.value->>" + n + ")::" + kinds[i], SQLite: "x.value->>" + n}) + " AS " + name
	}
	from := tx.Pick(Pair{Postgres: "json_array_elements(?::json) AS x(value)", SQLite: "json_each(?) AS x"})
	return "(SELECT " + strings.Join(cells, ", ") + " FROM " + from + ") AS " + alias, string(text), nil
}
