package activity

import (
	"context"
	"strconv"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/sheet"
	"youyue/models"
)

// People is an activity with all who signed up, for its staff.
type People struct {
	View    View
	Rows    []SignupRow
	Answers map[string]map[int64]string
	Mates   []Mate            // who may be sent to people's homes
	Duty    map[int64][]int64 // who is, by session
	Homes   map[string]string // addresses, for who goes there on the day
	Manages bool
}

// Everybody lists an activity's sign-ups, session by session, in the order in which
// they came. It returns errs.ErrForbidden for who is no staff there.
func (s *Service) Everybody(ctx context.Context, a auth.Actor, id int64) (out People, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		if out.View, err = s.view(tx, id); err != nil {
			return err
		}
		if !a.CanAt(auth.BookingRead, out.View.OrgPath) {
			return errs.ErrForbidden
		}
		out.Manages = a.CanAt(auth.ActivityWrite, out.View.OrgPath)
		if out.Rows, err = signupsWhere(tx, everybody, id); err != nil {
			return err
		}
		if out.Answers, err = answersOf(tx, id); err != nil || !out.View.Home {
			return err
		}
		return s.homes(tx, a, &out)
	})
	return out, err
}

// homes adds who goes to people's homes, and what they may read.
func (s *Service) homes(tx *db.Tx, a auth.Actor, out *People) (err error) {
	if out.Mates, err = matesOf(tx); err != nil {
		return err
	}
	sessions := make([]int64, len(out.View.Meetings))
	for i, m := range out.View.Meetings {
		sessions[i] = m.ID
	}
	if out.Duty, err = onDuty(tx, sessions...); err != nil {
		return err
	}
	out.Homes = map[string]string{}
	for _, r := range out.Rows {
		address, err := s.AddressOf(tx, a, r)
		if err == nil {
			out.Homes[r.UID] = address
		} else if errs.As(err).Kind != errs.Forbidden {
			return err
		}
	}
	return nil
}

// staffOf lets pass who may read an activity's list: errs.ErrForbidden.
func staffOf(tx *db.Tx, a auth.Actor, id int64) error {
	act, err := activityByID(tx, id)
	if err == nil && !a.CanAt(auth.BookingRead, act.OrgPath) {
		err = errs.ErrForbidden
	}
	return err
}

// Workbook is the list as a sheet of Excel, its words by their keys. Addresses are not on it.
func (s *Service) Workbook(ctx context.Context, a auth.Actor, id int64, word func(key string) string) ([]byte, error) {
	p, err := s.Everybody(ctx, a, id)
	if err != nil {
		return nil, err
	}
	head := []string{"时间", "姓名", "人数", "状态", "改动以后", "签到码", "怎么来的", "年龄", "监护人", "来接的人"}
	for _, q := range p.View.Questions {
		head = append(head, q.Label)
	}
	rows := make([][]any, 0, len(p.Rows))
	for _, r := range p.Rows {
		age := ""
		if r.Age > 0 {
			age = strconv.Itoa(r.Age)
		}
		coming := ""
		if c := r.Coming(); c != models.ComingUnasked {
			coming = word("signup.coming." + string(c))
		}
		row := []any{r.StartsAt, r.Name, r.Party, word("signup." + string(r.Stands())), coming, r.Code, word("audit.channel." + string(r.Channel)), age, r.Guardian, r.PickUp}
		for _, q := range p.View.Questions {
			row = append(row, p.Answers[r.UID][q.ID])
		}
		rows = append(rows, row)
	}
	return sheet.Write(sheet.Sheet{Name: "名单", Title: p.View.Title, Head: head, Rows: rows, Wide: []int{18, 12, 6}, Zone: s.Zone})
}
