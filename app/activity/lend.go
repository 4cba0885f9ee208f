package activity

import (
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/base64"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// Expected is a party on the list that a device takes along.
type Expected struct {
	UID   string
	Code  string
	Name  string
	Party int
	In    int
}

// Shown is the code as it is printed.
func (p Expected) Shown() string { return booking.ShowCode(p.Code) }

// Lent is what a device takes along for two hours: who is expected, and places that
// it may give to people who come without a sign-up.
type Lent struct {
	Meeting Meeting
	Title   string
	Lease   models.ActivityLease
	People  []Expected
	Count   Count
	Twice   []Seen // double admissions, each with the scan that came first
}

// maxLent bounds what one device takes along of the free places.
const maxLent = 50

// Lend gives a device the list and some walk-in places, under a key of its own. The
// same device asking again gets the same places. Fewer places than asked for are
// lent when fewer are left, none before the day of the session. It returns ErrSignature for a key that is none.
func (s *Service) Lend(ctx context.Context, a auth.Actor, session int64, device, key string, places int) (out Lent, err error) {
	if _, bad := parseKey(key); bad {
		return out, errs.FieldFault("public_key", "other")
	}
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		m, err := atDoor(tx, a, session)
		if err != nil {
			return err
		}
		// Under its lock, so that the free places are what the kernel finds.
		if _, err := booking.LockEvents(tx, m.EventID); err != nil {
			return err
		}
		if m, err = meetingByID(tx, session); err != nil {
			return err
		}
		lease, err := leaseOf(tx, m.ID, device)
		if err != nil {
			return err
		}
		if lease == nil || !lease.EndedAt.IsZero() {
			if lease, err = s.lend(tx, a, m, device, key, min(places, maxLent)); err != nil {
				return err
			}
		} else if lease.PublicKey != key {
			return ErrSignature
		}
		out, err = s.along(tx, m)
		out.Lease = *lease
		return err
	})
	return out, err
}

func parseKey(key string) (*ecdsa.PublicKey, bool) {
	der, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		return nil, true
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	public, ok := parsed.(*ecdsa.PublicKey)
	return public, err != nil || !ok || public.Params().BitSize != 256
}

func (s *Service) lend(tx *db.Tx, a auth.Actor, m Meeting, device, key string, places int) (*models.ActivityLease, error) {
	l := models.ActivityLease{SessionID: m.ID, Device: device, PublicKey: key, UntilAt: tx.Now().Add(models.OfflineFor), ByID: a.AccountID, CreatedAt: tx.Now()}
	if s.early(tx, m) != nil {
		places = 0 // until its day they are for who signs up
	}
	if places = min(places, m.Free()+m.Reserved); places > 0 && m.EventState == models.EventOpen {
		p, err := s.Kernel.BookIn(tx, booking.Order{Ask: booking.Ask{EventID: m.EventID, Party: models.Party{Count: places}, Reach: booking.ReachLent},
			Actor: a, Name: lentName, Channel: models.ChannelVisit, Place: m.Place})
		if err != nil {
			return nil, ours(err)
		}
		l.BookingID, l.Places = &p.ID, places
	}
	return &l, tx.Insert(&l)
}

// lentName is how places on loan to a device are called on lists.
const lentName = "现场名额"

func (s *Service) along(tx *db.Tx, m Meeting) (out Lent, err error) {
	act, err := activityByID(tx, m.ActivityID)
	if err != nil {
		return out, err
	}
	out.Meeting, out.Title = m, act.Title
	if out.People, err = expectedAt(tx, m); err != nil {
		return out, err
	}
	out.Count, err = countOf(tx, m)
	return out, err
}

// Door is a session's list for who stands at its door; see Lend.
func (s *Service) Door(ctx context.Context, a auth.Actor, session int64) (out Lent, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		m, err := atDoor(tx, a, session)
		if err != nil {
			return err
		}
		if out, err = s.along(tx, m); err != nil {
			return err
		}
		scans, err := doubles(tx, session)
		for _, x := range scans {
			var seen Seen
			if err == nil {
				seen, err = again(tx, x)
				out.Twice = append(out.Twice, seen)
			}
		}
		return err
	})
	return out, err
}

// leaseGrace is how long after its two hours a device may come back and send what
// it let in, before what it has not used is given back.
const leaseGrace = 30 * time.Minute

// EndLeases gives back what devices have not used of their places. It returns how
// many leases it ended; one that fails keeps no other waiting.
func (s *Service) EndLeases(ctx context.Context, now models.Instant) (done int, err error) {
	page := func(tx *db.Tx, most, skip int) ([]int64, error) {
		return leasesOver(tx, now.Add(-leaseGrace), most, skip)
	}
	return booking.EachDue(ctx, s.DB, "lease", page, func(id int64) (bool, error) {
		return true, s.DB.Write(ctx, func(tx *db.Tx) error { return s.endLease(tx, id) })
	})
}

func (s *Service) endLease(tx *db.Tx, id int64) error {
	l, err := lockLease(tx, id)
	if err != nil || !l.EndedAt.IsZero() {
		return err
	}
	if err := endLease(tx, id); err != nil || l.BookingID == nil || l.Used == l.Places {
		return err
	}
	b, e, err := booking.Locked(tx, *l.BookingID)
	if err != nil || e.State != models.EventOpen || b.Status != models.BookingBooked {
		return err
	}
	if l.Used == 0 {
		_, err = s.Kernel.Cancel(tx, b, e, booking.Cancelling{Actor: auth.Actor{Login: "job"}, Channel: models.ChannelJob, Limit: booking.AtAnyTime})
		return err
	}
	if !tx.Now().Before(e.EndsAt) {
		return nil
	}
	_, err = s.Kernel.Shorten(tx, b, e, l.Used)
	return err
}
