package activity

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/notify"
	"youyue/models"
)

// Nobody goes to somebody's home alone: before a visit is said yes to, two people at
// least are named who go (models.HomeTeam). They alone read the address, and only on
// the day; whoever runs the activity does not. Nothing is kept of what somebody
// suffers from.

// Mate is somebody who may go to people's homes, or does.
type Mate struct {
	ID   int64
	Name string
	Org  string
}

// Duty names who goes to the homes of a session's visits; those who are new to it are
// told. It returns ErrTwoPeople when visits stand and fewer than two would go, faults
// of "accounts", errs.ErrForbidden.
func (s *Service) Duty(ctx context.Context, a auth.Actor, session int64, accounts []int64) (v View, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		m, act, err := s.session(tx, a, session)
		if err != nil {
			return err
		}
		slices.Sort(accounts)
		accounts = slices.Compact(accounts)
		mates, err := matesOf(tx)
		if err != nil {
			return err
		}
		for _, id := range accounts {
			if !slices.ContainsFunc(mates, func(x Mate) bool { return x.ID == id }) {
				return errs.FieldFault("accounts", "unknown")
			}
		}
		if _, err := lockSession(tx, session); err != nil {
			return err
		}
		n, err := visits(tx, m.EventID)
		if err != nil {
			return err
		}
		if n > 0 && len(accounts) < act.StaffMin {
			return ErrTwoPeople.With("n", act.StaffMin)
		}
		before, err := onDuty(tx, session)
		if err != nil {
			return err
		}
		if err := setDuty(tx, session, accounts); err != nil {
			return err
		}
		if err := s.tellDuty(tx, act.Activity, m, accounts, before[session]); err != nil {
			return err
		}
		if err := s.log(tx, a, "activity.duty", act.Activity, fmt.Sprint(before[session]), fmt.Sprint(accounts), ""); err != nil {
			return err
		}
		v, err = s.view(tx, m.ActivityID)
		return err
	})
	return v, err
}

func (s *Service) tellDuty(tx *db.Tx, act models.Activity, m Meeting, accounts, before []int64) error {
	var notices []notify.Notice
	for _, id := range accounts {
		if !slices.Contains(before, id) {
			notices = append(notices, notify.Notice{Kind: notify.VisitDuty, Subject: fmt.Sprintf("session:%d", m.ID), Account: id, DueAt: tx.Now(), Important: notify.Important,
				Vars: map[string]string{"title": act.Title, "start": m.StartsAt.String(), "path": visitsPath}})
		}
	}
	return s.Notices.Enqueue(tx, notices...)
}

// accompanied holds a yes to a visit at home to two people who go. The session's row
// is locked, so that nobody is taken off meanwhile.
func accompanied(tx *db.Tx, r SignupRow) error {
	if !r.Home {
		return nil
	}
	act, err := lockSession(tx, r.SessionID)
	if err != nil {
		return err
	}
	duty, err := onDuty(tx, r.SessionID)
	if err == nil && len(duty[r.SessionID]) < act.StaffMin {
		err = ErrTwoPeople.With("n", act.StaffMin)
	}
	return err
}

// AddressOf is where a visit at home goes: for its giver at any time, for who goes there
// on the day; errs.ErrForbidden to anybody else.
func (s *Service) AddressOf(tx *db.Tx, a auth.Actor, r SignupRow) (string, error) {
	if r.AddressEnc == "" {
		return "", errs.ErrForbidden
	}
	if !r.mine(a) {
		goes, err := goesOn(tx, r.EventID, a.AccountID, models.DayOf(tx.Now(), s.Zone), s.Zone)
		if err != nil {
			return "", err
		}
		if !goes {
			return "", errs.ErrForbidden
		}
	}
	return s.Sealer.Open(r.AddressEnc)
}

// Visit is a visit at home as who goes there reads it. Address is "" before the day.
type Visit struct {
	SignupRow
	With    []string // who goes along
	Address string
}

// Visits lists the visits at home to which the actor goes, from today on.
func (s *Service) Visits(ctx context.Context, a auth.Actor) (out []Visit, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		out = nil
		rows, err := visitsOf(tx, a.AccountID, models.DayOf(tx.Now(), s.Zone).At(0, s.Zone))
		if err != nil {
			return err
		}
		names, err := dutyNames(tx)
		if err != nil {
			return err
		}
		for _, r := range rows {
			x := Visit{SignupRow: r}
			for _, d := range names {
				if d.SessionID == r.SessionID && d.AccountID != a.AccountID {
					x.With = append(x.With, d.Name)
				}
			}
			if x.Address, err = s.AddressOf(tx, a, r); err != nil && errs.As(err).Kind != errs.Forbidden {
				return err
			}
			out = append(out, x)
		}
		return nil
	})
	return out, err
}

const visitsPath = "/visits"

// together says who goes along in one line.
func (v Visit) together() string { return strings.Join(v.With, "、") }
