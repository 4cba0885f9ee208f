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

type teamCard struct {
	Href, Name, Line, Intro string
}

type teamGroup struct {
	Title string
	Teams []teamCard
}

type teamsData struct{ Groups []teamGroup }

// teamsPage shows who can be ordered, lecture teams first, by name: no order of merit.
func (s *Service) teamsPage(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
	w := s.words(ctx)
	var d teamsData
	for _, kind := range []models.LectureTeamKind{models.TeamLecture, models.TeamVolunteer} {
		all, err := s.Teams(ctx, TeamFilter{Kind: kind})
		if err != nil {
			return web.Page{}, err
		}
		g := teamGroup{Title: w.t("lecture.kind." + string(kind))}
		for _, t := range all {
			c := teamCard{Name: t.Name, Intro: t.Intro, Line: w.t("lecture.team_line", "category", w.word("lecture.category", t.Category), "who", w.audiences(t.Audiences))}
			if t.Kept(a) {
				c.Href = "/lectures/teams/" + itoa(t.ID)
			}
			g.Teams = append(g.Teams, c)
		}
		d.Groups = append(d.Groups, g)
	}
	return web.Page{Template: "lecture/teams", Title: "lecture.teams", Styles: []string{"lecture"}, Data: &d}, nil
}

type pathTeam struct {
	ID int64 `path:"id"`
}

// dayRow is one weekday of a team's hours: two times to be had.
type dayRow struct {
	Day         int
	Name        string
	From, Until string
}

type offRow struct {
	ID   int64
	Text string
}

type teamData struct {
	Team      Team
	Form      web.Form
	Days      []dayRow
	Off       []offRow
	Audiences []checkbox
	Areas     []Named
	Area      int64
	Score     string
	Back      web.Link
	Refusal   string
}

type checkbox struct {
	Value, Label string
	Checked      bool
}

func (w words) boxes(a models.LectureAudiences) []checkbox {
	var out []checkbox
	for _, x := range models.LectureAudienceList() {
		out = append(out, checkbox{string(x), w.t("lecture.audience." + string(x)), a != "" && a.Has(x)})
	}
	return out
}

func (s *Service) teamPage(ctx context.Context, a auth.Actor, in pathTeam) (web.Page, error) {
	return s.teamShown(ctx, a, in.ID, nil)
}

func (s *Service) teamShown(ctx context.Context, a auth.Actor, id int64, bad *errs.Error) (web.Page, error) {
	w := s.words(ctx)
	t, err := s.Team(ctx, id)
	switch {
	case err != nil:
		return web.Page{}, err
	case !t.Kept(a):
		return web.Page{}, errs.ErrNotFound
	}
	d := teamData{Team: t, Audiences: w.boxes(t.Audiences), Back: web.Link{Href: "/lectures/teams", Text: w.t("lecture.teams")}, Form: web.Form{Values: map[string]string{
		"intro": t.Intro, "travel_min": fmt.Sprint(t.TravelMin), "per_week": fmt.Sprint(t.PerWeek), "category": w.word("lecture.category", t.Category)}, Errors: httpapi.Faults(ctx, bad, nil)}}
	if t.AreaID != nil {
		d.Area = *t.AreaID
	}
	for day := 1; day <= 7; day++ {
		row := dayRow{Day: day, Name: w.t(fmt.Sprintf("lecture.weekday.%d", day))}
		for _, h := range t.Hours {
			if h.Day == day {
				row.From, row.Until = hour(h.Opens), hour(h.Closes)
			}
		}
		d.Days = append(d.Days, row)
	}
	for _, o := range t.Off {
		d.Off = append(d.Off, offRow{o.ID, w.t("lecture.off_row", "from", w.day(o.FromDay), "until", w.day(o.UntilDay), "reason", o.Reason)})
	}
	if d.Areas, err = s.areas(ctx); err != nil {
		return web.Page{}, err
	}
	score, err := s.TeamScore(ctx, id)
	d.Score = w.score(score)
	p := web.Page{Template: "lecture/team", Title: "lecture.team_title", TitleArgs: map[string]any{"team": t.Name}, Styles: []string{"lecture"}, Data: &d}
	if bad != nil {
		p.Status = bad.Kind.Status()
	}
	return p, err
}

// score says what ratings came to, with how many answered; too few say nothing.
func (w words) score(x models.LectureScore) string {
	if !x.Known {
		return w.t("lecture.score_few", "n", x.Rated, "of", x.Asked, "least", models.MinLectureAnswers)
	}
	return w.t("lecture.score", "avg", fmt.Sprintf("%.1f", x.Average), "n", x.Rated, "of", x.Asked, "percent", x.Percent())
}

type teamEntryIn struct {
	pathTeam
	Intro     string                   `form:"intro" validate:"max=500"`
	TravelMin int                      `form:"travel_min" validate:"min=0,max=240"`
	PerWeek   int                      `form:"per_week" validate:"min=0,max=50"`
	Audiences []models.LectureAudience `form:"audiences" validate:"dive,oneof=old young party resident worker"`
	Area      int64                    `form:"area"`
	From1     string                   `form:"from1"`
	From2     string                   `form:"from2"`
	From3     string                   `form:"from3"`
	From4     string                   `form:"from4"`
	From5     string                   `form:"from5"`
	From6     string                   `form:"from6"`
	From7     string                   `form:"from7"`
	Until1    string                   `form:"until1"`
	Until2    string                   `form:"until2"`
	Until3    string                   `form:"until3"`
	Until4    string                   `form:"until4"`
	Until5    string                   `form:"until5"`
	Until6    string                   `form:"until6"`
	Until7    string                   `form:"until7"`
}

