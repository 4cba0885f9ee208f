package db_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"youyue/app/db"
	"youyue/app/db/dbtest"

	"github.com/stretchr/testify/require"
)

// schema is what both engines must agree on, table by table, one line a fact:
// column, primary key, index, check and foreign key.
type schema map[string][]string

// The classes that a column's type may have; a moment is text on SQLite.
var classes = map[string]string{
	"bigint": "number", "integer": "number", "INTEGER": "number",
	"text": "text", "TEXT": "text", "timestamp with time zone": "text",
	"boolean": "boolean", "BOOLEAN": "boolean",
	"bytea": "bytes", "BLOB": "bytes",
}

func readSchema(t *testing.T, d *db.DB) schema {
	t.Helper()
	out := schema{}
	require.NoError(t, d.Read(t.Context(), func(tx *db.Tx) error {
		if d.Engine() == db.Postgres {
			return postgresSchema(tx, out)
		}
		return sqliteSchema(tx, out)
	}))
	for _, facts := range out {
		slices.Sort(facts)
	}
	return out
}

func (s schema) add(table, format string, args ...any) {
	s[table] = append(s[table], fmt.Sprintf(format, args...))
}

func (s schema) column(table, name, kind string, nullable bool, def string) {
	class, ok := classes[kind]
	if !ok {
		class = "unknown type " + kind
	}
	// PostgreSQL writes the type behind a text, SQLite nothing.
	def = strings.ToLower(strings.TrimSuffix(def, "::text"))
	s.add(table, "column %s %s nullable=%t default=%q", name, class, nullable, def)
}

const ours = `NOT IN ('goose_db_version', 'sqlite_sequence')`

func postgresSchema(tx *db.Tx, out schema) error {
	var columns []struct {
		TableName, ColumnName, DataType, IsNullable, Def string
	}
	err := tx.Scan(&columns, `SELECT table_name, column_name, data_type, is_nullable, COALESCE(column_default, '') AS def
		FROM information_schema.columns WHERE table_schema = 'public' AND table_name `+ours)
	if err != nil {
		return err
	}
	for _, c := range columns {
		out.column(c.TableName, c.ColumnName, c.DataType, c.IsNullable == "YES", c.Def)
	}
	var indexes []struct {
		Tab, Name, Cols, Pred string
		Uniq, Prim            bool
	}
	err = tx.Scan(&indexes, `SELECT t.relname AS tab, i.relname AS name, x.indisunique AS uniq, x.indisprimary AS prim,
		COALESCE(pg_get_expr(x.indpred, x.indrelid), '') AS pred,
		(SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(x.indkey) WITH ORDINALITY AS k (attnum, n)
			JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum) AS cols
		FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
		WHERE t.relnamespace = 'public'::regnamespace AND NOT x.indisexclusion AND t.relname `+ours)
	if err != nil {
		return err
	}
	for _, x := range indexes {
		out.index(x.Tab, x.Name, x.Cols, x.Pred, x.Uniq, x.Prim)
	}
	var constraints []struct{ Tab, Kind, Name, Cols, Target, TargetCols string }
	err = tx.Scan(&constraints, `SELECT t.relname AS tab, c.contype AS kind, c.conname AS name,
		COALESCE(f.relname, '') AS target,
		COALESCE((SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = c.conrelid AND attnum = ANY (c.conkey)), '') AS cols,
		COALESCE((SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = c.confrelid AND attnum = ANY (c.confkey)), '') AS target_cols
		FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid LEFT JOIN pg_class f ON f.oid = c.confrelid
		WHERE t.relnamespace = 'public'::regnamespace AND c.contype IN ('c', 'f', 'x') AND t.relname `+ours)
	for _, c := range constraints {
		switch c.Kind {
		case "c":
			out.add(c.Tab, "check %s", c.Name)
		case "x":
			out.add(c.Tab, "guard %s", c.Name)
		default:
			out.add(c.Tab, "foreign key %s → %s.%s", c.Cols, c.Target, c.TargetCols)
		}
	}
	return err
}

// partial makes what both engines say of an index's condition comparable.
var partial = strings.NewReplacer("(", "", ")", "", "::text", "")

func (s schema) index(table, name, cols, pred string, uniq, prim bool) {
	if prim {
		s.add(table, "primary key %s", cols)
		return
	}
	s.add(table, "index %s (%s) unique=%t where=%q", name, cols, uniq, partial.Replace(pred))
}

var (
	checkName = regexp.MustCompile(`CONSTRAINT (\w+) CHECK`)
	raised    = regexp.MustCompile(`RAISE\(ABORT, '(\w+)'\)`)
	condition = regexp.MustCompile(`(?s)\bWHERE (.*)$`)
)

