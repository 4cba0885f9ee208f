package activity

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/models"
)

// Talks are the lectures of the district: a month of a service may become an order of one.
type Talks interface {
	// Order places an order and returns its id.
	Order(tx *db.Tx, a auth.Actor, t Talk) (id string, err error)
	// Standing tells where some orders stand.
	Standing(tx *db.Tx, ids []string) ([]Talked, error)
}

// Talk is a lecture as a service list orders it: in words, on any day of some.
type Talk struct {
	OrgID       int64
	Title       string
	Heads       int
	From, Until models.Day
	Note        string
}

// Talked is an order of a lecture as the list tells of it.
type Talked struct {
	ID    string
	Title string
	State string // the locale key of its state
	Held  bool   // the lecture was given
	Off   bool   // it was cancelled
}

// BoardCell is a cell of the board with what became of it.
type BoardCell struct {
	models.ServiceCell
	State      models.CellState
	Activities []int64
}

// Board is the list of a station for a year, rows by service.
type Board struct {
	OrgID   int64
	OrgName string
	Year    int
	ListID  int64
	Rows    []BoardRow
	Counts  map[models.CellState]int
}

// BoardRow is a service with its twelve months; a nil cell is nothing planned.
type BoardRow struct {
	Service string
	Kind    models.ActivityKind
	Months  [12]*BoardCell
}

// ServiceBoard is a station's list as everybody may see it; errs.ErrNotFound when
// it has none for that year.
func (s *Service) ServiceBoard(ctx context.Context, org int64, year int) (b Board, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		l, cells, err := currentList(tx, org, year)
		if err != nil {
			return err
		}
		if l.ID == 0 {
			return errs.ErrNotFound
		}
		b = Board{OrgID: org, Year: year, ListID: l.ID, Counts: map[models.CellState]int{}}
		if b.OrgName, err = orgName(tx, org); err != nil {
			return err
		}
		made, err := activitiesOfCells(tx, l.ID)
		if err != nil {
			return err
		}
		held, err := s.held(tx, l.ID)
		if err != nil {
			return err
		}
		today := models.DayOf(tx.Now(), s.Zone)
		for _, c := range cells {
			if n := len(b.Rows); n == 0 || b.Rows[n-1].Service != c.Service {
				b.Rows = append(b.Rows, BoardRow{Service: c.Service, Kind: c.Kind})
			}
			x := &BoardCell{ServiceCell: c, State: c.State(year, today, held[c.ID]), Activities: made[c.ID]}
			b.Rows[len(b.Rows)-1].Months[c.Month-1] = x
			b.Counts[x.State]++
		}
		return nil
	})
	return b, err
}

// Cell is a month of a service with what was made of it.
type Cell struct {
	models.ServiceCell
	OrgID      int64
	OrgName    string
	OrgPath    string
	Year       int
	Current    bool
	Activities []CellActivity `gorm:"-"`
	Talks      []Talked       `gorm:"-"`
	Held       int            `gorm:"-"` // how often it has been done
}

// CellActivity is an activity that was made of a cell.
type CellActivity struct {
	ID    int64
	Title string
}

// Cell returns a month of a service; errs.ErrNotFound when there is none.
func (s *Service) Cell(ctx context.Context, id int64) (c Cell, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		if c, err = cellByID(tx, id); err != nil {
			return err
		}
		if c.Activities, err = activitiesOfCell(tx, id); err != nil {
			return err
		}
		if c.Talks, err = s.talks(tx, id); err != nil {
			return err
		}
		held, err := s.held(tx, c.ListID)
		c.Held = held[id]
		return err
	})
	return c, err
}

// held counts what has been done of the cells of a list: sessions that are over, and
// lectures that were given.
func (s *Service) held(tx *db.Tx, list int64) (map[int64]int, error) {
	out, err := sessionsHeld(tx, list)
	if err != nil || s.Talks == nil {
		return out, err
	}
	cells, ids, err := ordersOfList(tx, list)
	if err != nil {
		return nil, err
	}
	all, err := s.Talks.Standing(tx, ids)
	for _, x := range all {
		if x.Held {
			out[cells[x.ID]]++
		}
	}
	return out, err
}

// talks are the lectures that were ordered for a cell and stand still.
func (s *Service) talks(tx *db.Tx, cell int64) ([]Talked, error) {
	if s.Talks == nil {
		return nil, nil
	}
	ids, err := ordersOfCell(tx, cell)
	if err != nil {
		return nil, err
	}
	all, err := s.Talks.Standing(tx, ids)
	return slices.DeleteFunc(all, func(x Talked) bool { return x.Off }), err
}

// OrderTalk orders a lecture for a cell of the current list: in words, on any day that
// is left of its month. It returns ErrMonthOver, errs.ErrForbidden, and the refusals of
// lectures.
func (s *Service) OrderTalk(ctx context.Context, a auth.Actor, cell int64, heads int, key idem.Key) (c Cell, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		if c, err = cellByID(tx, cell); err != nil {
			return err
		}
		if s.Talks == nil || !c.Current {
			return errs.ErrNotFound
		}
		if !a.CanAt(auth.ActivityWrite, c.OrgPath) {
			return errs.ErrForbidden
		}
		first, last := s.daysLeft(tx.Now(), c)
		if last.Before(first) {
			return ErrMonthOver.With("month", c.Month)
		}
		_, err = idem.Once(tx, key, func() (string, error) {
			return s.orderTalk(tx, a, c, Talk{OrgID: c.OrgID, Title: c.What, Heads: heads, From: first, Until: last, Note: c.Service})
		})
		return err
	})
	return c, err
}

// daysLeft is what is left of the month of a cell: lectures are ordered two days ahead.
func (s *Service) daysLeft(now models.Instant, c Cell) (first, last models.Day) {
	month := models.Day{Year: c.Year, Month: time.Month(c.Month), Day: 1}
	next := month.Add(31)
	next.Day = 1
	if first = models.DayOf(now, s.Zone).Add(2); first.Before(month) {
		first = month
	}
	return first, next.Add(-1)
}

func (s *Service) orderTalk(tx *db.Tx, a auth.Actor, c Cell, t Talk) (string, error) {
	id, err := s.Talks.Order(tx, a, t)
	if err != nil {
		return "", err
	}
	if err := linkOrder(tx, c.ID, id); err != nil {
		return "", err
	}
	line := audit.By(tx, a, models.ChannelOnline)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID, line.After = "service_list.order", "service_cell", fmt.Sprint(c.ID), &c.OrgID, id
	return id, audit.Write(tx, line)
}

// MarkCell says that a month of a service was done, or not after all.
func (s *Service) MarkCell(ctx context.Context, a auth.Actor, cell int64, done bool) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		org, path, err := orgOfCell(tx, cell)
		if err != nil {
			return err
		}
		if !a.CanAt(auth.ActivityWrite, path) {
			return errs.ErrForbidden
		}
		if err := markCell(tx, cell, a.AccountID, done); err != nil {
			return err
		}
		line := audit.By(tx, a, models.ChannelOnline)
		line.Action, line.SubjectKind, line.SubjectID, line.OrgID, line.After = "service_list.mark", "service_cell", fmt.Sprint(cell), &org, strconv.FormatBool(done)
		return audit.Write(tx, line)
	})
}
