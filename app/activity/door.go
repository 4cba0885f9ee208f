package activity

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// A door lets parties in, session by session. Every scan is kept once under its
// nonce, whoever sends it how often and however late: a device that had no line for
// two hours sends all of its scans when it is back, and each counts once. What the
// kernel has of check-ins follows: an event over three days knows who came at all.

// Pass is one scan: a party let in or out by its code, or heads without one.
type Pass struct {
	Nonce string
	Kind  models.ScanOutcome // ScanIn, ScanOut, ScanWalkIn
	Code  string
	Heads int // 0: the whole rest of the party
	At    models.Instant
}

// Batch is what a device sends. A device that has taken a list along signs it.
type Batch struct {
	Device    string
	SessionID int64
	Passes    []Pass
	Signature string // of Text, ECDSA P-256 over SHA-256, r and s in base64
}

// Text is what a device signs: a line a scan.
func (b Batch) Text() string {
	var t strings.Builder
	fmt.Fprintf(&t, "youyue-scans-v1|%d|%s\n", b.SessionID, b.Device)
	for _, p := range b.Passes {
		fmt.Fprintf(&t, "%s|%s|%s|%d|%s\n", p.Nonce, p.Kind, booking.CleanCode(p.Code), p.Heads, p.At)
	}
	return t.String()
}

// Seen is what became of a scan. A double admission names the scan that came first.
type Seen struct {
	models.ActivityScan
	Name  string
	Party int
	First *models.ActivityScan
}

// Count is how full a session is.
type Count struct {
	Arrived  int
	Expected int
}

// Admit takes the scans of a device, each once. It returns ErrSignature,
// booking.ErrDoorEarly, booking.ErrRecordClosed, errs.ErrForbidden.
func (s *Service) Admit(ctx context.Context, a auth.Actor, in Batch) (out []Seen, n Count, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		out = nil
		m, err := atDoor(tx, a, in.SessionID)
		if err != nil {
			return err
		}
		if early := s.early(tx, m); early != nil {
			return early
		}
		if _, err := booking.LockEvents(tx, m.EventID); err != nil {
			return err
		}
		lease, err := leaseOf(tx, m.ID, in.Device)
		if err != nil {
			return err
		}
		if lease != nil && !verify(lease.PublicKey, in.Text(), in.Signature) {
			return ErrSignature
		}
		for _, p := range in.Passes {
			x, err := s.pass(tx, a, m, lease, in.Device, p)
			if err != nil {
				return err
			}
			out = append(out, x)
		}
		n, err = countOf(tx, m)
		return err
	})
	return out, n, err
}

// AdmitSelf lets people in who have scanned the picture at the door with their own
// phone: their own parties, each once. The door's staff need do nothing.
func (s *Service) AdmitSelf(ctx context.Context, a auth.Actor, m Meeting, rows []SignupRow) (out []Seen, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		out = nil
		if early := s.early(tx, m); early != nil {
			return early
		}
		if _, err := booking.LockEvents(tx, m.EventID); err != nil {
			return err
		}
		for _, r := range rows {
			if !r.mine(a) {
				return errs.ErrForbidden
			}
			x, err := s.pass(tx, s.self(a, r), m, nil, ownPhone, Pass{Nonce: fmt.Sprintf("self-%d-%s", m.ID, r.UID), Kind: models.ScanIn, Code: r.Code})
			if err != nil {
				return err
			}
			out = append(out, x)
		}
		return nil
	})
	return out, err
}

// ownPhone is the device of who checks in by the picture on the door.
const ownPhone = "自己的手机"

// self is who checks in by themselves: the picture at the door, which only the
// session's sheet shows, stands for the staff there.
func (s *Service) self(a auth.Actor, r SignupRow) auth.Actor {
	a.Grants = append(a.Grants[:len(a.Grants):len(a.Grants)], auth.Grant{Role: auth.Clerk, OrgID: r.OrgIDOf, Path: r.OrgPath})
	return a
}

// atDoor is a session whose door the actor stands at.
func atDoor(tx *db.Tx, a auth.Actor, session int64) (Meeting, error) {
	m, err := meetingByID(tx, session)
	if err != nil {
		return m, err
	}
	act, err := activityByID(tx, m.ActivityID)
	if err == nil && !a.CanAt(auth.CheckIn, act.OrgPath) {
		err = errs.ErrForbidden
	}
	return m, err
}

// early refuses what belongs to the day of a session before that day; the kernel knows
// the first day of a term alone.
func (s *Service) early(tx *db.Tx, m Meeting) error {
	if from := s.Kernel.DoorFrom(models.Event{StartsAt: m.StartsAt}); tx.Now().Before(from) {
		return booking.ErrDoorEarly.With("starts_at", m.StartsAt).With("from", from).Add("from", from)
	}
	return nil
}

