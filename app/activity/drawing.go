package activity

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// Where more want to come than there are places, a draw decides: entries are taken
// for a window; when it ends the list of parties is frozen and a commitment is
// published; then the public value comes, and the order is what anybody can
// compute. A party is one entry however large it is, so that all parties are drawn
// alike.
//
// The places go through that order. Whoever fits whole is in; a party that no
// longer fits whole is passed over and waits, and the next one is asked, down to the
// end. The waiting list then stands in the drawn order.

// Where there is no time left for a draw, because the last one became void on the eve, the
// places go through the order in which the entries came in; the page of the draw says so.

// drawDue is how long after the entries the public value may take, and drawLeast how long
// it has at least; both are ours.
const (
	drawDue   = 7 * 24 * time.Hour
	drawLeast = time.Hour
)

// drawnBy is the moment before which sessions have to be drawn: as long as whoever has a
// place may still give it back. The first of them counts, a past one too.
func drawnBy(first models.Instant) models.Instant { return first.Add(-cancelBefore) }

// valueDue is until when the public value of a draw of sessions may come; false when that
// is too soon to hold one.
func valueDue(now models.Instant, all []Meeting) (due models.Instant, ok bool) {
	due = now.Add(drawDue)
	for _, m := range all {
		if by := drawnBy(m.StartsAt); m.State == models.SessionPlanned && by.Before(due) {
			due = by
		}
	}
	return due, !due.Before(now.Add(drawLeast))
}

// drawNote is the public value that is named unless an organiser says another one:
// numbers that anybody can look up and nobody here can choose. Ours.
const drawNote = "报名截止后中国福利彩票双色球第一期开奖号码，六个红球由小到大，再加蓝球，用“-”连接"

// entryID is what is drawn: the activity and the end of the sign-up's id.
func entryID(activity int64, uid string) string {
	return "A" + strconv.FormatInt(activity, 10) + "-" + uid[max(len(uid)-8, 0):]
}

// CloseEntries ends the windows of entries that are over: the list is committed to,
// or everybody is in where a draw is not needed. It returns for how many activities.
func (s *Service) CloseEntries(ctx context.Context, now models.Instant) (done int, err error) {
	if s.Draws == nil {
		return 0, nil
	}
	var due []int64
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		due = nil
		over, err := entriesOver(tx, now)
		for _, x := range over {
			if _, again, err := s.mayCommit(tx, x); err != nil {
				return err
			} else if again {
				due = append(due, x.ID)
			}
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	return booking.Each(ctx, "entries of activity", due, func(id int64) (bool, error) {
		return true, s.DB.Write(ctx, func(tx *db.Tx) error { return s.closeEntries(tx, auth.Actor{Login: "job"}, id) })
	})
}

// drawAgain is why a draw is held a second time: nobody may be left without an answer
// because the public value was not entered in time.
const drawAgain = "上一次抽签没有按时等到公布的号码，已经作废"

// mayCommit reports whether an activity has no draw that counts, and the reason when
// it has had one.
func (s *Service) mayCommit(tx *db.Tx, act models.Activity) (reason string, ok bool, err error) {
	if act.DrawUID != nil {
		reason = drawAgain
	}
	if ok = act.DrawnAt.IsZero(); ok {
		ok, err = s.undrawn(tx, act.DrawUID)
	}
	return reason, ok, err
}

// undrawn reports whether there is no draw, or one that is void.
func (s *Service) undrawn(tx *db.Tx, uid *string) (bool, error) {
	if uid == nil {
		return true, nil
	}
	id, _ := strconv.ParseInt(*uid, 10, 64)
	return s.Draws.Void(tx, id)
}

func (s *Service) closeEntries(tx *db.Tx, a auth.Actor, id int64) error {
	if err := lockActivity(tx, id); err != nil {
		return err
	}
	act, err := activityByID(tx, id)
	if err != nil {
		return err
	}
	reason, ok, err := s.mayCommit(tx, act.Activity)
	if err != nil || !ok {
		return err
	}
	entered, err := signupsWhere(tx, `g.activity_id = ? AND g.entry = 'entered' ORDER BY g.created_at, g.uid`, id)
	if err != nil {
		return err
	}
	asked := map[int64]int{}
	for _, r := range entered {
		asked[r.EventID] += r.Party
	}
	all, err := meetingsOf(tx, id)
	if err != nil {
		return err
	}
	needed := false
	for _, m := range all[id] {
		needed = needed || asked[m.EventID] > m.Free() // what is kept for some is not for all
	}
	due, ok := valueDue(tx.Now(), all[id])
	if !needed || len(entered) < 2 || !ok {
		if needed && !ok {
			if err := s.log(tx, a, "activity.no_time_to_draw", act.Activity, "", fmt.Sprintf("%d entries, in their order", len(entered)), reason); err != nil {
				return err
			}
		}
		if err := s.give(tx, act, entered); err != nil {
			return err
		}
		return markDrawn(tx, id)
	}
	d := Drawing{ActivityID: id, OrgID: act.OrgID, Title: act.Title, Reason: reason, Value: drawNote, Due: due}
	for _, r := range entered {
		d.Entries = append(d.Entries, DrawingEntry{entryID(id, r.UID), fmt.Sprintf("%d 人", r.Party)})
	}
	made, err := s.Draws.Commit(tx, a, d)
	if err != nil {
		return err
	}
	return setDraw(tx, id, strconv.FormatInt(made, 10))
}

// Draw takes the public value and gives the places in the drawn order, in one
// transaction. Again with the same value changes nothing. It returns ErrNoDraw, or a
// refusal of the draw.
func (s *Service) Draw(ctx context.Context, a auth.Actor, id int64, value string) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		act, err := managed(tx, a, id)
		if err != nil {
			return err
		}
		if s.Draws == nil || act.DrawUID == nil {
			return ErrNoDraw
		}
		drawID, _ := strconv.ParseInt(*act.DrawUID, 10, 64)
		drawn, err := s.Draws.Reveal(tx, a, drawID, strings.TrimSpace(value))
		if err != nil || !act.DrawnAt.IsZero() {
			return err
		}
		entered, err := signupsWhere(tx, `g.activity_id = ? AND g.entry = 'entered'`, id)
		if err != nil {
			return err
		}
		of := map[string]SignupRow{}
		for _, r := range entered {
			of[entryID(id, r.UID)] = r
		}
		var order []SignupRow
		for i, id := range drawn {
			if r, ok := of[id]; ok { // whoever has left since is passed over
				r.DrawOrd = i + 1
				order = append(order, r)
			}
		}
		if err := s.give(tx, act, order); err != nil {
			return err
		}
		return markDrawn(tx, id)
	})
}