func sqliteSchema(tx *db.Tx, out schema) error {
	var tables []struct{ Name, SQL string }
	if err := tx.Scan(&tables, `SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name `+ours); err != nil {
		return err
	}
	for _, tab := range tables {
		for _, m := range checkName.FindAllStringSubmatch(tab.SQL, -1) {
			out.add(tab.Name, "check %s", m[1])
		}
		for _, read := range []func(*db.Tx, schema, string) error{sqliteColumns, sqliteIndexes, sqliteForeignKeys, sqliteTriggers} {
			if err := read(tx, out, tab.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

func sqliteColumns(tx *db.Tx, out schema, table string) error {
	var columns []struct {
		Name, Kind, Def string
		Notnull         bool
		Pk              int
	}
	err := tx.Scan(&columns, `SELECT name, type AS kind, "notnull", COALESCE(dflt_value, '') AS def, pk FROM pragma_table_info(?)`, table)
	var pk []string
	for _, c := range columns {
		// A number that is the primary key is the row's own and never null; a
		// text is not, unless the schema says so.
		out.column(table, c.Name, c.Kind, !c.Notnull && (c.Pk == 0 || c.Kind != "INTEGER"), c.Def)
		if c.Pk > 0 {
			pk = append(pk, c.Name)
		}
	}
	out.add(table, "primary key %s", strings.Join(pk, ","))
	return err
}

func sqliteIndexes(tx *db.Tx, out schema, table string) error {
	var indexes []struct {
		Name, SQL string
		Uniq      bool
	}
	err := tx.Scan(&indexes, `SELECT l.name, l."unique" AS uniq, s.sql FROM pragma_index_list(?) l
		JOIN sqlite_schema s ON s.name = l.name WHERE l.origin = 'c'`, table)
	if err != nil {
		return err
	}
	for _, x := range indexes {
		var cols []string
		if err := tx.Scan(&cols, `SELECT name FROM pragma_index_info(?) ORDER BY seqno`, x.Name); err != nil {
			return err
		}
		where := ""
		if m := condition.FindStringSubmatch(x.SQL); m != nil {
			where = m[1]
		}
		out.index(table, x.Name, strings.Join(cols, ","), where, x.Uniq, false)
	}
	return nil
}

// sqliteForeignKeys names the columns of a key in the order of their tables, as
// the other engine's catalogue is read.
func sqliteForeignKeys(tx *db.Tx, out schema, table string) error {
	var keys []struct{ Source, Target, Dest string }
	err := tx.Scan(&keys, `SELECT f."table" AS target,
		(SELECT group_concat(name) FROM (SELECT i.name FROM pragma_table_info(?) i JOIN pragma_foreign_key_list(?) k ON k."from" = i.name AND k.id = f.id ORDER BY i.cid)) AS source,
		(SELECT group_concat(name) FROM (SELECT i.name FROM pragma_table_info(f."table") i JOIN pragma_foreign_key_list(?) k ON k."to" = i.name AND k.id = f.id ORDER BY i.cid)) AS dest
		FROM pragma_foreign_key_list(?) f WHERE f.seq = 0`, table, table, table, table)
	for _, k := range keys {
		out.add(table, "foreign key %s → %s.%s", k.Source, k.Target, k.Dest)
	}
	return err
}

// sqliteTriggers notes those that stand for a constraint of the other engine.
func sqliteTriggers(tx *db.Tx, out schema, table string) error {
	var texts []string
	err := tx.Scan(&texts, `SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?`, table)
	for _, text := range texts {
		fact := "guard " + raised.FindStringSubmatch(text)[1]
		if strings.HasSuffix(fact, "_no_overlap") && !slices.Contains(out[table], fact) {
			out[table] = append(out[table], fact)
		}
	}
	return err
}

func TestBothEnginesHaveOneSchema(t *testing.T) {
	t.Parallel()
	clock := dbtest.NewClock()
	lite := readSchema(t, dbtest.Open(t, db.SQLite, clock))
	pg := readSchema(t, dbtest.Open(t, db.Postgres, clock))
	require.NotEmpty(t, pg["bookings"])
	for table := range lite {
		require.Contains(t, pg, table)
	}
	for table, facts := range pg {
		require.Equal(t, facts, lite[table], table)
	}
}

// Each difference that a hand may leave between the two trees is seen.
func TestTheParityTestSeesADifference(t *testing.T) {
	t.Parallel()
	for _, change := range []string{
		`CREATE TABLE extra (id INTEGER PRIMARY KEY)`,
		`ALTER TABLE halls ADD COLUMN colour TEXT`,
		`DROP INDEX halls_code_key`,
		`CREATE INDEX extra ON halls (venue)`,
		`DROP TRIGGER occupancies_no_overlap; DROP TRIGGER occupancies_no_move`,
		`DROP INDEX booking_seats_event_id_seat_id_key; CREATE UNIQUE INDEX booking_seats_event_id_seat_id_key ON booking_seats (event_id, seat_id)`,
		`DROP TABLE jobs; CREATE TABLE jobs (name TEXT)`,
	} {
		d := dbtest.Open(t, db.SQLite, dbtest.NewClock())
		before := readSchema(t, d)
		write(t, d, func(tx *db.Tx) error {
			for step := range strings.SplitSeq(change, ";") {
				if _, err := tx.Exec(step); err != nil {
					return err
				}
			}
			return nil
		})
		require.NotEqual(t, before, readSchema(t, d), change)
	}
}
