// Package list is the one shape of every paged list.
package list

import "strings"

// The bounds of a page.
const (
	DefaultPerPage = 20
	MaxPerPage     = 100
)

// Of is a page of items; Items is never null.
type Of[T any] struct {
	Items   []T   `json:"items"`
	Total   int64 `json:"total"`
	Page    int   `json:"page"`
	PerPage int   `json:"per_page"`
}

// Query is what a caller asks of a list. Sort names a white-listed order, a
// leading "-" turns it round.
type Query struct {
	Page    int    `query:"page" validate:"omitempty,min=1,max=1000000"`
	PerPage int    `query:"per_page" validate:"omitempty,min=1,max=100"`
	Sort    string `query:"sort" validate:"omitempty,max=40"`
}

// Window returns page, size and offset with the defaults filled in.
func (q Query) Window() (page, perPage, offset int) {
	page, perPage = max(q.Page, 1), q.PerPage
	if perPage < 1 {
		perPage = DefaultPerPage
	}
	perPage = min(perPage, MaxPerPage)
	return page, perPage, (page - 1) * perPage
}

// Order returns the ORDER BY text for the asked sort: a column of allowed (name
// → SQL column), always ending in id so that pages never overlap. An unknown
// name falls back to the given default ("name" or "-name").
func (q Query) Order(allowed map[string]string, fallback string, id string) string {
	name := q.Sort
	if _, ok := allowed[strings.TrimPrefix(name, "-")]; !ok {
		name = fallback
	}
	dir := " ASC"
	if strings.HasPrefix(name, "-") {
		dir = " DESC"
	}
	col := allowed[strings.TrimPrefix(name, "-")]
	if col == id {
		return id + dir
	}
	return col + dir + ", " + id + dir
}

// New builds a page from what the store found.
func New[T any](q Query, items []T, total int64) Of[T] {
	page, perPage, _ := q.Window()
	if items == nil {
		items = []T{}
	}
	return Of[T]{Items: items, Total: total, Page: page, PerPage: perPage}
}

// Map turns a page of rows into a page of views.
func Map[A, B any](l Of[A], f func(A) B) Of[B] {
	out := make([]B, len(l.Items))
	for i, a := range l.Items {
		out[i] = f(a)
	}
	return Of[B]{Items: out, Total: l.Total, Page: l.Page, PerPage: l.PerPage}
}
