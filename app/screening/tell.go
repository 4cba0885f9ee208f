package screening

import (
	"fmt"
	"strconv"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/notify"
	"youyue/app/venue"
	"youyue/models"
)

func requestSubject(id int64) string { return kindRequest + ":" + strconv.FormatInt(id, 10) }

// tellBranch tells who asked.
func (s *Service) tellBranch(tx *db.Tx, v RequestView, kind string, vars map[string]string) error {
	vars["title"], vars["start"], vars["place"] = v.FilmTitle, v.StartsAt.String(), v.HallName
	vars["path"] = "/hall-requests/" + strconv.FormatInt(v.ID, 10)
	return s.notices.Enqueue(tx, notify.Notice{Account: v.HolderID, Branch: v.OrgID, Kind: kind, Subject: requestSubject(v.ID), Vars: vars, Important: notify.Important})
}

// tellSchedulers tells everybody who may decide about the hall.
func (s *Service) tellSchedulers(tx *db.Tx, q models.HallRequest, film models.Film, org models.Org, hall venue.Hall) error {
	return s.tellRole(tx, auth.Scheduler, hall.OrgPath, notify.Notice{Kind: notify.HallRequested, Subject: requestSubject(q.ID), Vars: map[string]string{
		"title": film.Title, "start": q.StartsAt.String(), "place": hall.Name, "org": org.Name, "deadline": q.Deadline.String(),
		"path": requestPath(q.ID)}})
}

// tellRole tells everybody who holds a role for a place.
func (s *Service) tellRole(tx *db.Tx, role auth.Role, path string, n notify.Notice) error {
	return s.notices.TellRole(tx, role, path, n)
}

func (s *Service) noteShow(tx *db.Tx, a auth.Actor, v Show, action, reason string) error {
	line := audit.By(tx, a, models.ChannelOnline)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID, line.Reason = action, kindScreening, fmt.Sprint(v.ID), &v.OrgID, reason
	return audit.Write(tx, line)
}

func showSubject(id int64) string { return fmt.Sprintf("%s:%d", kindScreening, id) }

func showNotice(v Show, kind, reason string) notify.Notice {
	return notify.Notice{Kind: kind, Subject: showSubject(v.ID), Important: notify.Important, Vars: map[string]string{"title": v.FilmTitle,
		"start": v.StartsAt.String(), "place": v.HallName, "deadline": v.ConfirmUntil.String(), "reason": reason, "path": showPath(v.ID)}}
}

// tellOperatorsOf asks the cinema to confirm a screening.
func (s *Service) tellOperatorsOf(tx *db.Tx, v Show) error {
	n := showNotice(v, notify.ScreeningToConfirm, "")
	n.Vars["path"] = fmt.Sprintf("/cinema/screenings/%d", v.ID)
	return s.tellRole(tx, auth.Cinema, v.OrgPath, n)
}

// tellPlanner tells who put a screening on.
func (s *Service) tellPlanner(tx *db.Tx, v Show, kind, reason string) error {
	n := showNotice(v, kind, reason)
	if v.CreatedBy == nil || *v.CreatedBy == 0 {
		return s.tellRole(tx, auth.Scheduler, v.OrgPath, n)
	}
	n.Account = *v.CreatedBy
	return s.notices.Enqueue(tx, n)
}

// tellOperators asks the cinema to confirm a request.
func (s *Service) tellOperators(tx *db.Tx, q models.HallRequest, title, org string, hall venue.Hall) error {
	return s.tellRole(tx, auth.Cinema, hall.OrgPath, notify.Notice{Kind: notify.HallToConfirm, Subject: requestSubject(q.ID), Important: notify.Important,
		Vars: map[string]string{"title": title, "start": q.StartsAt.String(), "place": hall.Name, "org": org, "deadline": q.Deadline.String(),
			"path": fmt.Sprintf("/cinema/requests/%d", q.ID)}})
}

// tellScheduler tells who agreed to a request, or all schedulers while nobody has.
func (s *Service) tellScheduler(tx *db.Tx, v RequestView, hall venue.Hall, kind, reason string) error {
	n := notify.Notice{Kind: kind, Subject: requestSubject(v.ID), Vars: map[string]string{"title": v.FilmTitle, "start": v.StartsAt.String(),
		"place": hall.Name, "org": v.OrgName, "reason": reason, "path": requestPath(v.ID)}}
	return s.tellRole(tx, auth.Scheduler, hall.OrgPath, n)
}

// tellUnconfirmed tells scheduler and cinema that a request lapsed unanswered.
func (s *Service) tellUnconfirmed(tx *db.Tx, v RequestView) error {
	hall, err := venue.Get(tx, v.HallID)
	if err != nil {
		return err
	}
	if err := s.tellScheduler(tx, v, hall, notify.CinemaUnanswered, ""); err != nil {
		return err
	}
	n := notify.Notice{Kind: notify.CinemaUnanswered, Subject: requestSubject(v.ID), Vars: map[string]string{"title": v.FilmTitle,
		"start": v.StartsAt.String(), "place": hall.Name, "org": v.OrgName, "path": requestPath(v.ID)}}
	return s.tellRole(tx, auth.Cinema, hall.OrgPath, n)
}
