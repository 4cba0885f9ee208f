package contest

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"youyue/app/auth"
	"youyue/app/draw"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

// Pages declares the pages of contests.
func (s *Service) Pages(r *httpapi.Router) {
	httpapi.Page(r, "/contests", auth.Public, s.listPage)
	httpapi.Page(r, "/contests/new", auth.ContestWrite, s.newPage)
	httpapi.Form(r, "/contests", auth.ContestWrite, httpapi.LimitBooking, s.newForm)
	httpapi.Page(r, "/contests/:id", auth.Public, s.showPage)
	httpapi.Page(r, "/contests/:id/order", auth.Public, s.orderPage)
	httpapi.PageFile(r, "/contests/:id/order.xlsx", auth.Public, s.orderFile)
	s.editPages(r)
	s.entryPages(r)
	s.staffPages(r)
}

// words say something in the reader's language.
type words struct{ frame *web.Frame }

func (s *Service) words(ctx context.Context) words {
	return words{&web.Frame{Lang: httpapi.Lang(ctx), Zone: s.zone, Now: s.db.Now()}}
}

func (w words) t(key string, pairs ...any) string { return web.Words{Frame: w.frame}.T(key, pairs...) }

// minutes is 8分钟, 1分30秒.
func (w words) minutes(seconds int) string {
	if seconds%60 == 0 {
		return w.t("contest.minutes", "n", seconds/60)
	}
	return w.t("contest.min_sec", "m", seconds/60, "s", seconds%60)
}

func (w words) phase(c Contest) web.Chip {
	switch {
	case c.State != models.ContestOn:
		return web.Chip{Tone: web.ToneOff, Text: w.t("contest.state." + string(c.State))}
	case c.Phase(w.frame.Now) == models.EntryOpen && c.awaitsAll():
		return web.Chip{Tone: web.ToneInfo, Text: w.t("contest.owner_waits_all")}
	case c.Phase(w.frame.Now) == models.EntryOpen:
		return web.Chip{Tone: web.ToneOK, Text: w.t("contest.entries_until", "at", c.ClosesAt)}
	case c.Phase(w.frame.Now) == models.EntrySoon:
		return web.Chip{Tone: web.ToneInfo, Text: w.t("contest.entries_from", "at", c.OpensAt)}
	}
	return web.Chip{Tone: web.ToneOff, Text: w.t("contest.entries_closed")}
}

type card struct {
	Href  string
	Start models.Instant
	Title string
	Place string
	Left  *web.Chip
	Chips []web.Chip
}

type listData struct {
	Cards []card
	Mine  []web.Link
	New   bool
	Pager web.Pager
}

func (s *Service) listPage(ctx context.Context, a auth.Actor, in listIn) (web.Page, error) {
	l, err := s.List(ctx, Filter{Query: in.Query, History: in.All})
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d := listData{New: a.Can(auth.ContestWrite), Pager: web.Pager{Page: l.Page, Pages: max(1, (int(l.Total)+l.PerPage-1)/l.PerPage), Path: "/contests", Query: url.Values{}}}
	for _, c := range l.Items {
		chip := w.phase(c)
		x := card{Href: path(c.ID), Title: c.Title, Start: c.ClosesAt, Left: &chip}
		for _, slot := range c.Slots {
			if slot.Kind == models.SlotStage {
				x.Start, x.Place = slot.StartsAt, slot.Place
				break
			}
		}
		d.Cards = append(d.Cards, x)
	}
	if a.SignedIn() {
		mine, err := s.Mine(ctx, a)
		if err != nil {
			return web.Page{}, err
		}
		for _, e := range mine {
			d.Mine = append(d.Mine, web.Link{Href: entryPath(e.UID), Icon: "drum", Text: e.Team + " · " + e.Contest + " · " + w.t("contest.entry."+string(e.State))})
		}
	}
	return web.Page{Template: "contest/list", Title: "contest.title", Data: &d}, nil
}

