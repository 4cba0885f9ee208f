package contest

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/idem"
	"youyue/models"
)

// Form is what a team fills in. Members are those who appear, Substitutes stand by.
// Caller is the leader whom a clerk enters for.
type Form struct {
	DivisionID int64
	Team       string
	OrgID      int64
	Phone      string
	Piece      string
	Length     int // seconds
	Brings     string
	Lent       []int64
	Members    []models.ContestMember
	Caller     booking.Caller
	Channel    models.Channel
	ReadBack   booking.ReadBack
}

// Enter enters a team. It has a place at once, to be approved, or joins the
// waiting list of its division in the order in which it was heard. It returns
// field faults, ErrRoster, ErrNotYet, ErrOwner, ErrClosed, ErrPerTeam, ErrWaits,
// booking.ErrDeskOnly, booking.ErrListFull, idem.ErrReused.
func (s *Service) Enter(ctx context.Context, a auth.Actor, contest int64, f Form, key idem.Key) (Entry, error) {
	c, err := s.Get(ctx, contest)
	if err != nil {
		return Entry{}, err
	}
	d, ok := c.Division(f.DivisionID)
	if !ok {
		return Entry{}, errs.FieldFault("division_id", "unknown")
	}
	switch c.Phase(s.db.Now()) {
	case models.EntrySoon:
		return Entry{}, ErrNotYet.With("from", c.OpensAt).Add("from", c.OpensAt)
	case models.EntryClosed:
		return Entry{}, ErrClosed.With("until", c.ClosesAt).With("phone", c.Phone)
	case models.EntryOpen:
	}
	if err := c.placed(d.ID); err != nil {
		return Entry{}, err
	}
	if err := f.check(c, d, s.zone); err != nil {
		return Entry{}, err
	}
	o := booking.Order{Ask: booking.Ask{EventID: d.EventID, Party: models.Party{Count: 1}}, Wait: booking.OrWait, Actor: a, Name: f.Team, Key: key,
		Place: c.Slot(c.heat(d.ID).SlotID).Place, ReadBack: f.ReadBack}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		b, err := booking.BearerOf(tx, a, booking.Whom{Caller: f.Caller, Channel: f.Channel})
		if err != nil {
			return err
		}
		o.For(b)
		o.Name = f.Team
		home, err := orgsByID(tx, f.OrgID)
		if err == nil && home[f.OrgID].ID == 0 {
			err = errs.FieldFault("org_id", "unknown")
		}
		if err != nil {
			return err
		}
		o.Shares = letters(d.Shares, home[f.OrgID])
		return f.borrows(tx)
	})
	if err != nil {
		return Entry{}, err
	}
	uid, err := s.place(ctx, a, c, f, o)
	if err != nil {
		return Entry{}, err
	}
	var e Entry
	err = s.db.Read(ctx, func(tx *db.Tx) error { e, err = s.visible(tx, a, uid); return err })
	return e, err
}

// letters are those of the shares that a team of this home belongs to: its
// sub-district's, or its own.
func letters(shares []models.EventShare, home models.Org) string {
	out := ""
	for _, x := range shares {
		if x.Who == models.ShareOrg && x.OrgID != nil && strings.Contains(home.Path, "/"+strconv.FormatInt(*x.OrgID, 10)+"/") {
			out += x.Letter
		}
	}
	return out
}

// place asks the kernel, and writes the entry in the same transaction.
func (s *Service) place(ctx context.Context, a auth.Actor, c Contest, f Form, o booking.Order) (string, error) {
	uid := ""
	o.With = func(tx *db.Tx, p booking.Placed) error {
		uid = p.ID
		return s.write(tx, a, c, f, o, p)
	}
	if f.Caller.Name == "" {
		p, err := s.kernel.Book(ctx, o)
		return p.ID, err
	}
	key := o.Key
	o.Key = idem.Key{} // answered here, before a second note is made of the caller
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		id, err := idem.Once(tx, key, func() (string, error) {
			b, err := o.Bearer().ForCaller(tx, a, s.desk, f.Caller)
			if err != nil {
				return "", err
			}
			o.For(b)
			o.Name = f.Team
			p, err := s.kernel.BookIn(tx, o)
			return p.ID, err
		})
		uid = id
		return err
	})
	return uid, err
}

