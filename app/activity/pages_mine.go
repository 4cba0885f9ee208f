package activity

import (
	"context"
	"slices"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/pause"
	"youyue/app/web"
	"youyue/models"
)

type mineIn struct {
	Past bool `query:"past"`
}

type mineData struct {
	Cards  []card
	Past   bool
	Paused bool
	Visits bool // goes to people's homes
}

func (s *Service) minePage(ctx context.Context, a auth.Actor, in mineIn) (web.Page, error) {
	w := s.words(ctx)
	all, err := s.Mine(ctx, a, in.Past)
	if err != nil {
		return web.Page{}, err
	}
	d := mineData{Past: in.Past}
	d.Paused, d.Visits, err = s.besides(ctx, a)
	for _, r := range all {
		chip := s.chip(w, r)
		if r.Coming() == models.ComingOpen && r.QuitAt.IsZero() && s.DB.Now().Before(r.StartsAt) {
			chip = web.Chip{Tone: web.ToneWarn, Text: w.t("signup.say_whether")}
		}
		d.Cards = append(d.Cards, card{Href: signupPath(r.UID), Start: r.StartsAt, Title: r.Title, Place: r.Place + " · " + w.t("activity.n_people", "n", r.Party), Left: &chip})
	}
	return web.Page{Template: "activity/mine", Title: "activity.mine", Styles: []string{"activity"}, Data: d}, err
}

// besides reports whether the reader is paused, or goes to people's homes.
func (s *Service) besides(ctx context.Context, a auth.Actor) (paused, visits bool, err error) {
	all, err := s.Pauses.List(ctx, a)
	if err != nil {
		return false, false, err
	}
	paused = slices.ContainsFunc(all, func(p pause.Row) bool { return p.Own(a) })
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		rows, err := visitsOf(tx, a.AccountID, models.DayOf(tx.Now(), s.Zone).At(0, s.Zone))
		visits = len(rows) > 0
		return err
	})
	return paused, visits, err
}

func (s *Service) chip(w wordsIn, r SignupRow) web.Chip {
	tones := map[models.SignupStatus]web.Tone{models.SignupConfirmed: web.ToneOK, models.SignupAttended: web.ToneOK, models.SignupWaiting: web.ToneInfo,
		models.SignupOffered: web.ToneWarn, models.SignupEntered: web.ToneInfo, models.SignupAsked: web.ToneInfo}
	st := r.Stands()
	tone, ok := tones[st]
	if !ok {
		tone = web.ToneOff
	}
	if !r.QuitAt.IsZero() {
		return web.Chip{Tone: web.ToneOff, Text: w.t("signup.quitting")}
	}
	return web.Chip{Tone: tone, Text: w.status(st)}
}

type signupPageIn struct {
	pathUID
	From string `query:"from" validate:"max=10"`
}

type signupData struct {
	Row      SignupRow
	Outcome  web.Outcome
	Say      string
	Desk     bool
	Next     bool
	Quit     bool // can be given up
	Undo     *web.Undo
	Offer    bool
	Deadline models.Instant
	Refusal  string
	Changes  []string // of its sessions to come, each to be kept or left
	Clashes  []string
	Address  string
}

func (s *Service) signupPage(ctx context.Context, a auth.Actor, in signupPageIn) (web.Page, error) {
	return s.signupShown(ctx, a, in, nil)
}

func (s *Service) signupShown(ctx context.Context, a auth.Actor, in signupPageIn, bad *errs.Error) (web.Page, error) {
	w := s.words(ctx)
	var r SignupRow
	var m Meeting
	var times []Meeting
	var clashes []models.Engagement
	var address string
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		if r, err = s.visible(tx, a, in.ID); err != nil {
			return err
		}
		if m, err = meetingByID(tx, r.SessionID); err != nil {
			return err
		}
		all, err := meetingsOf(tx, r.ActivityID)
		if err != nil {
			return err
		}
		times = slices.DeleteFunc(all[r.ActivityID], func(x Meeting) bool { return x.EventID != r.EventID })
		if r.Home {
			homes, err := s.addresses(tx, a, r)
			if err != nil {
				return err
			}
			address = homes[r.UID]
		}
		clashes, err = s.elsewhere(tx, r)
		return err
	})
	if err != nil {
		return web.Page{}, err
	}
	o, err := s.outcome(w, r, m)
	if err != nil {
		return web.Page{}, err
	}
	now, st := s.DB.Now(), r.Stands()
	alive := st != models.SignupCancelled && st != models.SignupAttended && st != models.SignupNoShow && now.Before(r.StartsAt)
	d := signupData{Row: r, Outcome: o, Desk: !r.mine(a), Offer: st == models.SignupOffered, Deadline: r.Deadline,
		Quit: alive && r.QuitAt.IsZero() && (now.Before(r.CancelUntil) || !r.mine(a) || r.Coming() == models.ComingOpen)}
	d.Next = d.Desk && in.From != ""
	if d.Desk {
		d.Say = w.t("signup.say", "name", r.Name, "title", r.Title, "at", r.StartsAt, "n", r.Party, "status", w.status(st))
	}
	if !r.QuitAt.IsZero() && st != models.SignupCancelled {
		d.Undo = &web.Undo{Text: w.t("signup.quitting_text"), Action: signupPath(r.UID) + "/stay"}
	}
	if alive && r.QuitAt.IsZero() && r.Coming() == models.ComingOpen {
		d.Changes = changes(w, r, times, now)
	}
	if alive {
		for _, c := range clashes {
			d.Clashes = append(d.Clashes, s.clash(w, c))
		}
	}
	d.Address = address
	p := web.Page{Template: "activity/signup", Title: "activity.show", TitleArgs: map[string]any{"title": r.Title}, Styles: []string{"booking", "activity"}, Scripts: []string{"undo"}, Data: d}
	if bad != nil {
		d.Refusal, p.Status = httpapi.Say(ctx, bad), bad.Kind.Status()
		p.Data = d
	}
	return p, nil
}

