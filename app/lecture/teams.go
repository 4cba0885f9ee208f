package lecture

import (
	"context"
	"strings"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
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
	Kind      models.LectureTeamKind
	Category  string
	Intro     string
	Audiences []models.LectureAudience
	AreaID    *int64
	TravelMin int
	PerWeek   int
	Hours     []models.LectureTeamHours
}

// AddTeam makes an organisation of the kind team one that can be ordered.
func AddTeam(tx *db.Tx, a auth.Actor, in TeamEntry) (models.LectureTeam, error) {
	org, err := orgOf(tx, in.OrgID)
	switch {
	case err != nil:
		return models.LectureTeam{}, err
	case org.Kind != models.OrgTeam:
		return models.LectureTeam{}, errs.FieldFault("org_id", "other")
	case !a.CanAt(auth.LectureMenu, org.Path):
		return models.LectureTeam{}, errs.ErrForbidden
	}
	t := models.LectureTeam{OrgID: org.ID, Kind: in.Kind, Category: in.Category, Intro: strings.TrimSpace(in.Intro), Audiences: models.JoinAudiences(in.Audiences),
		AreaID: in.AreaID, TravelMin: in.TravelMin, PerWeek: in.PerWeek}
	if err := insertTeam(tx, &t, org.Name); err != nil {
		return t, err
	}
	if err := replaceHours(tx, t.ID, in.Hours); err != nil {
		return t, err
	}
	return t, noteTeam(tx, a, t, "lecture.team_add", "")
}

// ChangeTeam changes what is known of a team: by staff, or by who leads it.
func (s *Service) ChangeTeam(ctx context.Context, a auth.Actor, id int64, in TeamEntry) (Team, error) {
	return s.team(ctx, a, id, func(tx *db.Tx, t Team) error {
		row := t.LectureTeam
		row.Intro, row.Audiences, row.TravelMin, row.PerWeek = strings.TrimSpace(in.Intro), models.JoinAudiences(in.Audiences), in.TravelMin, in.PerWeek
		if category := strings.TrimSpace(in.Category); category != "" {
			row.Category = category
		}
		row.AreaID = in.AreaID
		if err := updateTeam(tx, row); err != nil {
			return err
		}
		if err := replaceHours(tx, id, in.Hours); err != nil {
			return err
		}
		return noteTeam(tx, a, row, "lecture.team_change", "")
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
	for _, id := range a.OrgsWith(auth.LectureServe) {
		if id == t.OrgID {
			return true
		}
	}
	return a.CanAt(auth.LectureMenu, t.OrgPath)
}

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
