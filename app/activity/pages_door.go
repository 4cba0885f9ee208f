package activity

import (
	"context"
	"html/template"
	"strconv"
	"strings"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

// doorPages declares the door of a session: a list to tick and a code to type work
// without a script; the scanner goes on without a line; the sheet carries a picture
// by which people check themselves in.
func (s *Service) doorPages(r *httpapi.Router) {
	httpapi.Page(r, "/sessions/:id/door", auth.CheckIn, s.doorPage)
	httpapi.Form(r, "/sessions/:id/door", auth.CheckIn, httpapi.LimitNone, s.doorForm)
	httpapi.Page(r, "/sessions/:id/kiosk", auth.CheckIn, s.kioskPage)
	httpapi.Page(r, "/sessions/:id/scanner", auth.CheckIn, s.scannerPage)
	httpapi.Page(r, "/sessions/:id/sheet", auth.CheckIn, s.sheetPage)
	httpapi.PageFile(r, "/sessions/sw.js", auth.Public, func(context.Context, auth.Actor, httpapi.None) (httpapi.Blob, error) {
		b, ok := web.Script("offline_sw")
		if !ok {
			return httpapi.Blob{}, errs.ErrNotFound
		}
		return httpapi.Blob{Body: b, ContentType: "text/javascript; charset=utf-8", CacheControl: "no-cache"}, nil
	})
	httpapi.Page(r, "/here/:token", auth.SignedIn, s.herePage)
	httpapi.Form(r, "/here/:token", auth.SignedIn, httpapi.LimitNone, s.hereForm)
}

type doorData struct {
	Lent    Lent
	Start   models.Instant
	Code    string
	Said    string
	Tone    web.Tone
	QR      template.HTML
	Link    string
	Nonce   string
	Session int64
	Twice   []string            // who was let in twice, with both scans
	Blank   [blankRows]struct{} // of the printed sheet, for people who come without a sign-up
}

// blankRows is how many lines of the sheet are for people who come without a sign-up.
const blankRows = 8

func (s *Service) doorPage(ctx context.Context, a auth.Actor, in pathID) (web.Page, error) {
	return s.door(ctx, a, in.ID, "activity/door", doorData{})
}

func (s *Service) kioskPage(ctx context.Context, a auth.Actor, in pathID) (web.Page, error) {
	return s.door(ctx, a, in.ID, "activity/kiosk", doorData{})
}

func (s *Service) scannerPage(ctx context.Context, a auth.Actor, in pathID) (web.Page, error) {
	return s.door(ctx, a, in.ID, "activity/scanner", doorData{})
}

func (s *Service) door(ctx context.Context, a auth.Actor, session int64, name string, d doorData) (web.Page, error) {
	lent, err := s.Door(ctx, a, session)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	for _, x := range lent.Twice {
		if x.First != nil {
			d.Twice = append(d.Twice, w.t("activity.door.twice_line", "name", x.Name, "first", x.First.At, "other", x.First.Device, "at", x.At, "device", x.Device))
		}
	}
	d.Lent, d.Start, d.Nonce, d.Session = lent, lent.Meeting.StartsAt, booking.NewID(), session
	layout := web.LayoutStaff
	if name == "activity/kiosk" {
		layout = web.LayoutBare // it stands alone at the entrance
	}
	return web.Page{Template: name, Title: "activity.door_title", TitleArgs: map[string]any{"title": lent.Title}, Styles: []string{"booking", "activity"},
		Scripts: []string{"checkin", "scanner"}, Layout: layout, Data: d}, nil
}

type doorIn struct {
	pathID
	Code  string   `form:"code" validate:"max=80"`
	Here  []string `form:"here" validate:"max=500,dive,max=20"` // codes of the list's ticks
	Nonce string   `form:"nonce" validate:"required,max=60"`
	Back  string   `form:"back" validate:"max=10"`
}

// webDoor is the device that pages without a script are.
const webDoor = "网页"

// doorForm takes a code that was typed or scanned, or the ticks of the list.
func (s *Service) doorForm(ctx context.Context, a auth.Actor, in doorIn, bad *errs.Error) (httpapi.Answer, error) {
	if bad != nil {
		return httpapi.Answer{}, bad
	}
	b := Batch{Device: webDoor, SessionID: in.ID}
	if code, ok := s.Signer.Verify("signup", in.Code); ok {
		in.Code = code
	}
	for i, code := range append(in.Here, in.Code) {
		if strings.TrimSpace(code) != "" {
			b.Passes = append(b.Passes, Pass{Nonce: in.Nonce + "-" + strconv.Itoa(i), Kind: models.ScanIn, Code: code})
		}
	}
	seen, _, err := s.Admit(ctx, a, b)
	name := "activity/door"
	if in.Back == "kiosk" {
		name = "activity/kiosk"
	}
	w, d := s.words(ctx), doorData{Tone: web.ToneOK}
	switch refusal := errs.As(err); {
	case err == nil && len(seen) == 0:
		d.Said, d.Tone = w.t("activity.door.nothing"), web.ToneWarn
	case err == nil:
		d.Said, d.Tone = s.said(w, seen)
	case httpapi.ShownAgain(refusal):
		d.Said, d.Tone = httpapi.Say(ctx, refusal), web.ToneWarn
	default:
		return httpapi.Answer{}, err
	}
	page, err := s.door(ctx, a, in.ID, name, d)
	return httpapi.Show(page), err
}

// said tells what became of scans: of one by name, of several how many.
func (s *Service) said(w wordsIn, seen []Seen) (string, web.Tone) {
	if len(seen) > 1 {
		n := 0
		for _, x := range seen {
			n += x.Heads
		}
		return w.t("activity.door.ticked", "n", n), web.ToneOK
	}
	x := seen[0]
	pairs := []any{"name", x.Name, "n", x.Heads, "party", x.Party, "at", x.At, "device", x.Device}
	tone := web.ToneOK
	if x.First != nil {
		pairs = append(pairs, "first", x.First.At, "other", x.First.Device)
	}
	if x.Outcome != models.ScanIn {
		tone = web.ToneWarn
	}
	return w.t("activity.door.seen."+string(x.Outcome), pairs...), tone
}

// sheetPage is the sheet for the door on A4: a picture to check oneself in by, and the
// list to sign.
func (s *Service) sheetPage(ctx context.Context, a auth.Actor, in pathID) (web.Page, error) {
	link := s.BaseURL + "/here/" + s.Signer.Sign("session", strconv.FormatInt(in.ID, 10))
	qr, err := web.QR(link, s.words(ctx).t("activity.here_qr"))
	if err != nil {
		return web.Page{}, err
	}
	p, err := s.door(ctx, a, in.ID, "activity/sheet", doorData{QR: qr, Link: link})
	p.Scripts = []string{"print"}
	return p, err
}

type hereIn struct {
	Token string `path:"token"`
}

type hereData struct {
	Token   string
	Title   string
	Start   models.Instant
	Mine    []SignupRow
	Outcome *web.Outcome
}

// herePage is where the picture on the door's sheet leads: one press, which the script
// makes by itself, so that there is nothing to do after the scan.
func (s *Service) herePage(ctx context.Context, a auth.Actor, in hereIn) (web.Page, error) {
	m, rows, err := s.here(ctx, a, in.Token)
	d := hereData{Token: in.Token, Start: m.StartsAt, Mine: rows}
	if len(rows) > 0 {
		d.Title = rows[0].Title
	}
	return web.Page{Template: "activity/here", Title: "activity.here", Styles: []string{"activity"}, Scripts: []string{"here"}, Data: d}, err
}

func (s *Service) here(ctx context.Context, a auth.Actor, token string) (m Meeting, rows []SignupRow, err error) {
	text, ok := s.Signer.Verify("session", token)
	id, bad := strconv.ParseInt(text, 10, 64)
	if !ok || bad != nil {
		return m, nil, errs.ErrNotFound
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		if m, err = meetingByID(tx, id); err != nil {
			return err
		}
		rows, err = signupsWhere(tx, `g.event_id = ? AND g.holder_id = ? AND b.status = 'booked' ORDER BY g.created_at`, m.EventID, a.AccountID)
		return err
	})
	return m, rows, err
}

