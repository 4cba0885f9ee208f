package lecture

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

type teamCard struct {
	Href, Name, Line, Intro, Topics string
}

type teamGroup struct {
	Title string
	Teams []teamCard
}

type teamsData struct {
	Groups []teamGroup
	Adds   bool
}

// teamsPage shows who can be ordered, lecture teams first, by name: no order of merit.
func (s *Service) teamsPage(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
	w := s.words(ctx)
	d := teamsData{Adds: a.Can(auth.LectureMenu)}
	offers, err := s.offered(ctx)
	if err != nil {
		return web.Page{}, err
	}
	for _, kind := range []models.LectureTeamKind{models.TeamLecture, models.TeamVolunteer} {
		all, err := s.Teams(ctx, TeamFilter{Kind: kind})
		if err != nil {
			return web.Page{}, err
		}
		g := teamGroup{Title: w.T("lecture.kind." + string(kind))}
		for _, t := range all {
			c := teamCard{Name: t.Name, Intro: t.Intro, Line: w.T("lecture.team_line", "category", w.word("lecture.category", t.Category), "who", w.audiences(t.Audiences))}
			c.Topics = strings.Join(offers[t.ID], w.T("lecture.join"))
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
	ID int64 `path:"id" json:"-"`
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

type memberRow struct {
	ID      int64
	Name    string
	Leads   bool
	Account bool
	Reached bool // by a message
}

type teamData struct {
	Team       Team
	Form       web.Form
	Days       []dayRow
	Off        []offRow
	Members    []memberRow
	Audiences  []checkbox
	Topics     []checkbox
	Categories []checkbox
	Areas      []Named
	Area       int64
	Managed    bool
	Line       string
	Score      string
	Back       web.Link
	Refusal    string
}

func (s *Service) teamPage(ctx context.Context, a auth.Actor, in pathTeam) (web.Page, error) {
	return s.teamShown(ctx, a, in.ID, nil, nil)
}

func (s *Service) teamShown(ctx context.Context, a auth.Actor, id int64, typed map[string]string, bad *errs.Error) (web.Page, error) {
	w := s.words(ctx)
	t, err := s.Team(ctx, id)
	switch {
	case err != nil:
		return web.Page{}, err
	case !t.Kept(a):
		return web.Page{}, errs.ErrNotFound
	}
	d := teamData{Team: t, Managed: t.Managed(a), Audiences: w.boxes(t.Audiences), Categories: w.categories(t.Category),
		Line: w.T("lecture.team_line", "category", w.word("lecture.category", t.Category), "who", w.audiences(t.Audiences)),
		Back: web.Link{Href: "/lectures/teams", Text: w.T("lecture.teams")}, Form: web.Form{Values: map[string]string{
			"intro": t.Intro, "travel_min": fmt.Sprint(t.TravelMin), "per_week": fmt.Sprint(t.PerWeek)}, Errors: httpapi.Faults(ctx, bad, teamLabels)}}
	maps.Copy(d.Form.Values, typed)
	if bad != nil && len(d.Form.Errors) == 0 {
		d.Refusal = httpapi.Say(ctx, bad)
	}
	if t.AreaID != nil {
		d.Area = *t.AreaID
	}
	w.teamTime(&d, t)
	for _, m := range t.Members {
		d.Members = append(d.Members, memberRow{ID: m.ID, Name: m.Name, Leads: m.Leads, Account: m.AccountID != nil, Reached: m.AccountID != nil || m.PersonID != nil})
	}
	if d.Managed {
		menu, err := s.menuOf(ctx, t.OrgID)
		if err != nil {
			return web.Page{}, err
		}
		for _, x := range menu {
			d.Topics = append(d.Topics, checkbox{itoa(x.ID), x.Title, slices.Contains(t.Topics, x.ID)})
		}
	}
	if d.Areas, err = s.areas(ctx); err != nil {
		return web.Page{}, err
	}
	score, err := s.TeamScore(ctx, id)
	d.Score = w.score(score)
	p := web.Page{Template: "lecture/team", Title: "lecture.team_title", TitleArgs: map[string]any{"team": t.Name}, Styles: []string{"lecture"}, Data: &d}
	if d.Managed {
		p.Layout = web.LayoutStaff
	}
	if bad != nil {
		p.Status = bad.Kind.Status()
	}
	return p, err
}

// teamTime is when a team comes, and when not.
func (w words) teamTime(d *teamData, t Team) {
	for day := 1; day <= 7; day++ {
		row := dayRow{Day: day, Name: w.T(fmt.Sprintf("lecture.weekday.%d", day))}
		for _, h := range t.Hours {
			if h.Day == day {
				row.From, row.Until = hour(h.Opens), hour(h.Closes)
			}
		}
		d.Days = append(d.Days, row)
	}
	for _, o := range t.Off {
		d.Off = append(d.Off, offRow{o.ID, w.T("lecture.off_row", "from", w.day(o.FromDay), "until", w.day(o.UntilDay), "reason", o.Reason)})
	}
}

// score says what ratings came to, with how many answered; too few say nothing.
func (w words) score(x models.LectureScore) string {
	if !x.Known {
		return w.T("lecture.score_few", "n", x.Rated, "of", x.Asked, "least", models.MinLectureAnswers)
	}
	return w.T("lecture.score", "avg", fmt.Sprintf("%.1f", x.Average), "n", x.Rated, "of", x.Asked, "percent", x.Percent())
}

type teamEntryIn struct {
	pathTeam
	Intro     string                   `form:"intro" validate:"max=500"`
	TravelMin int                      `form:"travel_min" validate:"min=0,max=240"`
	PerWeek   int                      `form:"per_week" validate:"min=0,max=50"`
	Audiences []models.LectureAudience `form:"audiences" validate:"dive,oneof=old young party resident worker"`
	Area      int64                    `form:"area"`
	Category  string                   `form:"category" validate:"omitempty,plain,max=20"`
	Other     string                   `form:"other" validate:"omitempty,plain,max=20"`
	Topics    []int64                  `form:"topics" validate:"max=500"`
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
		e := TeamEntry{Intro: in.Intro, TravelMin: in.TravelMin, PerWeek: in.PerWeek, Audiences: in.Audiences, Topics: in.Topics, Category: cmp.Or(strings.TrimSpace(in.Other), in.Category)}
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
	page, err := s.teamShown(ctx, a, in.ID, nil, bad)
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
	page, err := s.teamShown(ctx, a, in.ID, nil, bad)
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

func (s *Service) retireForm(ctx context.Context, a auth.Actor, in pathTeam, bad *errs.Error) (httpapi.Answer, error) {
	if bad != nil {
		return httpapi.Answer{}, bad
	}
	err := s.Retire(ctx, a, in.ID)
	if err == nil {
		return httpapi.SeeOther("/lectures/teams", "lecture.done.retire", nil), nil
	}
	return s.teamAgain(ctx, a, in.ID, nil, err)
}

// teamAgain shows the page of a team with what was in the way.
func (s *Service) teamAgain(ctx context.Context, a auth.Actor, id int64, typed map[string]string, err error) (httpapi.Answer, error) {
	bad, again := shownAgain(err)
	if !again {
		return httpapi.Answer{}, err
	}
	page, err := s.teamShown(ctx, a, id, typed, bad)
	return httpapi.Show(page), err
}

type memberIn struct {
	pathTeam
	Name  string `form:"name" validate:"omitempty,plain,max=40"`
	Phone string `form:"phone" validate:"max=30"`
	Leads bool   `form:"leads"`
}

func (s *Service) memberForm(ctx context.Context, a auth.Actor, in memberIn, bad *errs.Error) (httpapi.Answer, error) {
	var err error = bad
	if bad == nil {
		_, err = s.AddMember(ctx, a, in.ID, MemberEntry{in.Name, in.Phone, in.Leads})
	}
	if err == nil {
		return httpapi.SeeOther(teamPath(in.ID)+"#members", "lecture.done.member", nil), nil
	}
	return s.teamAgain(ctx, a, in.ID, map[string]string{"name": in.Name, "phone": in.Phone}, err)
}

type memberRemoveIn struct {
	pathTeam
	Member int64 `path:"member"`
}

func (s *Service) memberRemoveForm(ctx context.Context, a auth.Actor, in memberRemoveIn, bad *errs.Error) (httpapi.Answer, error) {
	if bad != nil {
		return httpapi.Answer{}, bad
	}
	_, err := s.RemoveMember(ctx, a, in.ID, in.Member)
	return httpapi.SeeOther(teamPath(in.ID)+"#members", "lecture.done.member_removed", nil), err
}

func teamPath(id int64) string { return "/lectures/teams/" + itoa(id) }

// offered names what each team offers, of what is published.
func (s *Service) offered(ctx context.Context) (map[int64][]string, error) {
	var m Menu
	m.PerPage = 100
	out := map[int64][]string{}
	l, err := s.Topics(ctx, m)
	for _, t := range l.Items {
		for _, x := range t.Teams {
			out[x.ID] = append(out[x.ID], t.Title)
		}
	}
	return out, err
}

var teamLabels = map[string]string{"name": "lecture.f.name", "phone": "lecture.f.phone", "parent_id": "lecture.f.parent", "kind": "lecture.f.kind", "until_day": "lecture.f.until", "hours": "lecture.hours",
	"travel_min": "lecture.f.travel", "per_week": "lecture.f.per_week"}