// divisionRow is a division as the public reads it.
type divisionRow struct {
	Division
	Chip  web.Chip
	Rules []string
	Enter string
}

func (w words) rules(d Division) []string {
	out := []string{w.t("contest.rule_members", "min", d.MinMembers, "max", d.MaxMembers)}
	if d.Substitutes > 0 {
		out = append(out, w.t("contest.rule_spare", "n", d.Substitutes))
	}
	switch {
	case d.MinAge > 0 && d.MaxAge > 0:
		out = append(out, w.t("contest.rule_ages", "min", d.MinAge, "max", d.MaxAge))
	case d.MinAge > 0:
		out = append(out, w.t("contest.rule_from", "min", d.MinAge))
	case d.MaxAge > 0:
		out = append(out, w.t("contest.rule_to", "max", d.MaxAge))
	}
	if d.MaxLength > 0 {
		out = append(out, w.t("contest.rule_length", "length", w.minutes(d.MaxLength)))
	}
	return append(out, w.t("contest.rule_per_team", "n", d.PerTeam))
}

func (w words) left(c Contest, d Division) web.Chip {
	slot, waits := c.awaits(d.ID)
	switch {
	case waits && slot.Owner.State == models.AskWanted && c.Phase(w.frame.Now) != models.EntryClosed:
		return web.Chip{Tone: web.ToneInfo, Text: w.t("contest.owner_waits", "owner", slot.Owner.Owner, "until", slot.Owner.Deadline)}
	case waits && c.Phase(w.frame.Now) != models.EntryClosed:
		return web.Chip{Tone: web.ToneWarn, Text: w.t("contest.owner_moves")}
	case c.Phase(w.frame.Now) != models.EntryOpen:
		return web.Chip{Tone: web.ToneOff, Text: w.t("contest.taken", "n", d.Taken, "of", d.Places)}
	case d.Free > 0:
		return web.Chip{Tone: web.ToneOK, Text: w.t("contest.free", "n", d.Free)}
	case d.Kept > 0:
		return web.Chip{Tone: web.ToneWarn, Text: w.t("contest.kept", "n", d.Kept, "at", c.GiveBackAt)}
	}
	return web.Chip{Tone: web.ToneWarn, Text: w.t("contest.full", "n", d.Waiting)}
}

type showData struct {
	Contest   Contest
	Chip      web.Chip
	Facts     []web.Fact
	Divisions []divisionRow
	Times     []web.Fact
	Moved     []string
	Rounds    []roundRow
	Staff     string
	Order     string
}

// roundRow is a round with its order, as the public reads it.
type roundRow struct {
	Title  string
	When   string
	Groups []groupRow
	Draws  []web.Link
	Drawn  bool
	Result string // where its board and its result are, once it is judged
}

type groupRow struct {
	Title string
	Items []Appearance
}

func (w words) rounds(rounds []Round) []roundRow {
	var out []roundRow
	for _, r := range rounds {
		x := roundRow{Title: r.Division.Name + " · " + w.t("contest.round."+string(r.Kind)), When: w.frame.FullSpan(r.Slot.StartsAt, r.Slot.EndsAt) + " · " + r.Slot.Place,
			Drawn: r.State != models.RoundPlanned && r.DrawID != nil}
		for _, a := range r.Appearances {
			if !x.Drawn {
				break
			}
			if a.Place == 0 {
				continue
			}
			if n := len(x.Groups); n == 0 || x.Groups[n-1].Items[0].Part != a.Part {
				g := groupRow{}
				if a.Part > 0 {
					g.Title = w.t("draw.group", "n", a.Part)
				}
				x.Groups = append(x.Groups, g)
			}
			g := &x.Groups[len(x.Groups)-1]
			g.Items = append(g.Items, a)
		}
		for _, d := range r.Draws {
			x.Draws = append(x.Draws, web.Link{Href: draw.Path(d.ID), Icon: "queue", Text: w.t("contest.draw_link", "n", d.Number, "state", w.t("draw.state."+string(d.State)))})
		}
		if r.State == models.RoundRunning || r.State == models.RoundDone {
			x.Result = roundPath(r.ID)
		}
		out = append(out, x)
	}
	return out
}

