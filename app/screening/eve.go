package screening

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/notify"
	"youyue/models"
)

// CinemaPath is where a cinema sees the week of a day in its hall.
func CinemaPath(hall int64, day string) string {
	return "/cinema?hall=" + strconv.FormatInt(hall, 10) + "&week=" + day
}

// eveHour is when the evening before begins for reminders. Ours.
const eveHour = 17

// eve is the moment of reminding for a screening: 17:00 the day before.
func (s *Service) eve(start models.Instant) models.Instant {
	t := start.In(s.zone)
	return models.InstantOf(time.Date(t.Year(), t.Month(), t.Day()-1, eveHour, 0, 0, 0, s.zone))
}

// eveShow is a screening to remind of.
type eveShow struct {
	Show
	ProjectionistID *int64
}

// RemindEve tells the operators of each hall what is shown the day after, and the
// projectionists who have a number; once each, from 17:00 on the evening before.
// It returns how many screenings it told of.
func (s *Service) RemindEve(ctx context.Context, now models.Instant) (done int, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		done = 0
		shows, err := eveShows(tx, models.Span{Start: now, End: now.Add(2 * 24 * time.Hour)})
		if err != nil {
			return err
		}
		ids := make([]int64, len(shows))
		for i, v := range shows {
			ids[i] = v.ID
		}
		held, err := booking.HeldIn(tx, ids...)
		if err != nil {
			return err
		}
		for i := range shows {
			shows[i].Held = held[shows[i].ID]
		}
		type day struct {
			hall int64
			eve  models.Instant
		}
		lists := map[day][]eveShow{}
		var order []day
		for _, v := range shows {
			if s.eve(v.StartsAt).After(now) {
				continue
			}
			d := day{v.ResourceID, s.eve(v.StartsAt)}
			if lists[d] == nil {
				order = append(order, d)
			}
			lists[d] = append(lists[d], v)
		}
		for _, d := range order {
			told, err := s.remindDay(tx, d.eve, lists[d])
			if err != nil {
				return fmt.Errorf("hall %d: %w", d.hall, err)
			}
			done += told
		}
		return nil
	})
	return done, err
}

// remindDay writes the notices of one hall's day that are not written yet.
func (s *Service) remindDay(tx *db.Tx, due models.Instant, shows []eveShow) (int, error) {
	first := shows[0]
	subject := fmt.Sprintf("hall:%d", first.ResourceID)
	told, err := toldOf(tx, subject, notify.OperatorDay, due)
	if err != nil {
		return 0, err
	}
	done := 0
	if told == 0 {
		lines := make([]string, len(shows))
		for i, v := range shows {
			lines[i] = s.eveLine(v)
		}
		day := first.StartsAt.In(s.zone)
		err := s.tellRole(tx, auth.Cinema, first.OrgPath, notify.Notice{Kind: notify.OperatorDay, Subject: subject, DueAt: due, Important: notify.Important,
			Vars: map[string]string{"title": titles(shows), "place": first.HallName, "list": strings.Join(lines, "；"), "path": CinemaPath(first.ResourceID, day.Format(time.DateOnly))}})
		if err != nil {
			return 0, err
		}
		done = len(shows)
	}
	for _, v := range shows {
		if v.ProjectionistID == nil {
			continue
		}
		n := notify.Notice{Person: *v.ProjectionistID, Kind: notify.ProjectionistDay, Subject: showSubject(v.ID), DueAt: due, Important: notify.Important,
			Vars: map[string]string{"title": v.FilmTitle, "start": v.StartsAt.String(), "place": v.Venue + v.HallName, "list": v.BranchName}}
		if err := s.notices.Enqueue(tx, n); err != nil {
			return 0, err
		}
	}
	return done, nil
}

// titles names the films of a day once each.
func titles(shows []eveShow) string {
	var names []string
	for _, v := range shows {
		if !slices.Contains(names, v.FilmTitle) {
			names = append(names, v.FilmTitle)
		}
	}
	return strings.Join(names, "、")
}

// eveLine is a screening in the operator's list: 19:00–21:32《1921》172 座 张放映.
func (s *Service) eveLine(v eveShow) string {
	line := fmt.Sprintf("%s《%s》%d/%d", v.Span().Clocks(s.zone), v.FilmTitle, v.Taken-v.Held, v.ForSale)
	for _, more := range []string{v.BranchName, v.Shown.ShownBy, s.ShownPhone(v.Shown)} {
		if more != "" {
			line += " " + more
		}
	}
	return line
}
