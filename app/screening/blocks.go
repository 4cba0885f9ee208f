package screening

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/app/list"
	"youyue/app/notify"
	"youyue/models"
)

// The refusals of a block request.
var (
	// ErrBlockDecided: the request was decided before; it says how.
	ErrBlockDecided = errs.New(errs.Conflict, "block_request.decided")
	// ErrBlockCap: the branch holds as many blocks as it may.
	ErrBlockCap = errs.New(errs.Conflict, "block_request.cap")
)

// The bounds of a block request; ours. The seats are kept from everybody else
// meanwhile, so that it is decided sooner than a request for an empty hall, and a
// branch cannot keep seats at more screenings than it could fill in a month.
const (
	blockWithin = 48 * time.Hour
	maxBlocks   = 3 // undecided at once, of one branch
)

const kindBlock = "block_request"

// BlockWish is what a branch asks for: count seats of a screening together.
type BlockWish struct {
	ScreeningID int64
	Count       int
	Zone        models.Zone
	OrgID       int64 // 0: the actor's only branch
	Note        string
	Channel     models.Channel
	Key         idem.Key
}

// BlockView is a request as it is read.
type BlockView struct {
	models.BlockRequest
	FilmTitle     string
	StartsAt      models.Instant
	EndsAt        models.Instant
	HallID        int64
	HallName      string
	OrgName       string
	OrgPath       string
	PlacePath     string // of who runs the hall
	ForSale       int
	Taken         int
	Waiting       int // of Taken, the seats that wait for an answer, this request's among them
	BookingStatus models.BookingStatus
	Held          []booking.SeatRef `gorm:"-"`
}

func blockSeats(tx *db.Tx, vs []BlockView) error {
	ids := make([]string, len(vs))
	for i, v := range vs {
		ids[i] = v.BookingID
	}
	held, err := booking.SeatsOf(tx, ids...)
	for i := range vs {
		if vs[i].Held = held[vs[i].BookingID]; vs[i].Held == nil {
			vs[i].Held = []booking.SeatRef{}
		}
	}
	return err
}

// Block returns one request.
func (s *Service) Block(ctx context.Context, a auth.Actor, id int64) (v BlockView, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { v, err = block(tx, a, id); return err })
	return v, err
}

// BlockShelf narrows a list of requests; zero fields do not.
type BlockShelf struct {
	list.Query
	Status models.BlockStatus
	HallID int64
	OrgID  int64
}

// Blocks lists the requests the actor may see, the newest first.
func (s *Service) Blocks(ctx context.Context, a auth.Actor, sh BlockShelf) (out list.Of[BlockView], err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		rows, total, err := blocksOf(tx, a, sh)
		if err != nil {
			return err
		}
		out = list.New(sh.Query, rows, total)
		return blockSeats(tx, out.Items)
	})
	return out, err
}

// AskBlock holds count seats together, all or none, until the deadline that
// comes back. Besides the kernel's refusals it returns ErrBlockCap,
// ErrWhichBranch and ErrNotBranch.
func (s *Service) AskBlock(ctx context.Context, a auth.Actor, w BlockWish) (BlockView, error) {
	v, err := s.blockAsked(ctx, a, w)
	if s.kernel.Lapsed(ctx, w.ScreeningID, err) {
		return s.blockAsked(ctx, a, w)
	}
	return v, err
}

func (s *Service) blockAsked(ctx context.Context, a auth.Actor, w BlockWish) (v BlockView, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		id, err := idem.Once(tx, w.Key, func() (int64, error) { return s.askBlock(tx, a, w) })
		if err != nil {
			return err
		}
		v, err = block(tx, a, id)
		return err
	})
	return v, err
}

func (s *Service) askBlock(tx *db.Tx, a auth.Actor, w BlockWish) (int64, error) {
	org, err := askingBranch(tx, a, w.OrgID)
	if err != nil {
		return 0, err
	}
	show, err := ByID(tx, w.ScreeningID)
	if errors.Is(err, errs.ErrNotFound) {
		err = errs.FieldFault("screening_id", "unknown")
	}
	if err != nil {
		return 0, err
	}
	if err := blockRoom(tx, org.ID); err != nil {
		return 0, err
	}
	if w.Channel == "" {
		w.Channel = models.ChannelOnline
	}
	placed, err := s.kernel.BookIn(tx, booking.Order{
		Ask:   booking.Ask{EventID: show.ID, Party: models.Party{Count: w.Count, Zone: w.Zone}, Reach: booking.ReachBlock, ForBranch: true},
		Actor: a, HolderID: &a.AccountID, OrgID: &org.ID, Name: org.Name, Channel: w.Channel, Status: models.BookingHeld})
	if err != nil {
		return 0, err
	}
	q := models.BlockRequest{BookingID: placed.ID, EventID: show.ID, OrgID: org.ID, HolderID: a.AccountID, Seats: len(placed.Seats), Note: w.Note,
		Status: models.BlockPending, Deadline: deadline(tx.Now(), show.StartsAt, blockWithin), Channel: w.Channel,
		CreatedBy: a.AccountID, CreatedAt: tx.Now()}
	if err := insertBlock(tx, &q); err != nil {
		return 0, err
	}
	line := audit.By(tx, a, w.Channel)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID = "block_request.ask", kindBlock, strconv.FormatInt(q.ID, 10), &show.OrgID
	line.After = fmt.Sprintf("event %d, %d seats until %s", show.ID, q.Seats, q.Deadline)
	if err := audit.Write(tx, line); err != nil {
		return 0, err
	}
	return q.ID, s.tellOfBlock(tx, q, show, org, booking.JoinLabels(placed.Seats))
}

// blockRoom holds a branch to its cap. The branch's row is locked by
// standingBranch: two requests at once, for two screenings, count one after the other.
func blockRoom(tx *db.Tx, orgID int64) error {
	n, err := pendingBlocks(tx, orgID)
	if err != nil {
		return err
	}
	if n >= maxBlocks {
		return ErrBlockCap.With("max", maxBlocks).Add("max", maxBlocks)
	}
	return nil
}

// tellOfBlock tells everybody who may decide about the hall.
func (s *Service) tellOfBlock(tx *db.Tx, q models.BlockRequest, show Show, org models.Org, seats string) error {
	ids, err := decidersAt(tx, show.OrgPath)
	if err != nil {
		return err
	}
	all := make([]notify.Notice, len(ids))
	for i, id := range ids {
		all[i] = notify.Notice{Account: id, Kind: notify.BlockRequested, Subject: blockSubject(q.ID), Vars: map[string]string{
			"title": show.FilmTitle, "start": show.StartsAt.String(), "place": show.HallName, "org": org.Name, "seats": seats,
			"deadline": q.Deadline.String(), "path": blockPath(q.ID)}}
	}
	return s.notices.Enqueue(tx, all...)
}

func blockSubject(id int64) string { return kindBlock + ":" + strconv.FormatInt(id, 10) }

func blockPath(id int64) string { return "/block-requests/" + strconv.FormatInt(id, 10) }
