package lesson

import (
	"context"
	"net/url"
	"strconv"

	"youyue/app/auth"
	"youyue/app/httpapi"
	"youyue/app/sheet"
	"youyue/app/web"
	"youyue/models"
)

type yearPageIn struct {
	Org    int64  `query:"org"`
	Year   int    `query:"year" validate:"omitempty,min=2000,max=2999"`
	Search string `query:"q" validate:"max=50"`
}

type yearData struct {
	Branch string
	Year   int
	Table  web.Table
	Total  string
	Prev   *web.Link
	Next   *web.Link
	Links  []web.Link
	Other  *web.Link // to the list of branches
}

type branchesData struct {
	Search   string
	Branches []web.Link
	Many     bool
}

func yearPath(path string, org int64, year int) string {
	return path + "?" + url.Values{"org": {strconv.FormatInt(org, 10)}, "year": {strconv.Itoa(year)}}.Encode()
}

// yearPage is one branch's year. Readers of several branches choose one first,
// from a list of names and nothing else.
func (s *Service) yearPage(ctx context.Context, a auth.Actor, in yearPageIn) (web.Page, error) {
	w := s.words(ctx)
	own := a.OrgsWith(auth.LessonSign)
	if in.Org == 0 && len(own) == 1 {
		in.Org = own[0]
	}
	if in.Org == 0 {
		return s.branchesPage(ctx, a, in.Search)
	}
	y, err := s.Year(ctx, a, in.Org, in.Year)
	if err != nil {
		return web.Page{}, err
	}
	d := yearData{Branch: y.Branch.Name, Year: y.Year, Table: w.table(y), Total: w.total(y),
		Links: []web.Link{{Href: yearPath("/lessons/sheet.xlsx", in.Org, y.Year), Icon: "download", Text: w.T("lesson.excel")}}}
	link := func(year int) *web.Link {
		return &web.Link{Href: yearPath("/lessons", in.Org, year), Text: w.T("lesson.of_year", "year", strconv.Itoa(year))}
	}
	if y.Year > y.First {
		d.Prev = link(y.Year - 1)
	}
	if y.Year < y.Last {
		d.Next = link(y.Year + 1)
	}
	if len(own) != 1 || own[0] != in.Org {
		d.Other = &web.Link{Href: "/lessons", Text: w.T("lesson.branches")}
	}
	return web.Page{Template: "lesson/year", Title: "lesson.year_title", TitleArgs: map[string]any{"branch": y.Branch.Name, "year": strconv.Itoa(y.Year)},
		Styles: []string{"lesson"}, Scripts: []string{"print"}, Data: &d}, nil
}

func (s *Service) branchesPage(ctx context.Context, a auth.Actor, search string) (web.Page, error) {
	all, err := s.Branches(ctx, a, search)
	d := branchesData{Search: search, Many: len(all) == maxBranches || search != ""}
	for _, b := range all {
		d.Branches = append(d.Branches, web.Link{Href: "/lessons?org=" + strconv.FormatInt(b.ID, 10), Icon: "flag", Text: b.Name})
	}
	return web.Page{Template: "lesson/branches", Title: "lesson.branches", Data: &d}, err
}

func (w words) heads() []string {
	var out []string
	for _, k := range []string{"day", "film", "host", "oath", "expected", "arrived", "missing", "state"} {
		out = append(out, w.T("lesson.col_"+k))
	}
	return out
}

func (w words) table(y Year) web.Table {
	t := web.Table{Caption: w.T("lesson.year_caption"), Columns: w.heads(),
		Empty: &web.Empty{Icon: "flag", Title: w.T("lesson.none"), Text: w.T("lesson.none_text")}}
	for _, r := range y.Lessons {
		chip := w.chip(r)
		row := web.Row{Href: recordPath(r.BookingID), Cells: []web.Cell{{Text: w.DateTime(r.StartsAt)}, {Text: r.Film}, {Text: r.Host}, {Text: w.oath(r.Oath)}}}
		for _, n := range w.numbers(r) {
			row.Cells = append(row.Cells, web.Cell{Text: n, Number: true})
		}
		row.Cells = append(row.Cells, web.Cell{Chip: &chip})
		t.Rows = append(t.Rows, row)
	}
	return t
}

