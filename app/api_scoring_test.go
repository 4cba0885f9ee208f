package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"youyue/app/apitest"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/scoring"

	"github.com/stretchr/testify/require"
)

// scored is a round of three by hand with a panel of three, whose marks are taken.
type scored struct {
	round  scoring.Round
	staff  auth.Actor
	tokens []string
	judges []int64
}

func underScoring(t *testing.T, w *apitest.World) scored {
	t.Helper()
	ctx := t.Context()
	s := scored{staff: auth.Actor{AccountID: 1, Login: "scheduler", Grants: []auth.Grant{{Role: auth.Scheduler, OrgID: 1, Path: "/1/"}}}}
	var err error
	s.round, err = w.App.Scoring.Register(ctx, s.staff, scoring.Registration{OrgID: 1, Name: "锣鼓大赛", Title: "决赛", StartsAt: w.Clock.Instant().Add(12 * time.Hour), Lines: "甲队，春潮\n乙队\n丙队"})
	require.NoError(t, err)
	rule := scoring.UsualRule("办法")
	rule.Keep = 1
	v, err := w.App.Scoring.SaveRule(ctx, s.staff, s.round.ContestID, scoring.FormatRule(rule))
	require.NoError(t, err)
	require.NoError(t, w.App.Scoring.SetUp(ctx, s.staff, s.round.ID, v.ID, 300))
	for i := range 3 {
		in := scoring.Invitation{Name: "评委" + itoa(int64(i+1)), Chief: i == 0}
		if i == 2 {
			in.Login = "judge"
		}
		link, err := w.App.Scoring.Invite(ctx, s.staff, s.round.ID, in)
		require.NoError(t, err)
		s.tokens, s.judges = append(s.tokens, link.Token), append(s.judges, link.ID)
	}
	require.NoError(t, w.App.Scoring.Open(ctx, s.staff, s.round.ID))
	return s
}

func (s scored) path(more string) string {
	return "/api/v1/contests/" + itoa(s.round.ContestID) + more
}

func (s scored) marks(entry, points int) m {
	return m{"round_id": s.round.ID, "entry_id": entry, "marks": m{"skill": points, "spirit": points, "form": points}}
}

func TestJudgesScoreByTheirToken(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	s := underScoring(t, w)
	put := func(token string, body m) *apitest.Answer {
		return w.As("").With("Authorization", "Bearer "+token).Do(http.MethodPut, s.path("/scores"), body)
	}
	require.Contains(t, put(s.tokens[1], s.marks(1, 905)).Want(http.StatusOK).Body, `"total":"9.05"`)
	require.Contains(t, put(s.tokens[1], s.marks(1, 905)).Want(http.StatusOK).Body, `"outcome":"same"`)
	require.Contains(t, put(s.tokens[1], s.marks(1, 900)).Refused(http.StatusConflict, "scoring.sent").Body, `"skill":905`)
	put(s.tokens[1], s.marks(9, 900)).Refused(http.StatusUnprocessableEntity, "scoring.foreign_entry")
	put("yj_unknown", s.marks(1, 900)).Refused(http.StatusUnauthorized, "bad_token")
	w.As("judge").Do(http.MethodPut, s.path("/scores"), s.marks(1, 900)).Want(http.StatusOK) // by the invited account
	w.As("scheduler").Do(http.MethodPut, s.path("/scores"), s.marks(1, 900)).Refused(http.StatusForbidden, "forbidden")
	w.As("").With("Authorization", "Bearer "+s.tokens[1]).Get("/api/v1/bookings").Refused(http.StatusUnauthorized, "sign_in")

	link, err := w.App.Scoring.Relink(t.Context(), s.staff, s.round.ID, s.judges[1])
	require.NoError(t, err)
	put(s.tokens[1], s.marks(2, 900)).Refused(http.StatusUnauthorized, "bad_token")
	put(link.Token, s.marks(2, 900)).Want(http.StatusOK)
}

// Whatever a reader asks for before the release, no mark and no place is in it,
// but for those whose role it is.
func TestNobodySeesAValueBeforeItsRelease(t *testing.T) {
	t.Parallel()
	w := apitest.New(t, db.SQLite)
	s := underScoring(t, w)
	for e := 1; e <= 3; e++ {
		for i, token := range s.tokens {
			w.As("").With("Authorization", "Bearer "+token).Do(http.MethodPut, s.path("/scores"), s.marks(e, 815+10*e+5*i)).Want(http.StatusOK)
		}
	}
	round := "/rounds/" + itoa(s.round.ID)
	values := []string{"8.25", "8.30", "8.35", "8.40", "8.45", "8.50", "8.55", `"skill"`}
	for _, state := range []string{"scoring", "frozen"} {
		if state == "frozen" {
			require.NoError(t, w.App.Scoring.Freeze(t.Context(), s.staff, s.round.ID))
		}
		for _, who := range cast {
			for _, path := range []string{s.path("/results"), "/api/v1/rounds/" + itoa(s.round.ID) + "/board"} {
				a := w.As(who.login).Get(path).Want(http.StatusOK)
				require.Contains(t, a.Body, `"scored":3,"judges":3`)
				free(t, a.Body, values, who.login+" "+path)
			}
			for _, page := range []string{"", "/stage", "/print", "/result.xlsx", "/certificates", "/desk", "/paper", "/sheets", "/protest"} {
				a := w.Browser(who.login).Get(round + page)
				if holds(who.roles, auth.ContestValues) && page == "/desk" {
					require.Contains(t, a.Want(http.StatusOK).Body, "8.25", who.login)
					continue
				}
				free(t, a.Body, values, who.login+" "+page)
			}
		}
	}
	require.NoError(t, w.App.Scoring.Release(t.Context(), s.staff, s.round.ID, scoring.PaceNext))
	a := w.As("").Get(s.path("/results")).Want(http.StatusOK)
	require.Contains(t, a.Body, `"place":3`)
	require.NotContains(t, a.Body, `"place":2`)
	require.NoError(t, w.App.Scoring.Release(t.Context(), s.staff, s.round.ID, scoring.PaceAll))
	require.Contains(t, w.As("").Get(s.path("/results")).Want(http.StatusOK).Body, `"place":1`)
	for _, page := range []string{"", "/stage", "/print", "/result.xlsx"} {
		w.Browser("").Get(round + page).Want(http.StatusOK)
	}
	w.Clock.Advance(24 * time.Hour)
	n, err := w.App.Scoring.FinishDue(t.Context(), w.Clock.Instant())
	require.NoError(t, err)
	require.Equal(t, 1, n)
	awards, err := w.App.Scoring.Awards(t.Context(), s.round.ID)
	require.NoError(t, err)
	require.Contains(t, w.Browser("").Get("/certificates?number="+strings.ToLower(awards[0].Number)).Want(http.StatusOK).Body, "证书是真的")
	require.Contains(t, w.Browser("").Get("/certificates/"+awards[0].Number+"/print").Want(http.StatusOK).Body, awards[0].Number)
	require.Contains(t, w.Browser("").Get("/certificates?number=2026-1").Want(http.StatusOK).Body, "没有这个编号")
}

func free(t *testing.T, body string, values []string, where string) {
	t.Helper()
	for _, v := range values {
		require.NotContains(t, body, v, where)
	}
}

func holds(roles []auth.Role, p auth.Permission) bool {
	for _, r := range roles {
		if r.Has(p) {
			return true
		}
	}
	return false
}