// hereForm checks the reader's own parties in.
func (s *Service) hereForm(ctx context.Context, a auth.Actor, in hereIn, bad *errs.Error) (httpapi.Answer, error) {
	if bad != nil {
		return httpapi.Answer{}, bad
	}
	m, rows, err := s.here(ctx, a, in.Token)
	if err != nil {
		return httpapi.Answer{}, err
	}
	w := s.words(ctx)
	o := web.Outcome{Tone: web.ToneWarn, Title: w.t("activity.here_none"), Note: w.t("activity.here_none_text"), Links: []web.Link{{Href: activityPath(m.ActivityID), Icon: "activity", Text: w.t("signup.to_activity")}}}
	if len(rows) > 0 {
		seen, err := s.AdmitSelf(ctx, a, m, rows)
		if err != nil {
			refusal := errs.As(err)
			if !httpapi.ShownAgain(refusal) {
				return httpapi.Answer{}, err
			}
			o.Title, o.Note = rows[0].Title, httpapi.Say(ctx, refusal)
		} else {
			o = web.Outcome{Tone: web.ToneOK, Title: w.t("activity.here_done"), Lead: rows[0].Title, Note: w.t("activity.here_note", "at", seen[0].At)}
		}
	}
	return httpapi.Show(web.Page{Template: "activity/here", Title: "activity.here", Styles: []string{"activity"}, Data: hereData{Token: in.Token, Outcome: &o}}), nil
}
