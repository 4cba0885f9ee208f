package lecture

import (
	"context"
	"fmt"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/app/web"
	"youyue/models"
)

type checkbox struct {
	Value, Label string
	Checked      bool
}

func (w words) boxes(a models.LectureAudiences) []checkbox {
	var out []checkbox
	for _, x := range models.LectureAudienceList() {
		out = append(out, checkbox{string(x), w.T("lecture.audience." + string(x)), a != "" && a.Has(x)})
	}
	return out
}

// categories are the standing ones, and one of its own where that is chosen.
func (w words) categories(chosen string) []checkbox {
	var out []checkbox
	known := false
	for _, c := range models.LectureCategories() {
		out = append(out, checkbox{c, w.T("lecture.category." + c), c == chosen})
		known = known || c == chosen
	}
	if !known && chosen != "" {
		out = append(out, checkbox{chosen, chosen, true})
	}
	return out
}

type topicsData struct {
	Rows  web.Table
	Pager web.Pager
}

func (s *Service) topicsPage(ctx context.Context, _ auth.Actor, q list.Query) (web.Page, error) {
	w := s.words(ctx)
	l, err := s.Topics(ctx, Menu{Query: q, Drafts: true})
	d := topicsData{Pager: web.Pager{Page: l.Page, Pages: max(1, (int(l.Total)+l.PerPage-1)/max(1, l.PerPage)), Path: "/lectures/topics"}}
	d.Rows = web.Table{Caption: w.T("lecture.topics"), Columns: []string{w.T("lecture.f.title"), w.T("lecture.f.category"), w.T("lecture.f.length"), w.T("lecture.f.menu_of"), w.T("lecture.f.published")}}
	for _, t := range l.Items {
		state := web.Chip{Tone: web.ToneOK, Text: w.T("lecture.published")}
		if t.PublishedAt.IsZero() {
			state = web.Chip{Tone: web.ToneOff, Text: w.T("lecture.unpublished")}
		}
		d.Rows.Rows = append(d.Rows.Rows, web.Row{Href: "/lectures/topics/" + itoa(t.ID), Cells: []web.Cell{{Text: t.Title}, {Text: w.word("lecture.category", t.Category)},
			{Text: w.T("lecture.minutes", "n", t.LengthMin)}, {Text: t.OrgName}, {Chip: &state}}})
	}
	return web.Page{Template: "lecture/topics", Title: "lecture.topics", Styles: []string{"lecture"}, Layout: web.LayoutStaff, Data: &d}, err
}

type topicEntry struct {
	ID        int64                    `form:"id"`
	OrgID     int64                    `form:"org_id"`
	Title     string                   `form:"title" validate:"required,plain,max=60"`
	Category  string                   `form:"category" validate:"required,plain,max=20"`
	Other     string                   `form:"other" validate:"max=20"`
	Summary   string                   `form:"summary" validate:"max=500"`
	Material  string                   `form:"material" validate:"max=500"`
	LengthMin int                      `form:"length_min" validate:"required,min=10,max=480"`
	Audiences []models.LectureAudience `form:"audiences" validate:"dive,oneof=old young party resident worker"`
	Teams     []int64                  `form:"teams" validate:"max=200"`
	Publish   bool                     `form:"publish"`
}

type topicData struct {
	Entry      topicEntry
	Form       web.Form
	Audiences  []checkbox
	Teams      []checkbox
	Categories []checkbox
	Orgs       []Named
}

var topicLabels = map[string]string{"title": "lecture.f.title", "category": "lecture.f.category", "length_min": "lecture.f.length", "org_id": "lecture.f.menu_of"}

type topicIn struct {
	ID string `path:"id"`
}

func (s *Service) topicPage(ctx context.Context, a auth.Actor, in topicIn) (web.Page, error) {
	e := topicEntry{LengthMin: 60, Category: "policy", Publish: true}
	if in.ID != "new" {
		var id int64
		if _, err := fmt.Sscanf(in.ID, "%d", &id); err != nil {
			return web.Page{}, errs.ErrNotFound
		}
		t, err := s.Topic(ctx, id)
		if err != nil {
			return web.Page{}, err
		}
		if !a.CanAt(auth.LectureMenu, t.OrgPath) {
			return web.Page{}, errs.ErrNotFound
		}
		e = topicEntry{ID: t.ID, OrgID: t.OrgID, Title: t.Title, Category: t.Category, Summary: t.Summary, Material: t.Material, LengthMin: t.LengthMin,
			Audiences: t.Audiences.List(), Publish: !t.PublishedAt.IsZero()}
		for _, x := range t.Teams {
			e.Teams = append(e.Teams, x.ID)
		}
	}
	return s.topicShown(ctx, a, e, nil)
}

func (s *Service) topicShown(ctx context.Context, a auth.Actor, e topicEntry, bad *errs.Error) (web.Page, error) {
	w := s.words(ctx)
	d := topicData{Entry: e, Audiences: w.boxes(models.JoinAudiences(e.Audiences)), Form: web.Form{Errors: httpapi.Faults(ctx, bad, topicLabels), Values: map[string]string{
		"title": e.Title, "summary": e.Summary, "material": e.Material, "length_min": fmt.Sprint(e.LengthMin), "other": e.Other}}}
	teams, err := s.Teams(ctx, TeamFilter{})
	if err != nil {
		return web.Page{}, err
	}
	for _, t := range teams {
		box := checkbox{Value: itoa(t.ID), Label: t.Name}
		for _, id := range e.Teams {
			box.Checked = box.Checked || id == t.ID
		}
		d.Teams = append(d.Teams, box)
	}
	d.Categories = w.categories(e.Category)
	if d.Orgs, err = s.publishers(ctx, a); err != nil {
		return web.Page{}, err
	}
	p := web.Page{Template: "lecture/topic", Title: "lecture.topic", Styles: []string{"lecture"}, Layout: web.LayoutStaff, Data: &d}
	if bad != nil {
		p.Status = bad.Kind.Status()
	}
	return p, nil
}

func (s *Service) topicForm(ctx context.Context, a auth.Actor, e topicEntry, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		in := TopicEntry{ID: e.ID, OrgID: e.OrgID, Title: e.Title, Category: e.Category, Summary: e.Summary, Material: e.Material, LengthMin: e.LengthMin, Audiences: e.Audiences, Teams: e.Teams, Publish: e.Publish}
		if e.Other != "" {
			in.Category = e.Other
		}
		_, err := s.SaveTopic(ctx, a, in)
		if err == nil {
			return httpapi.SeeOther("/lectures/topics", "lecture.done.topic", nil), nil
		}
		var again bool
		if bad, again = shownAgain(err); !again {
			return httpapi.Answer{}, err
		}
	}
	page, err := s.topicShown(ctx, a, e, bad)
	return httpapi.Show(page), err
}
