package lecture

import (
	"cmp"
	"context"
	"strings"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

type foundIn struct {
	Name     string                 `form:"name" validate:"required,plain,max=40"`
	Kind     models.LectureTeamKind `form:"kind" validate:"required,oneof=lecture volunteer"`
	Category string                 `form:"category" validate:"omitempty,plain,max=20"`
	Other    string                 `form:"other" validate:"omitempty,plain,max=20"`
	Parent   int64                  `form:"parent_id"`
	Leader   string                 `form:"leader" validate:"omitempty,plain,max=40"`
	Phone    string                 `form:"phone" validate:"max=30"`
}

type foundData struct {
	Form       web.Form
	Kinds      web.Choices
	Categories []checkbox
	Parents    []Named
	Parent     int64
}

func (s *Service) foundPage(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
	return s.foundShown(ctx, a, foundIn{Kind: models.TeamVolunteer, Category: models.LectureCategories()[0]}, nil)
}

func (s *Service) foundShown(ctx context.Context, a auth.Actor, in foundIn, bad *errs.Error) (web.Page, error) {
	w := s.words(ctx)
	d := foundData{Parent: in.Parent, Categories: w.categories(in.Category), Form: web.Form{Errors: httpapi.Faults(ctx, bad, teamLabels), Values: map[string]string{
		"name": in.Name, "other": in.Other, "leader": in.Leader, "phone": in.Phone}}}
	d.Kinds = web.Choices{Name: "kind", Legend: w.T("lecture.f.kind"), Value: string(in.Kind)}
	for _, k := range []models.LectureTeamKind{models.TeamLecture, models.TeamVolunteer} {
		d.Kinds.Options = append(d.Kinds.Options, web.Choice{Value: string(k), Label: w.T("lecture.kind." + string(k))})
	}
	var err error
	d.Parents, err = s.publishers(ctx, a)
	p := web.Page{Template: "lecture/found", Title: "lecture.team_new", Styles: []string{"lecture"}, Layout: web.LayoutStaff, Data: &d}
	if bad != nil {
		p.Status = bad.Kind.Status()
	}
	return p, err
}

// usualHours are those of a new team, until somebody says otherwise: evenings and
// weekends too.
func usualHours() (out []models.LectureTeamHours) {
	for day := 1; day <= 7; day++ {
		out = append(out, models.LectureTeamHours{Day: day, Opens: 9 * 60, Closes: 20 * 60})
	}
	return out
}

func (s *Service) foundForm(ctx context.Context, a auth.Actor, in foundIn, bad *errs.Error) (httpapi.Answer, error) {
	var err error = bad
	if bad == nil {
		e := TeamEntry{Name: in.Name, ParentID: in.Parent, Kind: in.Kind, Category: cmp.Or(strings.TrimSpace(in.Other), in.Category), TravelMin: 30, Hours: usualHours()}
		var lead *MemberEntry
		if in.Leader != "" {
			lead = &MemberEntry{in.Leader, in.Phone, true}
		}
		var t Team
		if t, err = s.FoundTeam(ctx, a, e, lead); err == nil {
			return httpapi.SeeOther(teamPath(t.ID), "lecture.done.found", nil), nil
		}
	}
	bad, again := shownAgain(err)
	if !again {
		return httpapi.Answer{}, err
	}
	page, err := s.foundShown(ctx, a, in, bad)
	return httpapi.Show(page), err
}