func (s *Service) write(tx *db.Tx, a auth.Actor, c Contest, f Form, o booking.Order, p booking.Placed) error {
	d, _ := c.Division(f.DivisionID)
	old, n, err := standing(tx, p.ID, d.ID, f.OrgID, f.Team)
	switch { // a party that waits is perhaps answered with the entry that waits already
	case err != nil:
		return err
	case old.ID != 0 && old.Team == f.Team && old.OrgID == f.OrgID:
		return nil
	case old.ID != 0:
		return ErrWaits.With("team", old.Team)
	case n >= d.PerTeam:
		return ErrPerTeam.With("team", f.Team).With("n", d.PerTeam).With("division", d.Name)
	}
	e := models.ContestEntry{UID: p.ID, ContestID: c.ID, DivisionID: d.ID, Team: f.Team, OrgID: f.OrgID, LeaderID: o.HolderID, LeaderName: a.Name,
		PhoneEnc: s.box.Seal(f.Phone), PersonID: o.PersonID, Piece: f.Piece, Length: f.Length, Brings: f.Brings, State: models.EntrySubmitted,
		Channel: o.Channel, ReadBack: bool(f.ReadBack), CreatedBy: a.AccountID, CreatedAt: tx.Now(), Version: 1}
	if f.Caller.Name != "" {
		e.LeaderName = f.Caller.Name
	}
	if p.Waits {
		e.State = models.EntryWaiting
	}
	if err := insertEntry(tx, &e, f.Members, f.Lent); err != nil {
		return err
	}
	return log(tx, a, o.Channel, "contest.enter", e, c.OrgID, "", string(e.State), "")
}

// log writes what happened to an entry; the team's name stays out of it.
func log(tx *db.Tx, a auth.Actor, ch models.Channel, action string, e models.ContestEntry, org int64, before, after, reason string) error {
	l := audit.By(tx, a, ch)
	l.Action, l.SubjectKind, l.SubjectID, l.OrgID, l.PersonID = action, "contest_entry", e.UID, &org, e.PersonID
	l.Before, l.After, l.Reason = before, e.DrawID()+" "+after, reason
	return audit.Write(tx, l)
}

// heat is the first round of a division.
func (c Contest) heat(division int64) models.ContestRound {
	for _, r := range c.Rounds {
		if r.DivisionID == division {
			return r
		}
	}
	return models.ContestRound{}
}

// maxLent is how many pieces of equipment one entry may borrow.
const maxLent = 10

func (f *Form) check(c Contest, d Division, zone *time.Location) error {
	var bad faults
	f.checkTexts(&bad)
	for i := range f.Members {
		bad.line("members["+strconv.Itoa(i)+"].name", &f.Members[i].Name, 40, true)
	}
	year := c.Day(zone).Year
	for _, m := range f.Members {
		if m.BornYear != 0 && (m.BornYear < year-120 || m.BornYear > year) {
			bad.add("members", "contest_year")
			break
		}
	}
	if err := bad.err(); err != nil {
		return err
	}
	return d.faults(year, f.Members, f.Length)
}

// borrows refuses to lend anything but equipment.
func (f *Form) borrows(tx *db.Tx) error {
	if len(f.Lent) == 0 {
		return nil
	}
	n, err := lendableOf(tx, f.Lent)
	if err == nil && n != len(f.Lent) {
		err = errs.FieldFault("lent", "unknown")
	}
	return err
}

func (f *Form) checkTexts(bad *faults) {
	bad.line("team", &f.Team, maxTeam, true)
	bad.line("piece", &f.Piece, 80, true)
	bad.line("phone", &f.Phone, 20, false)
	bad.lines("brings", &f.Brings, 300)
	f.Lent = slices.Compact(slices.Sorted(slices.Values(f.Lent)))
	bad.between("lent", len(f.Lent), 0, maxLent)
	bad.between("members", len(f.Members), 1, 600)
}

// faults is ErrRoster with what a team breaks of its division's rules.
func (d Division) faults(year int, members []models.ContestMember, length int) error {
	found := d.Check(year, members, length)
	if len(found) == 0 {
		return nil
	}
	var bad faults
	for _, x := range []models.RosterFault{models.RosterFew, models.RosterMany, models.RosterSpare, models.RosterYoung, models.RosterOld,
		models.RosterNoYear, models.RosterTwice, models.RosterLength, models.RosterNoLength} {
		who, ok := found[x]
		if !ok {
			continue
		}
		field := "members"
		if x == models.RosterLength || x == models.RosterNoLength {
			field = "length"
		}
		bad.add(field, "contest_"+string(x), "name", who, "min", d.MinMembers, "max", d.MaxMembers, "spare", d.Substitutes,
			"min_age", d.MinAge, "max_age", d.MaxAge, "minutes", d.MaxLength/60)
	}
	return ErrRoster.At(bad...)
}
