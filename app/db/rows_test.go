package db_test

import (
	"testing"

	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// thing is a row of the table that these tests make.
type thing struct {
	ID    int64
	Word  string
	Maybe *int64
	At    models.Instant
	Sure  bool
}

func things(t *testing.T, d *db.DB) db.Rows {
	t.Helper()
	require.NoError(t, d.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.ExecPair(db.Pair{
			Postgres: `CREATE TABLE things (id BIGINT PRIMARY KEY, word TEXT NOT NULL, maybe BIGINT, at TIMESTAMPTZ, sure BOOLEAN NOT NULL)`,
			SQLite:   `CREATE TABLE things (id INTEGER PRIMARY KEY, word TEXT NOT NULL, maybe INTEGER, at TEXT, sure BOOLEAN NOT NULL)`,
		})
		return err
	}))
	return db.RowsOf("things", "id bigint, word text, maybe bigint, at timestamptz, sure boolean")
}

func TestRowsAreInsertedAsTheyAreRead(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		rows, seven := things(t, d), int64(7)
		want := []thing{
			{1, `quotes " ' \ {,} and 中文`, &seven, clock.Instant(), true},
			{2, "", nil, models.Instant{}, false},
		}
		require.NoError(t, d.Write(t.Context(), func(tx *db.Tx) error {
			var list [][]any
			for _, w := range want {
				list = append(list, []any{w.ID, w.Word, w.Maybe, w.At, w.Sure})
			}
			n, err := rows.Insert(tx, "", list...)
			require.EqualValues(t, 2, n)
			return err
		}))
		var got []thing
		require.NoError(t, d.Read(t.Context(), func(tx *db.Tx) error { return tx.Scan(&got, `SELECT * FROM things ORDER BY id`) }))
		require.Equal(t, want, got)
	})
}

func TestRowsNameTheConstraintAndPassOverConflictsWhenTold(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		rows := things(t, d)
		insert := func(tail string, ids ...int64) (n int64, err error) {
			err = d.Write(t.Context(), func(tx *db.Tx) error {
				var list [][]any
				for _, id := range ids {
					list = append(list, []any{id, "x", nil, tx.Now(), true})
				}
				n, err = rows.Insert(tx, tail, list...)
				return err
			})
			return n, err
		}
		n, err := insert("")
		require.NoError(t, err)
		require.Zero(t, n)
		many := make([]int64, 7000) // more than SQLite takes at once
		for i := range many {
			many[i] = int64(i)
		}
		n, err = insert("", many...)
		require.NoError(t, err)
		require.EqualValues(t, 7000, n)
		_, err = insert("", 7000, 5)
		require.Equal(t, "things_pkey", db.Constraint(err))
		n, err = insert(" ON CONFLICT DO NOTHING", 7000, 5)
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
	})
}

func TestListsOfAnyLengthAreOneArgument(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		rows := things(t, d)
		require.NoError(t, d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := rows.Insert(tx, "", []any{1, "a", nil, tx.Now(), true}, []any{2, "b", nil, tx.Now(), true}, []any{3, "c", nil, tx.Now(), true})
			require.NoError(t, err)
			ids := func(condition string, arg any) (got []int64) {
				require.NoError(t, tx.Scan(&got, `SELECT id FROM things WHERE `+condition+` ORDER BY id`, arg))
				return got
			}
			require.Equal(t, []int64{1, 3}, ids(tx.Among("id", []int64{3, 1, 9})))
			require.Empty(t, ids(tx.Among("id", nil)))
			require.Equal(t, []int64{2}, ids(tx.AmongWords("word", []string{"b", "z"})))
			table, arg, err := tx.Table("v", "id bigint, word text", [][]any{{1, "一"}, {3, nil}, {9, "九"}})
			require.NoError(t, err)
			n, err := tx.Exec(`UPDATE things SET word = COALESCE(v.word, 'none') FROM `+table+` WHERE things.id = v.id`, arg)
			require.NoError(t, err)
			require.EqualValues(t, 2, n)
			var words []string
			require.NoError(t, tx.Scan(&words, `SELECT word FROM things ORDER BY id`))
			require.Equal(t, []string{"一", "b", "none"}, words)
			return nil
		}))
	})
}
