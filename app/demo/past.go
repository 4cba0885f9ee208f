package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"youyue/app"
	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/lesson"
	"youyue/app/list"
	"youyue/app/screening"
	"youyue/models"
)

// lessonsPast are the lessons that a branch has had, days before today. The last
// one still wants its record.
var lessonsPast = []struct {
	days, party, came int
	notes             string
}{
	{41, 18, 18, "一、观影前全体党员重温入党誓词。\n二、集体观看影片。\n三、支部书记讲十五分钟：从影片里的选择谈今天的担当。（示例）"},
	{20, 22, 20, "一、重温入党誓词。\n二、集体观看影片。\n三、交流发言三人，谈身边的退役军人。\n四、布置下月入户走访。（示例）"},
	{3, 24, 20, ""},
}

// guests are invented; the first so many of them come to a lesson.
var guests = []string{"陈示例", "张建华", "李秀英", "王德明", "刘桂兰", "赵国强", "孙丽萍", "周志军", "吴玉梅", "郑海燕", "冯立新", "褚卫东",
	"卫红霞", "蒋春生", "沈月琴", "韩振国", "杨淑芬", "朱永胜", "秦晓芳", "许文斌", "何美玲", "吕大海", "施雅琴", "孔祥云"}

// past gives a new district something to look back on. Nothing of it could be
// entered today, so it happens at its own time: on the same database, by a clock
// that stands then.
func past(ctx context.Context, a *app.App) error {
	var at time.Time
	then, err := app.New(ctx, a.Config, app.Options{Log: a.Log, MaxConn: 3, Clock: func() time.Time { return at }})
	if err != nil {
		return fmt.Errorf("demo of the past: %w", err)
	}
	films, err := a.Screenings.Films(ctx, list.Query{PerPage: list.MaxPerPage})
	for i := 0; i < len(lessonsPast) && err == nil; i++ {
		l := lessonsPast[i]
		start := midnight(a).AddDate(0, 0, -l.days).Add(14*time.Hour + 30*time.Minute)
		at = start.AddDate(0, 0, -7)
		err = held(ctx, then, &at, start, films.Items[i%len(films.Items)], i)
	}
	return errors.Join(err, then.Close())
}

// held is one lesson from its booking to its record, moving the clock along.
func held(ctx context.Context, a *app.App, at *time.Time, start time.Time, film models.Film, i int) error {
	l := lessonsPast[i]
	actors := map[string]auth.Actor{}
	for _, login := range []string{"scheduler", "branch", "cinema"} {
		who, err := Actor(ctx, a, login)
		if err != nil {
			return err
		}
		actors[login] = who
	}
	none := 0
	show, err := a.Screenings.Schedule(ctx, actors["scheduler"], screening.Plans{FilmID: film.ID, StartsAt: models.InstantOf(start),
		Audience: models.AudienceBranches, Share: &none})
	if err != nil {
		return err
	}
	b, err := a.Screenings.Book(ctx, actors["branch"], screening.Wish{ScreeningID: show.ID, Party: models.Party{Count: l.party, Zone: models.ZoneMiddle}})
	if err != nil {
		return err
	}
	if err := named(ctx, a, b); err != nil {
		return err
	}
	*at = start.Add(-5 * time.Minute)
	var came []int64
	for _, s := range b.Seats[:l.came] {
		came = append(came, s.ID)
	}
	if _, err := a.Doors.CheckIn(ctx, actors["cinema"], booking.Scan{Code: b.Code, Nonce: "demo-" + b.ID, Seats: came, EventID: show.ID, Door: "A门"}); err != nil {
		return err
	}
	*at = show.EndsAt.Time().Add(10 * time.Minute)
	if _, err := a.Kernel.FinishDue(ctx, models.InstantOf(*at)); err != nil || l.notes == "" {
		return err
	}
	yes := true
	*at = at.Add(20 * time.Hour)
	r, err := a.Lessons.Save(ctx, actors["branch"], b.ID, lesson.Entry{Host: actors["branch"].Name, Oath: &yes, Notes: l.notes})
	if err != nil {
		return err
	}
	_, err = a.Lessons.Sign(ctx, actors["branch"], b.ID, r.Version, r.Facts)
	return err
}

// named gives each seat of a booking somebody's name.
func named(ctx context.Context, a *app.App, b booking.Placed) error {
	return a.DB.Write(ctx, func(tx *db.Tx) error {
		for i, s := range b.Seats {
			if _, err := tx.Exec(`INSERT INTO attendees (booking_id, ord, name, seat_id, created_at) VALUES (?, ?, ?, ?, ?)`,
				b.ID, i+1, guests[i], s.ID, tx.Now()); err != nil {
				return fmt.Errorf("guest of the demo: %w", err)
			}
		}
		return nil
	})
}
