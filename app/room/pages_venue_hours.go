package room

import (
	"context"
	"fmt"
	"strings"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

// weekIn is the hours of the week as they are typed, "8:00–12:00, 14:00–21:00"; empty
// is closed.
type weekIn struct {
	byIDIn
	Room int64  `query:"room" form:"room"`
	H1   string `form:"h1" validate:"max=200"`
	H2   string `form:"h2" validate:"max=200"`
	H3   string `form:"h3" validate:"max=200"`
	H4   string `form:"h4" validate:"max=200"`
	H5   string `form:"h5" validate:"max=200"`
	H6   string `form:"h6" validate:"max=200"`
	H7   string `form:"h7" validate:"max=200"`
	H8   string `form:"h8" validate:"max=200"` // statutory holidays
	H9   string `form:"h9" validate:"max=200"` // weekends that are worked
}

func (in *weekIn) days() []*string {
	return []*string{&in.H1, &in.H2, &in.H3, &in.H4, &in.H5, &in.H6, &in.H7, &in.H8, &in.H9}
}

func (in weekIn) target() Target { return target(in.ID, in.Room) }

func target(venue, room int64) Target {
	t := Target{VenueID: venue}
	if room != 0 {
		t.RoomID = &room
	}
	return t
}

// parseHours reads times of a day: "8:00–12:00, 14:00–21:00", with any of the usual
// dashes and commas.
func parseHours(text string) ([]models.Minutes, bool) {
	text = strings.NewReplacer("，", ",", "、", ",", ";", ",", "；", ",", "：", ":", "–", "-", "—", "-", "－", "-", "~", "-", "～", "-", "至", "-", "到", "-").Replace(text)
	var out []models.Minutes
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		from, to, ok := strings.Cut(part, "-")
		a, okA := parseClock(from)
		b, okB := parseClock(to)
		if !ok || !okA || !okB || a >= b {
			return nil, false
		}
		out = append(out, models.Minutes{From: a, To: b})
	}
	return out, true
}

func writeHours(all []models.Minutes) string {
	parts := make([]string, len(all))
	for i, m := range all {
		parts[i] = fmt.Sprintf("%d:%02d–%d:%02d", m.From/60, m.From%60, m.To/60, m.To%60)
	}
	return strings.Join(parts, ", ")
}

func hoursOn(rows []models.OpeningHours, day int) string {
	var out []models.Minutes
	for _, h := range rows {
		if h.Day == day {
			out = append(out, models.Minutes{From: h.Opens, To: h.Closes})
		}
	}
	return writeHours(out)
}

func (w words) dayName(day int) string { return w.t(fmt.Sprintf("roomhours.day.%d", day)) }

// week tells the hours of each kind of day.
func (w words) week(rows []models.OpeningHours) []web.Fact {
	var out []web.Fact
	for day := 1; day <= models.HoursMakeup; day++ {
		text := hoursOn(rows, day)
		if text == "" && day == models.HoursMakeup {
			text = w.t("roomhours.as_weekday")
		}
		if text == "" {
			text = w.t("roomhours.closed")
		}
		out = append(out, web.Fact{Label: w.dayName(day), Text: text})
	}
	return out
}

// exceptions tells the days that are otherwise.
func (w words) exceptions(rows []models.OpeningException, s *Service) []web.Fact {
	var out []web.Fact
	for _, x := range s.viewHours(Hours{Exceptions: rows}).Exceptions {
		text := w.t("roomhours.closed")
		if len(x.Hours) > 0 {
			all := make([]models.Minutes, len(x.Hours))
			for i, h := range x.Hours {
				all[i] = models.Minutes{From: h.Opens, To: h.Closes}
			}
			text = writeHours(all)
		}
		if x.Reason != "" {
			text += " · " + x.Reason
		}
		out = append(out, web.Fact{Label: w.frame.FullDate(x.Day.At(0, s.zone)), Text: text, Href: x.Day.String()})
	}
	return out
}

// exceptionEntry is one day that is otherwise, as its form says it.
type exceptionEntry struct {
	byIDIn
	Room   int64  `form:"room"`
	Day    string `form:"day" validate:"max=10"`
	Hours  string `form:"hours" validate:"max=200"`
	Reason string `form:"reason" validate:"omitempty,plain,max=200"`
	Drop   bool   `form:"drop"`
}

type hoursData struct {
	Title      string
	Venue      Venue
	Room       int64
	Own        bool // has hours of its own
	Closes     bool
	Week       []web.Field
	Errors     []web.FieldError
	Exceptions []web.Fact // Href is the day
	Form       web.Form
	Back       web.Link
}

func (s *Service) hoursPage(ctx context.Context, a auth.Actor, in weekIn) (web.Page, error) {
	h, err := s.HoursOf(ctx, in.target())
	if err != nil {
		return web.Page{}, err
	}
	for i, text := range in.days() {
		*text = hoursOn(h.Hours, i+1)
	}
	return s.hoursSet(ctx, a, in, exceptionEntry{}, nil, nil)
}