// numbers are those of a signed record; others count nothing yet.
func (w words) numbers(r models.LessonRecord) []string {
	if !r.State.Sealed() {
		return []string{"", "", ""}
	}
	c := r.Counts()
	return []string{strconv.Itoa(c.Expected), strconv.Itoa(c.Arrived), strconv.Itoa(c.Missing())}
}

func (w words) total(y Year) string {
	return w.T("lesson.total", "n", len(y.Lessons), "signed", y.Signed, "expected", y.Total.Expected, "arrived", y.Total.Arrived, "absent", y.Total.Missing())
}

func (s *Service) yearFile(ctx context.Context, a auth.Actor, in yearIn) (httpapi.Blob, error) {
	y, err := s.Year(ctx, a, in.Org, in.Year)
	if err != nil {
		return httpapi.Blob{}, err
	}
	w := s.words(ctx)
	title := w.T("lesson.year_title", "branch", y.Branch.Name, "year", strconv.Itoa(y.Year))
	out := sheet.Sheet{Name: strconv.Itoa(y.Year), Title: title, Head: w.heads(), Wide: []int{18, 20, 14, 10, 8, 8, 8, 16}, Zone: s.zone}
	for _, r := range y.Lessons {
		row := []any{r.StartsAt, r.Film, r.Host, w.oath(r.Oath), "", "", "", w.chip(r).Text}
		if r.State.Sealed() {
			c := r.Counts()
			row[4], row[5], row[6] = c.Expected, c.Arrived, c.Missing()
		}
		out.Rows = append(out.Rows, row)
	}
	out.Rows = append(out.Rows, []any{w.T("lesson.sum"), w.T("lesson.sum_signed", "n", y.Signed), "", "", y.Total.Expected, y.Total.Arrived, y.Total.Missing(), ""})
	return file(out, title)
}

func (s *Service) recordFile(ctx context.Context, a auth.Actor, in readIn) (httpapi.Blob, error) {
	r, err := s.Record(ctx, a, in.ID, in.Revision)
	if err != nil {
		return httpapi.Blob{}, err
	}
	w := s.words(ctx)
	p, c := w.paper(r), r.Counts()
	out := sheet.Sheet{Name: w.T("lesson.paper"), Title: w.T("lesson.paper"), Head: []string{w.T("lesson.item"), w.T("lesson.content")}, Wide: []int{14, 80}, Zone: s.zone}
	add := func(key string, v any) { out.Rows = append(out.Rows, []any{w.T("lesson." + key), v}) }
	add("branch", p.Branch)
	add("when", p.When)
	add("place", p.Place)
	add("film", p.Film)
	add("host", p.Host)
	add("oath", p.Oath)
	add("expected", c.Expected)
	add("arrived", c.Arrived)
	add("missing", c.Missing())
	add("absent_names", p.Absent)
	if p.Stated != "" {
		add("count_reason", p.Stated)
	}
	add("notes", p.Notes)
	add("photos", len(r.Photos))
	add("signature", p.Signed)
	add("signed_at", p.SignedAt)
	add("state", w.chip(r.LessonRecord).Text)
	if p.Reason != "" {
		add("reason", p.Reason)
	}
	return file(out, w.T("lesson.paper")+" "+r.StartsAt.In(s.zone).Format("2006-01-02"))
}

func file(s sheet.Sheet, name string) (httpapi.Blob, error) {
	b, err := sheet.Write(s)
	return httpapi.Blob{Body: b, ContentType: sheet.ContentType, Filename: name + ".xlsx"}, err
}
