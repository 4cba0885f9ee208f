package lecture

import (
	"context"
	"slices"
	"strings"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/org"
	"youyue/models"
)

// TeamFilter narrows the list of teams.
type TeamFilter struct {
	Kind     models.LectureTeamKind
	Category string
	Topic    int64
}

// Teams lists the teams, lecture teams first, then by name.
func (s *Service) Teams(ctx context.Context, f TeamFilter) (out []Team, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		out, err = listTeams(tx, models.DayOf(tx.Now(), s.Zone), f)
		return err
	})
	return out, err
}

// Team returns one team; errs.ErrNotFound when there is none.
func (s *Service) Team(ctx context.Context, id int64) (t Team, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { t, err = oneTeam(tx, models.DayOf(tx.Now(), s.Zone), id); return err })
	return t, err
}

// TeamEntry is what staff tell about a team; its name is its organisation's.
type TeamEntry struct {
	OrgID     int64
	Name      string // of a new one
	ParentID  int64  // of a new one: the organisation it belongs to
	Kind      models.LectureTeamKind
	Category  string
	Intro     string
	Audiences []models.LectureAudience
	AreaID    *int64
	TravelMin int
	PerWeek   int
	Hours     []models.LectureTeamHours
	Topics    []int64
}

// FoundTeam makes a new organisation of the kind team, under one whose menu the
// actor keeps, and of it a team that can be ordered, with who leads it when somebody
// is named.
func (s *Service) FoundTeam(ctx context.Context, a auth.Actor, in TeamEntry, leader *MemberEntry) (t Team, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		parent, err := orgOf(tx, in.ParentID)
		if err != nil || !a.CanAt(auth.LectureMenu, parent.Path) {
			return errs.FieldFault("parent_id", "unknown")
		}
		code, err := freeCode(tx, Initials(in.Name))
		if err != nil {
			return err
		}
		o, err := org.Create(tx, a, org.Entry{Code: code, Name: strings.TrimSpace(in.Name), Kind: models.OrgTeam, ParentID: &parent.ID})
		if err != nil {
			return err
		}
		in.OrgID = o.ID
		row, err := AddTeam(tx, a, in)
		if err != nil {
			return err
		}
		if err := replaceOffered(tx, row.ID, in.Topics); err != nil {
			return err
		}
		today := models.DayOf(tx.Now(), s.Zone)
		if t, err = oneTeam(tx, today, row.ID); err != nil || leader == nil {
			return err
		}
		if err := s.enlist(tx, a, t, *leader); err != nil {
			return err
		}
		t, err = oneTeam(tx, today, row.ID)
		return err
	})
	return t, err
}

// AddTeam makes an organisation of the kind team one that can be ordered.
func AddTeam(tx *db.Tx, a auth.Actor, in TeamEntry) (models.LectureTeam, error) {
	o, err := orgOf(tx, in.OrgID)
	switch {
	case err != nil:
		return models.LectureTeam{}, err
	case o.Kind != models.OrgTeam:
		return models.LectureTeam{}, errs.FieldFault("org_id", "other")
	case !a.CanAt(auth.LectureMenu, o.Path):
		return models.LectureTeam{}, errs.ErrForbidden
	}
	t := models.LectureTeam{OrgID: o.ID, Kind: in.Kind, Category: in.Category, Intro: strings.TrimSpace(in.Intro), Audiences: models.JoinAudiences(in.Audiences),
		AreaID: in.AreaID, TravelMin: in.TravelMin, PerWeek: in.PerWeek}
	if err := insertTeam(tx, &t, o.Name); err != nil {
		return t, err
	}
	if err := replaceHours(tx, t.ID, in.Hours); err != nil {
		return t, err
	}
	return t, noteTeam(tx, a, t, "lecture.team_add", "")
}

// ChangeTeam changes what is known of a team: by staff, or by who leads it. What it
// offers from the menu is changed by who keeps the menu alone.
func (s *Service) ChangeTeam(ctx context.Context, a auth.Actor, id int64, in TeamEntry) (Team, error) {
	return s.team(ctx, a, id, func(tx *db.Tx, t Team) error {
		row := t.LectureTeam
		row.Intro, row.Audiences, row.TravelMin, row.PerWeek = strings.TrimSpace(in.Intro), models.JoinAudiences(in.Audiences), in.TravelMin, in.PerWeek
		row.AreaID = in.AreaID
		if t.Managed(a) {
			if category := strings.TrimSpace(in.Category); category != "" {
				row.Category = category
			}
			if err := replaceOffered(tx, id, in.Topics); err != nil {
				return err
			}
		}
		if err := updateTeam(tx, row); err != nil {
			return err
		}
		if err := replaceHours(tx, id, in.Hours); err != nil {
			return err
		}
		return noteTeam(tx, a, row, "lecture.team_change", "")
	})
}

// Retire takes a team off the list of those that can be ordered. It returns
// ErrTeamBusy while it has sessions before it or is asked for one.
func (s *Service) Retire(ctx context.Context, a auth.Actor, id int64) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		t, err := oneTeam(tx, models.DayOf(tx.Now(), s.Zone), id)
		switch {
		case err != nil:
			return err
		case !t.Managed(a):
			return errs.ErrForbidden
		}
		if err := booking.LockResources(tx, id); err != nil { // none is accepted meanwhile
			return err
		}
		n, err := before(tx, id)
		if err == nil && n > 0 {
			err = ErrTeamBusy.With("n", n)
		}
		if err != nil {
			return err
		}
		if err := retireTeam(tx, id); err != nil {
			return err
		}
		return noteTeam(tx, a, t.LectureTeam, "lecture.team_retire", "")
	})
}

