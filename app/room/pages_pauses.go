package room

import (
	"context"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
)

// pauseRow is a pause as its page shows it: one may appeal against one's own, and
// who runs the place lifts it or keeps it.
type pauseRow struct {
	Pause
	Appeals bool
	Decides bool
	Chip    web.Chip
}

type pausesData struct {
	Rows    []pauseRow
	Links   []web.Link
	Refusal string
}

func (s *Service) pausesPage(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
	return s.paused(ctx, a, nil)
}

// paused lists the pauses that count still; bad is why one could not be appealed
// against or answered.
func (s *Service) paused(ctx context.Context, a auth.Actor, bad *errs.Error) (web.Page, error) {
	all, err := s.Pauses(ctx, a)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	var d pausesData
	for _, p := range all {
		row := pauseRow{Pause: p, Decides: a.CanAt(auth.RoomDecide, p.OrgPath), Chip: web.Chip{Tone: web.ToneWarn, Text: w.t("room.pause_on")}}
		row.Appeals = p.Appeal == "" && (p.own(a) || a.CanAt(auth.BookForOthers, p.OrgPath) && !row.Decides)
		switch {
		case p.Appeal != "" && p.AnsweredAt.IsZero():
			row.Chip = web.Chip{Tone: web.ToneInfo, Text: w.t("room.pause_appealed")}
		case !p.AnsweredAt.IsZero():
			row.Chip = web.Chip{Tone: web.ToneOff, Text: w.t("room.pause_kept")}
		}
		d.Rows = append(d.Rows, row)
	}
	p := web.Page{Template: "room/pauses", Title: "room.pauses_title"}
	if a.Can(auth.RoomRead) {
		p.Layout, p.Styles, d.Links = web.LayoutStaff, deskStyles, w.deskLinks(a, "/room-pauses")
	}
	if bad != nil {
		d.Refusal, p.Status = httpapi.Say(ctx, bad), bad.Kind.Status()
	}
	p.Data = d
	return p, nil
}

// pauseMoved answers what was done about a pause.
func (s *Service) pauseMoved(ctx context.Context, a auth.Actor, flash string, bad *errs.Error) (httpapi.Answer, error) {
	switch {
	case bad == nil:
		return httpapi.SeeOther("/room-pauses", flash, nil), nil
	case !shownAgain(bad):
		return httpapi.Answer{}, bad
	}
	p, err := s.paused(ctx, a, bad)
	return httpapi.Show(p), err
}

type appealEntry struct {
	byIDIn
	Why string `form:"why" validate:"required,plain,max=500"`
}

func (s *Service) appealForm(ctx context.Context, a auth.Actor, in appealEntry, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		if _, err := s.Appeal(ctx, a, in.ID, in.Why); err != nil {
			bad = errs.As(err)
		}
	}
	return s.pauseMoved(ctx, a, "room.appealed", bad)
}

type verdictEntry struct {
	byIDIn
	Verdict Verdict `form:"verdict" validate:"required,oneof=lift keep"`
	Words   string  `form:"words" validate:"omitempty,plain,max=500"`
}

func (s *Service) verdictForm(ctx context.Context, a auth.Actor, in verdictEntry, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil {
		if _, err := s.Answer(ctx, a, in.ID, in.Verdict, in.Words); err != nil {
			bad = errs.As(err)
		}
	}
	flash := "room.pause_kept_done"
	if in.Verdict == Lift {
		flash = "room.pause_lifted"
	}
	return s.pauseMoved(ctx, a, flash, bad)
}
