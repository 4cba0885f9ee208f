// Package app builds the product from its configuration: every feature, wired
// to the ones it stands on, behind one HTTP edge. The commands and the tests
// use the same New.
package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"youyue/app/account"
	"youyue/app/activity"
	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/calendar"
	"youyue/app/cinema"
	"youyue/app/contest"
	"youyue/app/db"
	"youyue/app/door"
	"youyue/app/draw"
	"youyue/app/feedback"
	"youyue/app/httpapi"
	"youyue/app/lecture"
	"youyue/app/lesson"
	"youyue/app/live"
	"youyue/app/notify"
	"youyue/app/org"
	"youyue/app/outage"
	"youyue/app/pause"
	"youyue/app/report"
	"youyue/app/room"
	"youyue/app/roster"
	"youyue/app/scoring"
	"youyue/app/screening"
	"youyue/app/secret"
	"youyue/app/venue"
	"youyue/app/web"
	"youyue/app/web/locales"
	"youyue/app/workdays"
	"youyue/configs"
	"youyue/models"

	"github.com/prometheus/client_golang/prometheus"
)

// App is the product.
type App struct {
	Config     configs.Config
	Log        *slog.Logger
	DB         *db.DB
	Edge       *httpapi.Edge
	Accounts   *account.Service
	Orgs       *org.Service
	Roster     *roster.Service
	Audit      *audit.Service
	Feedback   *feedback.Service
	Workdays   *workdays.Service
	Notices    *notify.Service
	Venue      *venue.Service
	Draws      *draw.Service
	Kernel     *booking.Service
	Live       *live.Hub
	Screenings *screening.Service
	Outages    *outage.Service
	Doors      *door.Service
	Cinema     *cinema.Service
	Lessons    *lesson.Service
	Contests   *contest.Service
	Scoring    *scoring.Service
	Rooms      *room.Service
	Pauses     *pause.Service
	Lectures   *lecture.Service
	Activities *activity.Service
	Calendar   *calendar.Service
	Reports    *report.Service
}

// Options are what only commands and tests choose.
type Options struct {
	Log     *slog.Logger     // nil is slog.Default
	Clock   func() time.Time // nil is the machine's
	MaxConn int              // PostgreSQL pool, 0 is the usual
	Hash    account.HashCost // of passwords, zero is the usual; tests make it cheap
	Streams httpapi.StreamLimits
	Pages   *web.Renderer // nil is a new one; tests share one
}

// New opens the database and builds everything; it migrates nothing and starts
// nothing but the kernel's lanes. Close ends it.
func New(ctx context.Context, c configs.Config, o Options) (*App, error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	d, err := db.Open(ctx, db.Config{URL: c.DatabaseURL, Clock: o.Clock, Log: o.Log, MaxConns: o.MaxConn})
	if err != nil {
		return nil, err
	}
	a, err := build(c, d, o)
	if err != nil {
		_ = d.Close()
		return nil, err
	}
	return a, nil
}