// hours reads the seven rows; a row that is empty is no day of the team's.
func (in teamEntryIn) hours() (out []models.LectureTeamHours, ok bool) {
	from := []string{in.From1, in.From2, in.From3, in.From4, in.From5, in.From6, in.From7}
	until := []string{in.Until1, in.Until2, in.Until3, in.Until4, in.Until5, in.Until6, in.Until7}
	for i := range from {
		if from[i] == "" && until[i] == "" {
			continue
		}
		opens, ok1 := parseHour(from[i])
		closes, ok2 := parseHour(until[i])
		if !ok1 || !ok2 || closes <= opens {
			return nil, false
		}
		out = append(out, models.LectureTeamHours{Day: i + 1, Opens: opens, Closes: closes})
	}
	return out, true
}

func (s *Service) teamForm(ctx context.Context, a auth.Actor, in teamEntryIn, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		e := TeamEntry{Intro: in.Intro, TravelMin: in.TravelMin, PerWeek: in.PerWeek, Audiences: in.Audiences}
		if in.Area != 0 {
			e.AreaID = &in.Area
		}
		var ok bool
		if e.Hours, ok = in.hours(); !ok {
			bad = errs.FieldFault("hours", "lecture_hours")
		} else {
			_, err := s.ChangeTeam(ctx, a, in.ID, e)
			if err == nil {
				return httpapi.SeeOther("/lectures/teams/"+itoa(in.ID), "lecture.done.team", nil), nil
			}
			var again bool
			if bad, again = shownAgain(err); !again {
				return httpapi.Answer{}, err
			}
		}
	}
	page, err := s.teamShown(ctx, a, in.ID, bad)
	return httpapi.Show(page), err
}

type offIn struct {
	pathTeam
	From   string `form:"from_day"`
	Until  string `form:"until_day"`
	Reason string `form:"off_reason" validate:"max=100"`
}

func (s *Service) offForm(ctx context.Context, a auth.Actor, in offIn, bad *errs.Error) (httpapi.Answer, error) {
	from, err1 := models.ParseDay(in.From)
	until, err2 := models.ParseDay(in.Until)
	if bad == nil && (err1 != nil || err2 != nil) {
		bad = errs.FieldFault("until_day", "type")
	}
	if bad == nil {
		n, err := s.TakeOff(ctx, a, in.ID, from, until, in.Reason)
		if err == nil {
			key := "lecture.done.off"
			if n > 0 {
				key = "lecture.done.off_sessions"
			}
			return httpapi.SeeOther("/lectures/teams/"+itoa(in.ID), key, map[string]any{"n": n}), nil
		}
		var again bool
		if bad, again = shownAgain(err); !again {
			return httpapi.Answer{}, err
		}
	}
	page, err := s.teamShown(ctx, a, in.ID, bad)
	return httpapi.Show(page), err
}

type offRemoveIn struct {
	pathTeam
	Off int64 `path:"off"`
}

func (s *Service) onForm(ctx context.Context, a auth.Actor, in offRemoveIn, bad *errs.Error) (httpapi.Answer, error) {
	if bad != nil {
		return httpapi.Answer{}, bad
	}
	return httpapi.SeeOther("/lectures/teams/"+itoa(in.ID), "lecture.done.on", nil), s.BackOn(ctx, a, in.ID, in.Off)
}

type topicsData struct {
	Rows  web.Table
	Pager web.Pager
}

func (s *Service) topicsPage(ctx context.Context, _ auth.Actor, q list.Query) (web.Page, error) {
	w := s.words(ctx)
	l, err := s.Topics(ctx, Menu{Query: q, Drafts: true})
	d := topicsData{Pager: web.Pager{Page: l.Page, Pages: max(1, (int(l.Total)+l.PerPage-1)/max(1, l.PerPage)), Path: "/lectures/topics"}}
	d.Rows = web.Table{Caption: w.t("lecture.topics"), Columns: []string{w.t("lecture.f.title"), w.t("lecture.f.category"), w.t("lecture.f.length"), w.t("lecture.f.menu_of"), w.t("lecture.f.published")}}
	for _, t := range l.Items {
		state := web.Chip{Tone: web.ToneOK, Text: w.t("lecture.published")}
		if t.PublishedAt.IsZero() {
			state = web.Chip{Tone: web.ToneOff, Text: w.t("lecture.unpublished")}
		}
		d.Rows.Rows = append(d.Rows.Rows, web.Row{Href: "/lectures/topics/" + itoa(t.ID), Cells: []web.Cell{{Text: t.Title}, {Text: w.word("lecture.category", t.Category)},
			{Text: w.t("lecture.minutes", "n", t.LengthMin)}, {Text: t.OrgName}, {Chip: &state}}})
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
	known := false
	for _, c := range models.LectureCategories() {
		d.Categories = append(d.Categories, checkbox{c, w.t("lecture.category." + c), c == e.Category})
		known = known || c == e.Category
	}
	if !known {
		d.Categories = append(d.Categories, checkbox{e.Category, e.Category, true})
	}
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