// clash tells what else a party has at the time, and where: of two reading circles only
// that tells them apart.
func (s *Service) clash(w wordsIn, c models.Engagement) string {
	at := s.fromTo(w, c.Span())
	if c.Place != "" {
		at += w.t("signup.clash_place", "place", c.Place)
	}
	return w.t("signup.clash", "title", c.Title, "at", at)
}

// changes tells which sessions to come were moved or cancelled since a party signed up or
// was last heard of it.
func changes(w wordsIn, r SignupRow, times []Meeting, now models.Instant) (out []string) {
	for _, m := range times {
		switch {
		case !m.StartsAt.After(now), r.After(m.ChangedAt) != models.ComingOpen:
		case m.State == models.SessionCancelled:
			out = append(out, w.t("signup.off", "at", m.StartsAt, "reason", m.Reason))
		case !m.MovedFrom.IsZero():
			out = append(out, w.t("signup.moved", "from", m.MovedFrom, "to", m.StartsAt, "reason", m.Reason))
		}
	}
	return out
}

// keepForm says that a party comes all the same, after a session was moved or cancelled.
func (s *Service) keepForm(ctx context.Context, a auth.Actor, in pathUID, bad *errs.Error) (httpapi.Answer, error) {
	if bad != nil {
		return httpapi.Answer{}, bad
	}
	if _, err := s.Keep(ctx, a, in.ID); err != nil {
		return s.done(ctx, a, in.ID, err)
	}
	return httpapi.SeeOther(signupPath(in.ID), "signup.kept", nil), nil
}

// outcome says where a sign-up stands and what comes next.
func (s *Service) outcome(w wordsIn, r SignupRow, m Meeting) (web.Outcome, error) {
	st := r.Stands()
	o := web.Outcome{Tone: s.chip(w, r).Tone, Title: w.t("signup.title." + string(st)), Lead: r.Title, Note: w.t("signup.note."+string(st), "until", r.CancelUntil, "ahead", r.Ahead, "deadline", r.Deadline),
		Facts: []web.Fact{{Label: w.t("fact.time"), Text: w.frame.DateTime(r.StartsAt)}, {Label: w.t("activity.place"), Text: m.Place},
			{Label: w.t("activity.whom"), Text: r.Name}, {Label: w.t("activity.party"), Text: w.t("activity.n_people", "n", r.Party)}},
		Links: []web.Link{{Href: activityPath(r.ActivityID), Icon: "activity", Text: w.t("signup.to_activity")}, {Href: "/signups", Icon: "ticket", Text: w.t("activity.mine")}}}
	if r.Guardian != "" {
		o.Facts = append(o.Facts, web.Fact{Label: w.t("activity.guardian"), Text: r.Guardian}, web.Fact{Label: w.t("activity.pick_up"), Text: r.PickUp})
	}
	if r.DrawOrd > 0 || r.Entry == models.LotEntered {
		o.Facts = append(o.Facts, web.Fact{Label: w.t("activity.entry"), Text: entryID(r.ActivityID, r.UID), Href: activityPath(r.ActivityID) + "/draw"})
	}
	if st == models.SignupConfirmed && s.DB.Now().Before(r.EndsAt) {
		qr, err := web.QR(s.Signer.Sign("signup", r.Code), w.t("ticket.qr"))
		if err != nil {
			return o, err
		}
		o.QR, o.Code, o.CodeName = qr, booking.ShowCode(r.Code), w.t("activity.door.code_word")
	}
	return o, nil
}

func (s *Service) quitForm(ctx context.Context, a auth.Actor, in pathUID, bad *errs.Error) (httpapi.Answer, error) {
	if bad != nil {
		return httpapi.Answer{}, bad
	}
	return s.done(ctx, a, in.ID, s.Quit(ctx, a, in.ID))
}

func (s *Service) stayForm(ctx context.Context, a auth.Actor, in pathUID, bad *errs.Error) (httpapi.Answer, error) {
	if bad != nil {
		return httpapi.Answer{}, bad
	}
	return s.done(ctx, a, in.ID, s.Stay(ctx, a, in.ID))
}

func (s *Service) answerForm(reply Reply) func(ctx context.Context, a auth.Actor, in pathUID, bad *errs.Error) (httpapi.Answer, error) {
	return func(ctx context.Context, a auth.Actor, in pathUID, bad *errs.Error) (httpapi.Answer, error) {
		if bad != nil {
			return httpapi.Answer{}, bad
		}
		_, err := s.Answer(ctx, a, in.ID, reply)
		return s.done(ctx, a, in.ID, err)
	}
}

// done leads back to the sign-up, or shows it with the refusal.
func (s *Service) done(ctx context.Context, a auth.Actor, uid string, err error) (httpapi.Answer, error) {
	if err == nil {
		return httpapi.SeeOther(signupPath(uid), "", nil), nil
	}
	bad := errs.As(err)
	if !httpapi.ShownAgain(bad) {
		return httpapi.Answer{}, err
	}
	page, err := s.signupShown(ctx, a, signupPageIn{pathUID: pathUID{uid}}, bad)
	return httpapi.Show(page), err
}
