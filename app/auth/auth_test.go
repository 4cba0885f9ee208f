package auth_test

import (
	"testing"

	"youyue/app/auth"

	"github.com/stretchr/testify/require"
)

func TestWhatIsDistrictWideNeedsAGrantAtTheRoot(t *testing.T) {
	t.Parallel()
	at := func(path string) auth.Actor {
		return auth.Actor{AccountID: 1, Grants: []auth.Grant{{Role: auth.Admin, Path: path}}}
	}
	for _, p := range []auth.Permission{auth.JobRead, auth.JobRun, auth.FeedbackRead, auth.FeedbackWrite, auth.FilmWrite} {
		require.True(t, at("/1/").Can(p), p)
		require.False(t, at("/1/4/").Can(p), p)
		require.False(t, at("/1/4/19/").Can(p), p)
	}
	require.True(t, at("/1/4/").Can(auth.AccountWrite), "the others hold in their part")
	require.False(t, auth.Actor{Grants: at("/1/").Grants}.Can(auth.JobRead), "nobody is signed in")
}

func TestScopeIsByWholeNamesOfThePath(t *testing.T) {
	t.Parallel()
	a := auth.Actor{AccountID: 1, Grants: []auth.Grant{{Role: auth.Admin, Path: "/1/4/"}}}
	require.True(t, a.CanAt(auth.OrgWrite, "/1/4/19/"))
	require.False(t, a.CanAt(auth.OrgWrite, "/1/41/"))
	require.False(t, a.CanAt(auth.OrgWrite, "/1/"))
	require.False(t, a.Everywhere(auth.OrgWrite))
}

func TestAuditorsReadAndChangeNothing(t *testing.T) {
	t.Parallel()
	for _, p := range []auth.Permission{auth.OrgRead, auth.AccountRead, auth.AuditRead, auth.JobRead, auth.FeedbackRead} {
		require.True(t, auth.Auditor.Has(p), p)
	}
	for _, p := range []auth.Permission{auth.OrgWrite, auth.AccountWrite, auth.JobRun, auth.FeedbackWrite, auth.FilmWrite, auth.PlanWrite} {
		require.False(t, auth.Auditor.Has(p), p)
	}
}