// Out reports whether an entry of the order does not appear any more.
func (a Appearance) Out() bool { return a.State != models.EntryApproved || a.Absent }

func (s *Service) showPage(ctx context.Context, a auth.Actor, in byContest) (web.Page, error) {
	c, rounds, err := s.RoundsOf(ctx, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d := showData{Contest: c, Chip: w.phase(c), Rounds: w.rounds(rounds), Facts: []web.Fact{
		{Label: w.t("contest.org"), Text: c.Org}, {Label: w.t("contest.window"), Text: w.t("contest.window_text", "from", c.OpensAt, "until", c.ClosesAt)}}}
	if c.Phone != "" {
		d.Facts = append(d.Facts, web.Fact{Label: w.t("contest.phone"), Text: c.Phone, Href: "tel:" + c.Phone})
	}
	for _, x := range c.Divisions {
		row := divisionRow{Division: x, Chip: w.left(c, x), Rules: w.rules(x)}
		if c.Phase(w.frame.Now) == models.EntryOpen && c.placed(x.ID) == nil {
			row.Enter = path(c.ID) + "/enter?division=" + strconv.FormatInt(x.ID, 10)
		}
		d.Divisions = append(d.Divisions, row)
	}
	for _, x := range c.Slots {
		d.Times = append(d.Times, web.Fact{Label: w.t("contest.slot." + string(x.Kind)), Text: w.when(x)})
		if !x.MovedFrom.IsZero() {
			d.Moved = append(d.Moved, w.t("contest.moved", "from", x.MovedFrom, "to", x.StartsAt, "place", x.Place, "why", x.MovedWhy))
		}
	}
	for _, r := range d.Rounds {
		if r.Drawn {
			d.Order = path(c.ID) + "/order"
		}
	}
	if a.CanAt(auth.ContestRead, c.OrgPath) {
		d.Staff = staffPath(c.ID)
	}
	return web.Page{Template: "contest/show", Title: "contest.page_title", TitleArgs: map[string]any{"title": c.Title}, Styles: []string{"draw"}, Data: &d}, nil
}

// when is a slot in words, its lunar date beside it.
func (w words) when(x Slot) string {
	text := w.frame.FullSpan(x.StartsAt, x.EndsAt)
	if day := w.frame.Lunar(x.StartsAt); day != "" {
		text += "（" + day + "）"
	}
	return text + " · " + x.Place
}

// roster are the lines of a roster as people type them: a name a line, with the year
// of birth behind it, and 替补 or * for who stands by.
func roster(text string) []models.ContestMember {
	var out []models.ContestMember
	for l := range strings.SplitSeq(strings.NewReplacer("、", "\n", "，", " ", ",", " ", "\t", " ", "\r", "").Replace(text), "\n") {
		m := models.ContestMember{}
		for _, word := range strings.Fields(l) {
			switch year, err := strconv.Atoi(strings.TrimSuffix(word, "年")); {
			case word == "替补" || word == "*" || strings.EqualFold(word, "substitute"):
				m.Substitute = true
			case err == nil:
				m.BornYear = year
			default:
				m.Name = strings.TrimSpace(m.Name + " " + word)
			}
		}
		if m.Name != "" || m.BornYear != 0 {
			out = append(out, m)
		}
	}
	return out
}

// rosterText is a roster as it is typed.
func rosterText(members []models.ContestMember, spare string) string {
	var b strings.Builder
	for _, m := range members {
		b.WriteString(m.Name)
		if m.BornYear != 0 {
			fmt.Fprintf(&b, " %d", m.BornYear)
		}
		if m.Substitute {
			b.WriteString(" " + spare)
		}
		b.WriteString("\n")
	}
	return b.String()
}