// hoursSet is the page on which hours are set; bad is what is wrong with the week,
// worse with the day that is otherwise.
func (s *Service) hoursSet(ctx context.Context, a auth.Actor, in weekIn, x exceptionEntry, bad, worse *errs.Error) (web.Page, error) {
	v, err := s.Venue(ctx, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	h, err := s.HoursOf(ctx, in.target())
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d := hoursData{Title: v.Name, Venue: v, Room: in.Room, Own: len(h.Hours) > 0, Closes: a.CanAt(auth.RoomDecide, v.OrgPath), Back: web.Link{Href: venuePath(v.ID), Text: v.Name}, Exceptions: w.exceptions(h.Exceptions, s)}
	if in.Room != 0 {
		r, err := s.roomOf(ctx, in.ID, in.Room)
		if err != nil {
			return web.Page{}, err
		}
		d.Title, d.Back = r.Title(), web.Link{Href: venuePath(v.ID) + "/rooms/" + fmt.Sprint(r.ID), Text: r.Title()}
	}
	labels := map[string]string{"day": "closure.day", "hours": "roomhours.title"}
	for i := range in.days() {
		labels[fmt.Sprintf("h%d", i+1)] = fmt.Sprintf("roomhours.day.%d", i+1)
	}
	form := web.Form{Errors: httpapi.Faults(ctx, bad, labels)}
	for i, text := range in.days() {
		d.Week = append(d.Week, w.text(form, fmt.Sprintf("h%d", i+1), fmt.Sprintf("roomhours.day.%d", i+1), *text, 200))
		d.Week[i].Unmarked = true
	}
	d.Errors = form.Errors
	d.Form = web.Form{Errors: httpapi.Faults(ctx, worse, labels), Values: map[string]string{"day": x.Day, "hours": x.Hours, "reason": x.Reason}}
	p := web.Page{Template: "room/hours", Title: "roomhours.title", Layout: web.LayoutStaff, Styles: deskStyles, Data: d}
	for _, e := range []*errs.Error{bad, worse} {
		if e != nil {
			p.Status = e.Kind.Status()
		}
	}
	return p, nil
}

func (s *Service) hoursForm(ctx context.Context, a auth.Actor, in weekIn, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		var rows []models.OpeningHours
		var faults []errs.Field
		for i, text := range in.days() {
			all, ok := parseHours(*text)
			if !ok {
				faults = append(faults, errs.Field{Name: fmt.Sprintf("h%d", i+1), Code: "hours"})
			}
			for _, m := range all {
				rows = append(rows, models.OpeningHours{Day: i + 1, Opens: m.From, Closes: m.To})
			}
		}
		if len(faults) > 0 {
			bad = errs.ErrInvalid.At(faults...)
		} else if err := s.SetHours(ctx, a, in.target(), rows); err != nil {
			bad = errs.As(err)
		}
	}
	switch {
	case bad == nil:
		return httpapi.SeeOther(ofRoom(venuePath(in.ID)+"/hours", in.Room), "venues.saved", nil), nil
	case !httpapi.ShownAgain(bad) || bad.Kind == errs.Forbidden:
		return httpapi.Answer{}, bad
	}
	page, err := s.hoursSet(ctx, a, in, exceptionEntry{}, bad, nil)
	return httpapi.Show(page), err
}

func (s *Service) exceptionForm(ctx context.Context, a auth.Actor, in exceptionEntry, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		if err := s.except(ctx, a, in); err != nil {
			bad = errs.As(err)
		}
	}
	switch {
	case bad == nil:
		return httpapi.SeeOther(ofRoom(venuePath(in.ID)+"/hours", in.Room), "venues.saved", nil), nil
	case !httpapi.ShownAgain(bad) || bad.Kind == errs.Forbidden:
		return httpapi.Answer{}, bad
	}
	week := weekIn{byIDIn: in.byIDIn, Room: in.Room}
	h, err := s.HoursOf(ctx, week.target())
	if err != nil {
		return httpapi.Answer{}, err
	}
	for i, text := range week.days() {
		*text = hoursOn(h.Hours, i+1)
	}
	page, err := s.hoursSet(ctx, a, week, in, nil, bad)
	return httpapi.Show(page), err
}

func (s *Service) except(ctx context.Context, a auth.Actor, in exceptionEntry) error {
	day, err := models.ParseDay(in.Day)
	if err != nil {
		return errs.FieldFault("day", fault(in.Day))
	}
	if in.Drop {
		return s.DropException(ctx, a, target(in.ID, in.Room), day)
	}
	hours, ok := parseHours(in.Hours)
	if !ok {
		return errs.FieldFault("hours", "hours")
	}
	return s.SetException(ctx, a, target(in.ID, in.Room), Exception{Day: day, Hours: hours, Reason: in.Reason})
}
