package scoring_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/db/dbtest"
	"youyue/app/draw"
	"youyue/app/live"
	"youyue/app/scoring"
	"youyue/app/secret"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// world is a round of four teams with a panel of seven, of whom the first is chief.
type world struct {
	*bookingtest.World
	Scoring *scoring.Service
	Clock   *dbtest.Clock
	Round   int64
	Contest int64
	Rule    models.ScoringRule
	Entries []int64
	Leaders []auth.Actor
	Judges  []auth.Actor
	Links   []scoring.Invited
	Auditor auth.Actor
	Second  auth.Actor // a clerk who enters paper
}

func each(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) { fn(t, build(t, d, clock)) })
}

// one is each on the embedded engine alone, for what no engine decides.
func one(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	clock := dbtest.NewClock()
	fn(t, build(t, dbtest.Open(t, db.SQLite, clock), clock))
}

func build(t *testing.T, d *db.DB, clock *dbtest.Clock) *world {
	t.Helper()
	w := &world{World: bookingtest.New(t, d, booking.Options{}), Clock: clock}
	box, err := secret.New(bytes.Repeat([]byte{7}, 32))
	require.NoError(t, err)
	hub := live.New(live.Config{Wire: d})
	t.Cleanup(hub.Close)
	w.Scoring = scoring.New(scoring.Config{DB: d, Notices: w.Notices, Live: hub, Draws: draw.New(draw.Config{DB: d, Sealer: box, Zone: time.UTC}), BaseURL: "https://example.org", Zone: time.UTC})
	w.Auditor, w.Second = w.with(t, auth.Auditor), w.with(t, auth.Clerk)
	w.contest(t)
	w.Rule = scoring.UsualRule("锣鼓大赛评分办法")
	w.Rule.Low, w.Rule.Step = 0, 1
	w.Rule.Criteria = []models.Criterion{{Code: "all", Name: "总分", Weight: 1}}
	w.Rule.Ties = []string{models.TieChief, models.TieJoint}
	v, err := w.Scoring.SaveRule(t.Context(), w.Staff, w.Contest, scoring.FormatRule(w.Rule))
	require.NoError(t, err)
	require.NoError(t, w.Scoring.SetUp(t.Context(), w.Staff, w.Round, v.ID, 300))
	for i := range 7 {
		w.invite(t, scoring.Invitation{Name: fmt.Sprintf("评委%d", i+1), Chief: i == 0})
	}
	return w
}

func (w *world) invite(t *testing.T, in scoring.Invitation) {
	t.Helper()
	link, err := w.Scoring.Invite(t.Context(), w.Staff, w.Round, in)
	require.NoError(t, err)
	a, ok, err := w.Scoring.Bearer(t.Context(), link.Token)
	require.NoError(t, err)
	require.True(t, ok)
	w.Judges, w.Links = append(w.Judges, a), append(w.Links, link)
}

func (w *world) with(t *testing.T, r auth.Role) auth.Actor {
	t.Helper()
	a := w.Account(t)
	a.Grants = []auth.Grant{w.Grant(t, a, r, w.Centre)}
	return a
}

func (w *world) open(t *testing.T) {
	t.Helper()
	require.NoError(t, w.Scoring.Open(t.Context(), w.Staff, w.Round))
}

// put sends a mark of one judge, both counted from 0.
func (w *world) put(judge, entry, points int) (models.Score, scoring.Outcome, error) {
	return w.Scoring.Put(w.ctx(), w.Judges[judge], scoring.Sent{RoundID: w.Round, EntryID: w.Entries[entry], Marks: models.MarkSheet{"all": points}})
}

var golden = [][]int{
	{946, 946, 982, 920, 893, 959, 900},
	{882, 983, 890, 937, 996, 892, 977},
	{932, 920, 955, 958, 925, 884, 959},
	{897, 931, 906, 964, 974, 968, 904},
}

// score has every judge give the golden marks.
func (w *world) score(t *testing.T) {
	t.Helper()
	for e, row := range golden {
		for j, points := range row {
			_, _, err := w.put(j, e, points)
			require.NoError(t, err)
		}
	}
}

func (w *world) freeze(t *testing.T) {
	t.Helper()
	w.open(t)
	w.score(t)
	require.NoError(t, w.Scoring.Freeze(t.Context(), w.Staff, w.Round))
}

func (w *world) provisional(t *testing.T) {
	t.Helper()
	w.freeze(t)
	require.NoError(t, w.Scoring.Release(t.Context(), w.Staff, w.Round, scoring.PaceAll))
}

func (w *world) board(t *testing.T) scoring.Board {
	t.Helper()
	b, err := w.Scoring.Board(t.Context(), w.Round)
	require.NoError(t, err)
	return b
}

// order are the entries of the public result, counted from 0, the best first.
func (w *world) order(t *testing.T) (out []int) {
	t.Helper()
	for _, l := range w.board(t).Lines {
		for i, e := range w.Entries {
			if e == l.EntryID {
				out = append(out, i)
			}
		}
	}
	return out
}

// contest hands a round of four teams over, each with a leader of its own; all
// come from the station.
func (w *world) contest(t *testing.T) {
	t.Helper()
	w.Contest, w.Round = 3, 5
	var line []scoring.Act
	for i, name := range []string{"甲队", "乙队", "丙队", "丁队"} {
		l := w.Account(t)
		w.Leaders, w.Entries = append(w.Leaders, l), append(w.Entries, int64(11+i))
		line = append(line, scoring.Act{EntryID: int64(11 + i), Number: i + 1, Team: name, Piece: "威风锣鼓", Place: w.Station.Name, OrgID: w.Station.ID, LeaderID: l.AccountID, Limit: 300})
	}
	w.Write(t, func(tx *db.Tx) error {
		return w.Scoring.Hand(tx, scoring.Round{ID: w.Round, ContestID: w.Contest, Contest: "锣鼓大赛", Title: "决赛", OrgID: w.Centre.ID, StartsAt: tx.Now()}, line)
	})
}

func (w *world) ctx() context.Context { return context.Background() }
