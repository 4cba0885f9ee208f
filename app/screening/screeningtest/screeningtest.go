// Package screeningtest builds what tests of the cinema hall need: the district of
// bookingtest, the screening feature, a film and three who act.
package screeningtest

import (
	"testing"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/booking/bookingtest"
	"youyue/app/db"
	"youyue/app/live"
	"youyue/app/screening"
	"youyue/app/secret"
	"youyue/app/venue"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// Zone is the one in which the halls stand.
var Zone = time.FixedZone("CST", 8*3600)

// Stage is a world with the screening feature, a film and three who act.
type Stage struct {
	*bookingtest.World
	Shows     *screening.Service
	Live      *live.Hub
	Film      models.Film
	Scheduler auth.Actor
	Secretary auth.Actor // of the branch
	Rival     auth.Actor // of another one

	start models.Instant
}

// New builds it.
func New(t *testing.T, d *db.DB) *Stage {
	t.Helper()
	w := bookingtest.New(t, d, booking.Options{})
	box, err := secret.New([]byte("0123456789abcdef0123456789abcdef"))
	require.NoError(t, err)
	hub := live.New(live.Config{Wire: d})
	t.Cleanup(hub.Close)
	s := &Stage{World: w, Live: hub, start: d.Now(), Shows: screening.New(screening.Config{DB: d, Kernel: w.Kernel, Notices: w.Notices,
		Signer: box, Live: hub, BaseURL: "http://youyue.test", Zone: Zone})}
	people := w.Accounts(t, 3)
	give := func(a auth.Actor, r auth.Role, o models.Org) auth.Actor {
		a.Grants = append(a.Grants, w.Grant(t, a, r, o))
		return a
	}
	s.Scheduler = give(people[0], auth.Scheduler, w.Centre)
	s.Secretary = give(people[1], auth.Branch, w.Branch)
	s.Rival = give(people[2], auth.Branch, s.AddBranch(t))
	s.Film, err = s.Shows.SaveFilm(t.Context(), s.Scheduler, 0, screening.FilmEntry{Title: "1921", RuntimeMin: 137,
		LicenceFrom: s.At(0), LicenceTo: s.At(90 * 24)})
	require.NoError(t, err)
	return s
}

// AddBranch adds the second party branch, once.
func (s *Stage) AddBranch(t *testing.T) models.Org {
	t.Helper()
	o := models.Org{ParentID: &s.Station.ID, Path: s.Station.Path + "x/", Code: "rival", Name: "第二党支部", Kind: models.OrgBranch}
	s.Write(t, func(tx *db.Tx) error {
		o.CreatedAt = tx.Now()
		return tx.Insert(&o)
	})
	return o
}

// At is so many hours after the test began, by the clock of its database.
func (s *Stage) At(hours int) models.Instant { return s.start.Add(time.Duration(hours) * time.Hour) }

// Wish is a branch's wish for the whole hall.
func (s *Stage) Wish(start models.Instant) screening.HallWish {
	return screening.HallWish{FilmID: s.Film.ID, StartsAt: start, Headcount: 40, Purpose: "主题党日", Oath: true}
}

// Ask asks for the whole hall.
func (s *Stage) Ask(t *testing.T, a auth.Actor, start models.Instant) screening.RequestView {
	t.Helper()
	v, err := s.Shows.AskHall(t.Context(), a, s.Wish(start))
	require.NoError(t, err)
	return v
}

// Cinema makes the hall one of a cinema that releases hours, and returns its operator.
func (s *Stage) Cinema(t *testing.T, confirm models.ConfirmOrder) auth.Actor {
	t.Helper()
	op := s.Operator(t)
	s.Write(t, func(tx *db.Tx) error {
		return venue.SetRules(tx, s.Hall.ID, venue.Rules{Hours: venue.OnlyReleased, Confirm: confirm})
	})
	return op
}

// Operator is somebody of the hall's cinema.
func (s *Stage) Operator(t *testing.T) auth.Actor {
	t.Helper()
	op := s.Account(t)
	op.Grants = []auth.Grant{s.Grant(t, op, auth.Cinema, s.Centre)}
	return op
}

// Release releases the hall from one hour after the test began to another.
func (s *Stage) Release(t *testing.T, from, until int) {
	t.Helper()
	s.Write(t, func(tx *db.Tx) error {
		_, err := venue.AddRelease(tx, models.HallRelease{HallID: s.Hall.ID, StartsAt: s.At(from), EndsAt: s.At(until), CreatedBy: s.Staff.AccountID})
		return err
	})
}

// MustKeepHours fails when something to come lies outside released hours.
func (s *Stage) MustKeepHours(t *testing.T) {
	t.Helper()
	breaches, err := s.Shows.SweepHours(t.Context())
	require.NoError(t, err)
	require.Empty(t, breaches)
}