// MemberEntry is what is told about somebody in a team. Leads: messages of the team
// go to them too, with the link that answers.
type MemberEntry struct {
	Name  string
	Phone string
	Leads bool
}

// AddMember adds somebody to a team. Who has an account with that number sees the
// team's sessions when signed in. It returns a fault of "phone" for one who leads
// and cannot be reached.
func (s *Service) AddMember(ctx context.Context, a auth.Actor, id int64, in MemberEntry) (Team, error) {
	return s.team(ctx, a, id, func(tx *db.Tx, t Team) error { return s.enlist(tx, a, t, in) })
}

func (s *Service) enlist(tx *db.Tx, a auth.Actor, t Team, in MemberEntry) (err error) {
	m := models.LectureMember{TeamID: t.ID, Name: strings.TrimSpace(in.Name), Leads: in.Leads}
	if m.Name == "" {
		return errs.FieldFault("name", "required")
	}
	if m.AccountID, m.PersonID, err = s.Members.EnsureMember(tx, a, t.OrgID, m.Name, in.Phone); err != nil {
		return err
	}
	if m.Leads && m.AccountID == nil && m.PersonID == nil {
		return errs.FieldFault("phone", "required")
	}
	for _, x := range t.Members {
		if x.AccountID != nil && m.AccountID != nil && *x.AccountID == *m.AccountID || x.PersonID != nil && m.PersonID != nil && *x.PersonID == *m.PersonID {
			return errs.FieldFault("phone", "taken")
		}
	}
	if err := Enlist(tx, m); err != nil {
		return err
	}
	return noteTeam(tx, a, t.LectureTeam, "lecture.member_add", "")
}

// RemoveMember lets somebody leave a team.
func (s *Service) RemoveMember(ctx context.Context, a auth.Actor, id, member int64) (Team, error) {
	return s.team(ctx, a, id, func(tx *db.Tx, t Team) error {
		if err := dischargeMember(tx, id, member); err != nil {
			return err
		}
		return noteTeam(tx, a, t.LectureTeam, "lecture.member_remove", "")
	})
}

// TakeOff notes days on which a team does not come. Sessions that stand on such a
// day stay; whoever enters the days is told how many there are.
func (s *Service) TakeOff(ctx context.Context, a auth.Actor, id int64, from, until models.Day, reason string) (sessions int, err error) {
	_, err = s.team(ctx, a, id, func(tx *db.Tx, t Team) error {
		today := models.DayOf(tx.Now(), s.Zone)
		if from.IsZero() || until.Before(from) || until.Before(today) || until.Sub(from) > 366 {
			return errs.FieldFault("until_day", "other")
		}
		row := models.LectureTeamOff{TeamID: id, FromDay: from, UntilDay: until, Reason: strings.TrimSpace(reason), CreatedBy: a.AccountID, CreatedAt: tx.Now()}
		if err := tx.Insert(&row); err != nil {
			return err
		}
		starts, err := agreed(tx, []int64{id}, tx.Now())
		for _, at := range starts[id] {
			if d := models.DayOf(at, s.Zone); !d.Before(from) && !until.Before(d) {
				sessions++
			}
		}
		if err != nil {
			return err
		}
		return noteTeam(tx, a, t.LectureTeam, "lecture.team_off", from.String()+" "+until.String())
	})
	return sessions, err
}

// BackOn takes days off back.
func (s *Service) BackOn(ctx context.Context, a auth.Actor, id, off int64) error {
	_, err := s.team(ctx, a, id, func(tx *db.Tx, t Team) error {
		if err := deleteOff(tx, id, off); err != nil {
			return err
		}
		return noteTeam(tx, a, t.LectureTeam, "lecture.team_on", "")
	})
	return err
}

// team runs fn on a team that the actor looks after, and returns it after that.
func (s *Service) team(ctx context.Context, a auth.Actor, id int64, fn func(tx *db.Tx, t Team) error) (t Team, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		today := models.DayOf(tx.Now(), s.Zone)
		if t, err = oneTeam(tx, today, id); err != nil {
			return err
		}
		if !t.Kept(a) {
			return errs.ErrForbidden
		}
		if err := fn(tx, t); err != nil {
			return err
		}
		t, err = oneTeam(tx, today, id)
		return err
	})
	return t, err
}

// Kept reports whether the actor may change the team: staff in whose scope it is,
// and who leads it.
func (t Team) Kept(a auth.Actor) bool {
	return slices.Contains(a.OrgsWith(auth.LectureServe), t.OrgID) || t.Managed(a)
}

// Managed reports whether the actor keeps the menu that the team is offered on.
func (t Team) Managed(a auth.Actor) bool { return a.CanAt(auth.LectureMenu, t.OrgPath) }

// Enlist adds somebody to a team; leads says that they are told for it.
func Enlist(tx *db.Tx, m models.LectureMember) error {
	m.CreatedAt = tx.Now()
	return tx.Insert(&m)
}

func noteTeam(tx *db.Tx, a auth.Actor, t models.LectureTeam, action, reason string) error {
	line := audit.By(tx, a, models.ChannelOnline)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID, line.Reason = action, "lecture_team", itoa(t.ID), &t.OrgID, reason
	return audit.Write(tx, line)
}