func build(c configs.Config, d *db.DB, o Options) (*App, error) {
	log := o.Log
	a := &App{Config: c, Log: log, DB: d}
	box, err := secret.New(c.Secret())
	if err != nil {
		return nil, fmt.Errorf("secret: %w", err)
	}
	renderer := o.Pages
	if renderer == nil {
		if renderer, err = web.New(web.Config{}); err != nil {
			return nil, fmt.Errorf("pages: %w", err)
		}
	}
	sms, mail := notify.Channels(c, log)
	a.Notices = notify.New(notify.Config{DB: d, Phones: box, SMS: sms, Mail: mail, BaseURL: c.BaseURL, Zone: c.Timezone, Log: log})
	var sender account.CodeSender // none: the log-in asks for the password alone
	if sms != nil {
		sender = codes{a.Notices}
	}
	a.Accounts = account.New(d, box, account.Config{Codes: c.OTP, SMS: c.SMS, Sender: sender, Demo: c.Demo,
		BaseURL: c.BaseURL, Log: log, Zone: c.Timezone})
	a.Orgs = org.New(d)
	a.Roster = roster.New(d, a.Accounts)
	a.Audit = audit.New(d, c.Timezone)
	a.Feedback = feedback.New(d, box)
	a.Workdays = workdays.New(d, c.Timezone)
	a.Venue = venue.New(d)
	a.Draws = draw.New(draw.Config{DB: d, Sealer: box, Zone: c.Timezone})
	commit := booking.Grouped
	if c.GroupCommit == configs.Off {
		commit = booking.Single
	}
	a.Kernel = booking.New(d, a.Notices, booking.Options{GroupCommit: commit, Zone: c.Timezone})
	a.Live = live.New(live.Config{Wire: d, Log: log})
	a.Screenings = screening.New(screening.Config{DB: d, Kernel: a.Kernel, Notices: a.Notices, Desk: desk{a.Accounts},
		Signer: box, Phones: tails{box}, Live: a.Live, Diary: diary{a}, BaseURL: c.BaseURL, Zone: c.Timezone})
	a.Cinema = cinema.New(d, a.Screenings, c.Timezone)
	a.Outages = outage.New(d, a.Kernel, c.Timezone)
	a.Lessons = lesson.New(d, a.Notices, c.Timezone)
	a.Scoring = scoring.New(scoring.Config{DB: d, Notices: a.Notices, Live: a.Live, Draws: a.Draws, Stands: contest.MoveRound, Caller: contest.Caller,
		BaseURL: c.BaseURL, Zone: c.Timezone})
	a.Contests = contest.New(contest.Config{DB: d, Kernel: a.Kernel, Draws: a.Draws, Notices: a.Notices, Desk: desk{a.Accounts}, Sealer: box,
		Judging: jury{a.Scoring}, Zone: c.Timezone})
	a.Pauses = pause.New(d, a.Notices, c.Timezone)
	a.Rooms = room.New(room.Config{DB: d, Notices: a.Notices, Pauses: a.Pauses, Desk: desk{a.Accounts}, Days: a.Workdays.Calendar, Diary: diary{a}, Zone: c.Timezone})
	a.Screenings.AddOthers(a.Rooms)
	a.Doors = door.New(door.Config{DB: d, Kernel: a.Kernel, Shows: a.Screenings, Others: []door.Others{a.Rooms}, Live: a.Live, Zone: c.Timezone})
	a.Lectures = lecture.New(lecture.Config{DB: d, Notices: a.Notices, Desk: desk{a.Accounts}, Members: a.Accounts, Days: a.Workdays.Calendar, Rooms: a.Rooms, Box: box,
		Phone: secret.Phone, Mask: secret.MaskName, Zone: c.Timezone})
	a.Activities = activity.New(activity.Config{DB: d, Kernel: a.Kernel, Notices: a.Notices, Pauses: a.Pauses, Desk: desk{a.Accounts}, Rooms: a.Rooms, Owners: a.Rooms, Days: a.Workdays.Calendar, Draws: draws{a.Draws}, Talks: talks{a.Lectures}, Diary: diary{a},
		Sealer: box, Signer: box, BaseURL: c.BaseURL, Zone: c.Timezone})
	a.Rooms.AddAsker(activity.Kind, a.Activities)
	a.Calendar = calendar.New(calendar.Config{DB: d, Sealer: box, Kinds: a.kinds(), Days: a.Workdays.Calendar, BaseURL: c.BaseURL, Zone: c.Timezone})
	a.Reports = report.New(report.Config{DB: d, Days: a.Workdays.Calendar, Zone: c.Timezone})
	a.Workdays.Affects(a.Calendar)
	a.Edge = httpapi.New(httpapi.Config{
		Renderer: renderer, Sessions: doors{a.Accounts.Sessions(), a.Scoring}, Log: log, Now: d.Now, Zone: c.Timezone, BaseURL: c.BaseURL,
		StationPhone: c.StationPhone, Demo: bool(c.Demo), TrustedProxies: c.TrustedProxies, RateLimit: bool(c.RateLimit),
		Nav:    nav,
		Unread: func(ctx context.Context, who auth.Actor) int { return a.Notices.Unread(ctx, who.AccountID) },
		Ready:  d.Ready, ServeMetrics: c.MetricsListen == "",
		Streams: o.Streams,
	})
	a.Edge.Metrics().MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "youyue_db_statements_total", Help: "Statements run on the database."},
		func() float64 { return float64(d.Statements()) }))
	a.routes()
	return a, nil
}

// Close answers the bookings that wait, ends whoever watches, and lets the
// database go.
func (a *App) Close() error {
	a.Kernel.Close()
	a.Edge.EndStreams()
	a.Live.Close()
	return a.DB.Close()
}

// kinds is whatever occupies time, each told and moved by its own feature.
func (a *App) kinds() map[string]calendar.Kind {
	return map[string]calendar.Kind{
		screening.SourceScreening: {Occupants: a.Screenings.Occupants, Mover: screeningMover{a.Screenings}},
		screening.SourceRequest:   {Queue: a.Screenings.RequestOccupants},
		screening.SourceBlock:     {}, // hours a cinema keeps: why is its own affair
		room.Source:               {Queue: a.Rooms.OnCalendar, Mover: roomMover{a.Rooms}},
		room.ClosureSource:        {Occupants: a.Rooms.Closures, Mover: closureMover{a.Rooms}},
		lecture.Source:            {Occupants: a.Lectures.Occupants},
		activity.Kind:             {Occupants: a.Activities.Occupants, Mover: sessionMover{a.Activities}},
		contest.Source:            {Occupants: a.Contests.Occupants},
		scoring.Source:            {Occupants: a.Scoring.Occupants},
	}
}

// codes sends one-time codes by the text message channel.
type codes struct{ notices *notify.Service }

func (c codes) SendCode(ctx context.Context, phone, code, lang string) error {
	return c.notices.SendCode(ctx, phone, code, locales.Match("", lang))
}

// desk keeps callers for the features that are booked at the desk.
type desk struct{ accounts *account.Service }

func (d desk) EnsureDeskPerson(tx *db.Tx, a auth.Actor, orgID int64, name, phone string, ch models.Channel) (models.Person, error) {
	p, err := d.accounts.EnsureDeskPerson(tx, a, orgID, name, phone, ch)
	return p.Person, err
}

// EnsureContact keeps a projectionist whom a cinema names.
func (d desk) EnsureContact(tx *db.Tx, a auth.Actor, orgID int64, name, phone string) (models.Person, error) {
	p, err := d.accounts.EnsureContact(tx, a, orgID, name, phone)
	return p.Person, err
}

// tails opens a sealed number for a search by its last digits.
type tails struct{ box *secret.Box }

func (t tails) PhoneTail(sealed string) string {
	phone, err := t.box.Open(sealed)
	if err != nil {
		return ""
	}
	return phone
}
