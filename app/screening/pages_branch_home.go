package screening

import (
	"context"
	"slices"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/httpapi"
	"youyue/app/list"
	"youyue/app/web"
	"youyue/models"
)

type branchData struct {
	Name   string // of one's branch, "" when there are several
	Groups []branchGroup
}

// branchGroup is what one branch has: coming, asked for, past.
type branchGroup struct {
	ID     int64
	Name   string
	Own    bool // what it has booked is shown too; a desk sees only what was asked for
	Coming []branchCard
	Asked  []RequestCard
	Past   []branchCard
}

// branchCard is a booking of a branch, with the way to its list of names or to
// the record of its party lesson.
type branchCard struct {
	ticketCard
	Roll     string // where the list is written
	RollText string
	Record   string // where the record is kept, "" for what did not take place
}

const (
	branchPast  = 5
	branchAsked = 20
)

// branchPage is what a secretary looks after, branch by branch. A desk, which
// has no branch of its own, sees what the branches have asked for.
func (s *Service) branchPage(ctx context.Context, a auth.Actor, _ httpapi.None) (web.Page, error) {
	branches, err := s.Branches(ctx, a)
	if err != nil {
		return web.Page{}, err
	}
	var d branchData
	own := branchesOf(a)
	for _, b := range branches {
		if slices.Contains(own, b.ID) {
			d.Groups = append(d.Groups, branchGroup{ID: b.ID, Name: b.Name, Own: true})
		}
	}
	if len(d.Groups) == 1 {
		d.Name = d.Groups[0].Name
	}
	for i := range d.Groups {
		if err := s.branchBookings(ctx, a, &d.Groups[i]); err != nil {
			return web.Page{}, err
		}
	}
	if err := s.branchAsked(ctx, a, &d); err != nil {
		return web.Page{}, err
	}
	return web.Page{Template: "branch/home", Title: "branch.title", Styles: []string{"booking"}, Data: d}, nil
}

// branchBookings fills in what is coming and what is past.
func (s *Service) branchBookings(ctx context.Context, a auth.Actor, g *branchGroup) error {
	coming, err := s.Bookings(ctx, a, Shelf{Query: list.Query{PerPage: comingAtMost}, When: WhenUpcoming, Status: models.BookingBooked, OrgID: g.ID})
	if err != nil {
		return err
	}
	past, err := s.Bookings(ctx, a, Shelf{Query: list.Query{PerPage: branchPast}, When: WhenPast, OrgID: g.ID})
	if err != nil {
		return err
	}
	ids := make([]string, len(coming.Items))
	for i, t := range coming.Items {
		ids[i] = t.ID
	}
	var written map[string][]booking.Attendee
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) { written, err = booking.Attendees(tx, ids...); return err })
	if err != nil {
		return err
	}
	w := s.words(ctx)
	for _, t := range coming.Items {
		g.Coming = append(g.Coming, branchCard{ticketCard: s.ticketCard(w, a, t), Roll: rollPath(t.ID),
			RollText: w.T("roll.link", "n", len(written[t.ID]), "all", t.Party)})
	}
	for _, t := range past.Items {
		c := branchCard{ticketCard: s.ticketCard(w, a, t)}
		if t.Status != models.BookingCancelled {
			c.Record = ticketPath(t.ID) + "/record"
		}
		g.Past = append(g.Past, c)
	}
	return nil
}

// branchAsked fills in what was asked for, the undecided with their deadline;
// branches that only a desk sees follow one's own.
func (s *Service) branchAsked(ctx context.Context, a auth.Actor, d *branchData) error {
	halls, err := s.Requests(ctx, a, list.Query{PerPage: list.MaxPerPage}, "")
	if err != nil {
		return err
	}
	blocks, err := s.Blocks(ctx, a, BlockShelf{Query: list.Query{PerPage: list.MaxPerPage}})
	if err != nil {
		return err
	}
	w := s.words(ctx)
	add := func(org int64, name string, c RequestCard) {
		i := slices.IndexFunc(d.Groups, func(g branchGroup) bool { return g.ID == org })
		if i < 0 {
			i, d.Groups = len(d.Groups), append(d.Groups, branchGroup{ID: org, Name: name})
		}
		d.Groups[i].Asked = append(d.Groups[i].Asked, c)
	}
	for _, q := range halls.Items {
		add(q.OrgID, q.OrgName, requestInList(w, q))
	}
	for _, q := range blocks.Items {
		add(q.OrgID, q.OrgName, blockInList(w, q))
	}
	for i := range d.Groups {
		asked := d.Groups[i].Asked
		slices.SortStableFunc(asked, func(x, y RequestCard) int { return undecidedFirst(x, y) })
		d.Groups[i].Asked = asked[:min(len(asked), branchAsked)]
	}
	return nil
}

// undecidedFirst orders by deadline what waits, then the rest by start, the latest first.
func undecidedFirst(x, y RequestCard) int {
	switch {
	case x.Until.IsZero() && y.Until.IsZero():
		return y.Start.Time().Compare(x.Start.Time())
	case x.Until.IsZero():
		return 1
	case y.Until.IsZero():
		return -1
	}
	return x.Until.Time().Compare(y.Until.Time())
}
