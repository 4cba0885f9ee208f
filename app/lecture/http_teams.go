package lecture

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/models"
)

type hoursIn struct {
	Day    int `json:"day" validate:"min=1,max=7"` // 1 Monday … 7 Sunday
	Opens  int `json:"opens" validate:"min=0,max=1439"`
	Closes int `json:"closes" validate:"min=1,max=1440,gtfield=Opens"`
}

// teamDetailsIn is what may be changed about a team.
type teamDetailsIn struct {
	Category  string                   `json:"category" validate:"omitempty,plain,max=20"` // one of the standing ones, or a word of its own
	Intro     string                   `json:"intro" validate:"max=500"`
	Audiences []models.LectureAudience `json:"audiences" validate:"dive,oneof=old young party resident worker"`
	AreaID    *int64                   `json:"area_id"`
	TravelMin int                      `json:"travel_min" validate:"min=0,max=240"`
	PerWeek   int                      `json:"per_week" validate:"min=0,max=50"` // 0: no limit
	Hours     []hoursIn                `json:"hours" validate:"max=28,dive"`
	TopicIDs  []int64                  `json:"topic_ids" validate:"max=500"`
}

func (in teamDetailsIn) entry() TeamEntry {
	e := TeamEntry{Category: in.Category, Intro: in.Intro, Audiences: in.Audiences, AreaID: in.AreaID, TravelMin: in.TravelMin, PerWeek: in.PerWeek, Topics: in.TopicIDs}
	for _, h := range in.Hours {
		e.Hours = append(e.Hours, models.LectureTeamHours{Day: h.Day, Opens: h.Opens, Closes: h.Closes})
	}
	return e
}

type foundTeamIn struct {
	teamDetailsIn
	Name     string                 `json:"name" validate:"required,plain,max=40"`
	Kind     models.LectureTeamKind `json:"kind" validate:"required,oneof=lecture volunteer"`
	ParentID int64                  `json:"parent_id" validate:"required"`
	Leader   *memberBody            `json:"leader"`
}

type changeTeamIn struct {
	pathTeam
	teamDetailsIn
}

type memberBody struct {
	Name  string `json:"name" validate:"required,plain,max=40"`
	Phone string `json:"phone" validate:"max=30"`
	Leads bool   `json:"leads"`
}

type addMemberIn struct {
	pathTeam
	memberBody
}

type pathMember struct {
	pathTeam
	Member int64 `path:"member" json:"-"`
}

type daysOffIn struct {
	pathTeam
	From   string `json:"from" validate:"required,datetime=2006-01-02"`
	Until  string `json:"until" validate:"required,datetime=2006-01-02"`
	Reason string `json:"reason" validate:"max=100"`
}

// daysOffView says how many sessions stand on days that were just taken off.
type daysOffView struct {
	Sessions int `json:"sessions"`
}

type memberView struct {
	ID      int64  `json:"id"`
	Name    string `json:"name"`
	Leads   bool   `json:"leads"`
	Account bool   `json:"account"`
}

type membersView struct {
	Items []memberView `json:"items"`
}

func viewMembers(t Team) membersView {
	out := membersView{Items: []memberView{}}
	for _, m := range t.Members {
		out.Items = append(out.Items, memberView{m.ID, m.Name, m.Leads, m.AccountID != nil})
	}
	return out
}

// keeperRoutes are for those who keep teams.
func (s *Service) keeperRoutes(r *httpapi.Router, tag string) {
	httpapi.API(r, http.MethodPost, "/api/v1/teams", auth.LectureMenu,
		httpapi.Op{Summary: "Found a team under an organisation; offers go to its leader by text message", Tag: tag, Status: http.StatusCreated},
		func(ctx context.Context, a auth.Actor, in foundTeamIn) (teamView, error) {
			e := in.entry()
			e.Name, e.Kind, e.ParentID = in.Name, in.Kind, in.ParentID
			var leader *MemberEntry
			if in.Leader != nil {
				leader = &MemberEntry{in.Leader.Name, in.Leader.Phone, true}
			}
			t, err := s.FoundTeam(ctx, a, e, leader)
			return viewTeam(t), err
		})
	httpapi.API(r, http.MethodPut, "/api/v1/teams/:id", auth.SignedIn,
		httpapi.Op{Summary: "Change what is known of a team, by its leader or by who keeps the menu; topics and category by the latter alone", Tag: tag},
		func(ctx context.Context, a auth.Actor, in changeTeamIn) (teamView, error) {
			t, err := s.ChangeTeam(ctx, a, in.ID, in.entry())
			return viewTeam(t), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/teams/:id/days-off", auth.SignedIn,
		httpapi.Op{Summary: "Days on which a team does not come; the answer counts the sessions that stand on them", Tag: tag, Status: http.StatusCreated},
		func(ctx context.Context, a auth.Actor, in daysOffIn) (daysOffView, error) {
			from, _ := models.ParseDay(in.From) // held to its form by then
			until, _ := models.ParseDay(in.Until)
			n, err := s.TakeOff(ctx, a, in.ID, from, until, in.Reason)
			return daysOffView{n}, err
		})
	httpapi.API(r, http.MethodGet, "/api/v1/teams/:id/members", auth.SignedIn,
		httpapi.Op{Summary: "Who is in a team, for those who keep it", Tag: tag},
		func(ctx context.Context, a auth.Actor, in pathTeam) (membersView, error) {
			t, err := s.Team(ctx, in.ID)
			if err == nil && !t.Kept(a) {
				err = errs.ErrNotFound
			}
			return viewMembers(t), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/teams/:id/members", auth.SignedIn,
		httpapi.Op{Summary: "Add somebody to a team; who leads is told for it, by account or by text message", Tag: tag, Status: http.StatusCreated},
		func(ctx context.Context, a auth.Actor, in addMemberIn) (membersView, error) {
			t, err := s.AddMember(ctx, a, in.ID, MemberEntry{in.Name, in.Phone, in.Leads})
			return viewMembers(t), err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/teams/:id/members/:member/remove", auth.SignedIn,
		httpapi.Op{Summary: "Let somebody leave a team", Tag: tag, Status: http.StatusNoContent},
		func(ctx context.Context, a auth.Actor, in pathMember) (httpapi.None, error) {
			_, err := s.RemoveMember(ctx, a, in.ID, in.Member)
			return httpapi.None{}, err
		})
	httpapi.API(r, http.MethodPost, "/api/v1/teams/:id/retire", auth.LectureMenu,
		httpapi.Op{Summary: "Take a team off the list of those that can be ordered", Tag: tag, Status: http.StatusNoContent, Errors: []*errs.Error{ErrTeamBusy}},
		func(ctx context.Context, a auth.Actor, in pathTeam) (httpapi.None, error) {
			return httpapi.None{}, s.Retire(ctx, a, in.ID)
		})
}
