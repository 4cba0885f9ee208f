package list_test

import (
	"encoding/json"
	"strconv"
	"testing"

	"youyue/app/list"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestAWindowIsAlwaysWithinBounds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		q := list.Query{Page: rapid.IntRange(-5, 1_000_000).Draw(t, "page"), PerPage: rapid.IntRange(-5, 500).Draw(t, "per page")}
		page, perPage, offset := q.Window()
		require.GreaterOrEqual(t, page, 1)
		require.GreaterOrEqual(t, perPage, 1)
		require.LessOrEqual(t, perPage, list.MaxPerPage)
		require.Equal(t, (page-1)*perPage, offset)
	})
	page, perPage, offset := list.Query{}.Window()
	require.Equal(t, []int{1, list.DefaultPerPage, 0}, []int{page, perPage, offset})
}

func TestOrderIsWhiteListedAndEndsInID(t *testing.T) {
	t.Parallel()
	allowed := map[string]string{"start": "e.starts_at", "id": "e.id"}
	for sort, want := range map[string]string{
		"start":                      "e.starts_at ASC, e.id ASC",
		"-start":                     "e.starts_at DESC, e.id DESC",
		"id":                         "e.id ASC",
		"-id":                        "e.id DESC",
		"":                           "e.starts_at DESC, e.id DESC",
		"title":                      "e.starts_at DESC, e.id DESC",
		"start; DROP TABLE bookings": "e.starts_at DESC, e.id DESC",
		"--start":                    "e.starts_at DESC, e.id DESC",
	} {
		require.Equal(t, want, list.Query{Sort: sort}.Order(allowed, "-start", "e.id"), sort)
	}
}

func TestNothingFoundIsAnEmptyListNotNull(t *testing.T) {
	t.Parallel()
	q := list.Query{Page: 3}
	b, err := json.Marshal(list.New[int](q, nil, 0))
	require.NoError(t, err)
	require.JSONEq(t, `{"items":[],"total":0,"page":3,"per_page":20}`, string(b))
	b, err = json.Marshal(list.Map(list.New[int](q, nil, 0), strconv.Itoa))
	require.NoError(t, err)
	require.JSONEq(t, `{"items":[],"total":0,"page":3,"per_page":20}`, string(b))
}

func TestMapKeepsThePage(t *testing.T) {
	t.Parallel()
	rows := list.New(list.Query{Page: 2, PerPage: 2}, []int{7, 8}, 11)
	require.Equal(t, list.Of[string]{Items: []string{"7", "8"}, Total: 11, Page: 2, PerPage: 2}, list.Map(rows, strconv.Itoa))
}