func (s *Service) pass(tx *db.Tx, a auth.Actor, m Meeting, lease *models.ActivityLease, device string, p Pass) (Seen, error) {
	at := s.scannedAt(tx.Now(), m, lease, p.At)
	x := Seen{ActivityScan: models.ActivityScan{Nonce: p.Nonce, SessionID: m.ID, Outcome: models.ScanUnknown, Device: device, At: at, ReceivedAt: tx.Now(), ByID: a.AccountID}}
	old, err := scanByNonce(tx, p.Nonce)
	switch {
	case err != nil:
		return x, err
	case old != nil && old.SessionID == m.ID:
		return again(tx, *old)
	case old != nil:
		return x, nil // another session's: this door is told nobody's name
	}
	if p.Kind == models.ScanWalkIn {
		err = s.walkIn(tx, a, m, lease, p, &x)
	} else {
		err = s.admit(tx, a, m, p, &x)
	}
	if err != nil {
		return x, err
	}
	return x, insertScan(tx, x.ActivityScan)
}

// scannedAt is when a scan was made, by the device's own clock as far as that can be:
// not before the door was open or the device took its list along, nor after now.
func (s *Service) scannedAt(now models.Instant, m Meeting, lease *models.ActivityLease, said models.Instant) models.Instant {
	from := s.Kernel.DoorFrom(models.Event{StartsAt: m.StartsAt})
	if lease != nil && lease.CreatedAt.After(from) {
		from = lease.CreatedAt
	}
	if said.Before(from) || said.After(now) {
		return now
	}
	return said
}

// admit lets a party in or out that has a place.
func (s *Service) admit(tx *db.Tx, a auth.Actor, m Meeting, p Pass, x *Seen) error {
	r, err := signupByCode(tx, m.EventID, booking.CleanCode(p.Code))
	if errors.Is(err, errs.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	x.UID, x.Name, x.Party = &r.UID, r.Name, r.Party
	in, err := headsIn(tx, m.ID, r.UID)
	if err != nil {
		return err
	}
	if p.Kind == models.ScanOut {
		x.Outcome, x.Heads = models.ScanOut, min(orElse(p.Heads, in), in)
		return nil
	}
	if in >= r.Party {
		if x.First, err = firstScan(tx, m.ID, r.UID); err != nil || x.First == nil {
			return err
		}
		x.FirstNonce, x.Outcome = &x.First.Nonce, models.ScanDouble
		if x.First.Device == x.Device {
			x.Outcome = models.ScanAgain
		}
		return nil
	}
	x.Outcome, x.Heads = models.ScanIn, min(orElse(p.Heads, r.Party-in), r.Party-in)
	return s.checkIn(tx, a, m, r.UID, r.Code, in+x.Heads, x)
}

// checkIn has the kernel know of as many heads of a booking as came to a session.
func (s *Service) checkIn(tx *db.Tx, a auth.Actor, m Meeting, uid, code string, came int, x *Seen) error {
	here, err := checkedIn(tx, uid)
	if err != nil || here >= came {
		return err
	}
	if _, err := s.Kernel.CheckInLater(tx, a, booking.Scan{Code: code, Nonce: x.Nonce, Count: came - here, EventID: m.EventID, Door: x.Device, At: x.At}); err != nil {
		return err
	}
	return s.cameAfterAll(tx, a, uid)
}

// walkIn lets heads in on the places that were lent to the device.
func (s *Service) walkIn(tx *db.Tx, a auth.Actor, m Meeting, lease *models.ActivityLease, p Pass, x *Seen) error {
	heads := max(p.Heads, 1)
	if lease == nil || lease.BookingID == nil || lease.Used+heads > lease.Places {
		x.Outcome = models.ScanFull
		return nil
	}
	lease.Used += heads
	x.Outcome, x.Heads = models.ScanWalkIn, heads
	if err := useLease(tx, lease.ID, lease.Used); err != nil {
		return err
	}
	code, err := codeOf(tx, *lease.BookingID)
	if err != nil {
		return err
	}
	return s.checkIn(tx, a, m, *lease.BookingID, code, lease.Used, x)
}

// again is a scan that was sent before, with what became of it then.
func again(tx *db.Tx, old models.ActivityScan) (Seen, error) {
	x := Seen{ActivityScan: old}
	if old.UID != nil {
		r, err := signupByID(tx, *old.UID)
		if err != nil {
			return x, err
		}
		x.Name, x.Party = r.Name, r.Party
	}
	if old.FirstNonce == nil {
		return x, nil
	}
	var err error
	x.First, err = scanByNonce(tx, *old.FirstNonce)
	return x, err
}

// verify checks a signature in the browser's form: r and s, 32 bytes each.
func verify(key, text, signature string) bool {
	der, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		return false
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	public, ok := parsed.(*ecdsa.PublicKey)
	sig, bad := base64.StdEncoding.DecodeString(signature)
	if err != nil || !ok || bad != nil || len(sig) != 64 || public.Params().BitSize != 256 {
		return false
	}
	sum := sha256.Sum256([]byte(text))
	return ecdsa.Verify(public, sum[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:]))
}
