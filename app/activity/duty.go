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
		if strangers, err := unknownMates(tx, accounts); err != nil {
			return err
		} else if strangers > 0 {
			return errs.FieldFault("accounts", "unknown")
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

// addresses are where visits at home go, by sign-up: of each its giver reads it at any
// time, who goes there on the day, and nobody else. One query, however many there are.
func (s *Service) addresses(tx *db.Tx, a auth.Actor, rows ...SignupRow) (map[string]string, error) {
	today, err := goesOn(tx, a.AccountID, models.DayOf(tx.Now(), s.Zone), s.Zone)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, r := range rows {
		if r.AddressEnc == "" || !r.mine(a) && !slices.Contains(today, r.EventID) {
			continue
		}
		if out[r.UID], err = s.Sealer.Open(r.AddressEnc); err != nil {
			return nil, err
		}
	}
	return out, nil
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
		sessions := make([]int64, len(rows))
		for i, r := range rows {
			sessions[i] = r.SessionID
		}
		names, err := dutyNames(tx, sessions)
		if err != nil {
			return err
		}
		homes, err := s.addresses(tx, a, rows...)
		if err != nil {
			return err
		}
		for _, r := range rows {
			x := Visit{SignupRow: r, Address: homes[r.UID]}
			for _, d := range names {
				if d.SessionID == r.SessionID && d.AccountID != a.AccountID {
					x.With = append(x.With, d.Name)
				}
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