// drawnFirst holds a session that is moved to its draw: what waits for a public value has
// its order before the session, wherever it goes. It returns ErrDrawFirst.
func (s *Service) drawnFirst(tx *db.Tx, act models.Activity, start models.Instant) error {
	if act.Choose != models.ChooseDraw || !act.DrawnAt.IsZero() || s.Draws == nil {
		return nil
	}
	until := act.EntriesUntil.Add(drawLeast)
	if act.DrawUID != nil {
		id, _ := strconv.ParseInt(*act.DrawUID, 10, 64)
		due, open, err := s.Draws.Due(tx, id)
		if err != nil {
			return err
		}
		if open {
			until = due
		}
	}
	if drawnBy(start).Before(until) {
		from := until.Add(cancelBefore)
		return ErrDrawFirst.With("from", from).Add("from", from).At(errs.Field{Name: "start", Code: "other"})
	}
	return nil
}

// give lets parties have places in an order; who does not fit whole waits.
func (s *Service) give(tx *db.Tx, act row, order []SignupRow) error {
	v, err := s.view(tx, act.ID)
	if err != nil {
		return err
	}
	for i, r := range order {
		ord := orElse(r.DrawOrd, i+1)
		var status models.BookingStatus // booked at once
		if act.Approval {
			status = models.BookingHeld // the organiser says yes to each
		}
		o := booking.Order{ID: r.UID, Status: status, Ask: booking.Ask{EventID: r.EventID, Party: models.Party{Count: r.Party}, ForBranch: r.OrgID != nil},
			Wait: booking.OrWait, Actor: auth.Actor{AccountID: r.CreatedBy, Login: "draw"}, HolderID: r.HolderID, PersonID: r.PersonID, OrgID: r.OrgID,
			Name: r.Name, Channel: r.Channel, Place: r.Place}
		if o.Shares, err = sharesOf(tx, v, o.Actor, o); err != nil {
			return err
		}
		p, err := s.Kernel.BookIn(tx, o)
		note := "in"
		switch {
		case errs.As(err).Kind == errs.Conflict && err != nil:
			note = "out"
		case err != nil:
			return fmt.Errorf("places for %s: %w", r.UID, err)
		case p.Waits && p.ID != r.UID:
			note = "out" // waits with another entry already
		case p.Waits:
			note = "waits"
		}
		to := models.LotDrawn
		if note == "out" {
			to = models.LotLeft
		}
		if err := moveEntry(tx, r.UID, models.LotEntered, to, ord, note); err != nil {
			return err
		}
	}
	return nil
}

// Drawn is what came of a draw, for everybody to read: each entry by its public id.
type Drawn struct {
	View    View
	DrawID  int64
	Lines   []DrawnLine
	Waiting bool // for the public value
	InTurn  bool // no draw was needed, or there was no time for one: the order is that of the entries
}

// DrawnLine is one entry in the drawn order.
type DrawnLine struct {
	Entry string
	Party int
	Ord   int
	Note  string // "in", "waits", "out"
	Mine  bool
}

// Drawing returns what came of an activity's draw.
func (s *Service) Drawing(ctx context.Context, a auth.Actor, id int64) (out Drawn, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		if out.View, err = s.view(tx, id); err != nil {
			return err
		}
		if out.View.DrawUID != nil {
			out.DrawID, _ = strconv.ParseInt(*out.View.DrawUID, 10, 64)
		}
		out.Waiting = out.DrawID != 0 && out.View.DrawnAt.IsZero()
		if !out.View.DrawnAt.IsZero() && s.Draws != nil {
			if out.InTurn, err = s.undrawn(tx, out.View.DrawUID); err != nil {
				return err
			}
		}
		rows, err := signupsWhere(tx, `g.activity_id = ? AND (g.entry = 'entered' OR g.draw_ord > 0) ORDER BY g.draw_ord, g.uid`, id)
		for _, r := range rows {
			out.Lines = append(out.Lines, DrawnLine{Entry: entryID(id, r.UID), Party: r.Party, Ord: r.DrawOrd, Note: r.DrawNote, Mine: r.mine(a)})
		}
		return err
	})
	return out, err
}
