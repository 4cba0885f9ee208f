// Package lesson keeps the record of a party lesson (党课记录): what a branch saw,
// when and where, who came, what was said, and photos if it likes. The bookings
// give the facts, the secretary signs, and what is signed is only corrected
// beside itself, with a reason. It ranks nobody.
package lesson

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"time"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/notify"
	"youyue/app/photo"
	"youyue/models"
)

// Service is the feature.
type Service struct {
	db      *db.DB
	notices *notify.Service
	zone    *time.Location
	dark    photo.Darkroom
}

// New returns the feature; years begin and end in zone.
func New(d *db.DB, notices *notify.Service, zone *time.Location) *Service {
	return &Service{db: d, notices: notices, zone: zone, dark: photo.New()}
}

// Record is a record as its reader has it: the version that counts, or one of
// the older ones.
type Record struct {
	models.LessonRecord
	Begun    bool
	Over     bool
	OathPlan bool   // the screening had time for an oath
	Facts    string // tells one state of the facts from another
	Photos   []Photo
	Versions []models.LessonRecord // all that is stored, the last first

	MayWrite   bool // save a draft now
	MaySign    bool // sign what is saved now
	MayCorrect bool
}

// Latest reports whether this is the version that counts.
func (r Record) Latest() bool { return len(r.Versions) == 0 || r.Versions[0].Revision == r.Revision }

// Record returns the record of a branch's booking, with the facts as they are
// now while nobody has signed. revision names an older version; 0 is the one
// that counts. errs.ErrNotFound outside the actor's scope.
func (s *Service) Record(ctx context.Context, a auth.Actor, id string, revision int) (r Record, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { r, err = s.read(tx, a, id, revision); return err })
	return r, err
}

func (s *Service) read(tx *db.Tx, a auth.Actor, id string, revision int) (Record, error) {
	b, err := find(tx, a, id)
	if err != nil {
		return Record{}, err
	}
	all, err := versions(tx, id)
	if err != nil {
		return Record{}, err
	}
	r := assemble(tx.Now(), a, b, all)
	if revision != 0 {
		i := slices.IndexFunc(all, func(v models.LessonRecord) bool { return v.Revision == revision })
		if i < 0 {
			return r, errs.ErrNotFound
		}
		if r.Revision != revision {
			r.LessonRecord, r.MayWrite, r.MaySign, r.MayCorrect = all[i], false, false, false
		}
	}
	r.Photos, err = photos(tx, id)
	return r, err
}

// assemble puts what is stored and what the booking says now together.
func assemble(now models.Instant, a auth.Actor, b booked, all []models.LessonRecord) Record {
	r := Record{LessonRecord: models.LessonRecord{BookingID: b.BookingID, State: models.LessonNone}, Versions: all,
		Begun: !b.StartsAt.After(now), Over: !b.EndsAt.After(now), OathPlan: b.OathMin > 0}
	if len(all) > 0 {
		r.LessonRecord = all[0]
	}
	if !r.State.Sealed() {
		r.LessonFacts = b.LessonFacts
	}
	r.OrgID = b.OrgID // by now another's, when branches were merged
	r.Facts = tag(r.LessonFacts)
	open := r.Begun && !b.gone()
	r.MayWrite = open && !r.State.Sealed() && a.CanAt(auth.LessonWrite, b.BranchPath)
	r.MaySign = open && r.Over && r.State == models.LessonDraft && secretary(a, b)
	r.MayCorrect = r.State.Sealed() && secretary(a, b)
	return r
}

// gone reports whether the branch had no lesson after all.
func (b booked) gone() bool {
	return b.Status == models.BookingCancelled || b.EventState == models.EventCancelled
}

// secretary: the branch's own, and nobody above it.
func secretary(a auth.Actor, b booked) bool {
	return slices.Contains(a.OrgsWith(auth.LessonSign), b.OrgID)
}

// tag is short and changes with the facts that a signature would freeze.
func tag(f models.LessonFacts) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s\n%s\n%s\n%d\n%d\n%d\n%s", f.Branch, f.Film, f.StartsAt, f.EndsAt, f.Place, f.Expected, f.Arrived, f.Unnamed, f.Absent))
	return hex.EncodeToString(sum[:8])
}

// change runs fn on the record as it stands under its lock, and answers with the
// record after it. What the actor may not see is not found.
func (s *Service) change(ctx context.Context, a auth.Actor, id string, fn func(tx *db.Tx, b booked, cur models.LessonRecord) error) (r Record, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if err := lock(tx, id); err != nil {
			return err
		}
		b, err := find(tx, a, id)
		if err != nil {
			return err
		}
		all, err := versions(tx, id)
		if err != nil {
			return err
		}
		if err := fn(tx, b, assemble(tx.Now(), a, b, all).LessonRecord); err != nil {
			return err
		}
		r, err = s.read(tx, a, id, 0)
		return err
	})
	return r, err
}

// ready refuses what comes too early, or for a lesson that never was.
func (b booked) ready(now models.Instant) error {
	switch {
	case b.gone():
		return ErrCancelled
	case b.StartsAt.After(now):
		return ErrNotBegun.With("at", b.StartsAt).Add("from", b.StartsAt)
	}
	return nil
}

// current refuses to go on from another version than the one that stands.
func current(cur models.LessonRecord, version int) error {
	if cur.Version == version {
		return nil
	}
	return ErrStale.With("who", cur.SavedName).With("at", cur.SavedAt).Add("version", cur.Version)
}

// Save keeps a draft, the secretary's or a clerk's for them. It returns field
// faults, ErrNotBegun, ErrCancelled, ErrSigned, ErrStale.
func (s *Service) Save(ctx context.Context, a auth.Actor, id string, e Entry) (Record, error) {
	return s.change(ctx, a, id, func(tx *db.Tx, b booked, cur models.LessonRecord) error {
		if !a.CanAt(auth.LessonWrite, b.BranchPath) {
			return errs.ErrForbidden
		}
		if err := b.ready(tx.Now()); err != nil {
			return err
		}
		if !cur.State.CanBecome(models.LessonDraft) {
			return ErrSigned.With("who", cur.SignedName).With("at", cur.SignedAt)
		}
		if err := current(cur, e.Version); err != nil {
			return err
		}
		next := cur
		if err := e.write(&next); err != nil {
			return err
		}
		next.State, next.Version = models.LessonDraft, cur.Version+1
		saved(tx, a, &next)
		keep := update
		if cur.State == models.LessonNone {
			next.Revision, keep = 1, insert
		}
		if err := keep(tx, next); err != nil {
			return err
		}
		return log(tx, a, b, "lesson.save", next, "")
	})
}

func saved(tx *db.Tx, a auth.Actor, r *models.LessonRecord) {
	r.SavedBy, r.SavedName, r.SavedAt = a.AccountID, a.Name, tx.Now()
}

// Sign is the secretary's yes to a draft: the facts are frozen as they are now.
// version and facts are those that the secretary saw. It returns ErrSecretary,
// ErrNotOver, ErrCancelled, ErrSigned, ErrStale, ErrCountsChanged, ErrIncomplete.
func (s *Service) Sign(ctx context.Context, a auth.Actor, id string, version int, facts string) (Record, error) {
	return s.change(ctx, a, id, func(tx *db.Tx, b booked, cur models.LessonRecord) error {
		if !secretary(a, b) {
			return ErrSecretary.With("branch", b.Branch)
		}
		if err := b.ready(tx.Now()); err != nil {
			return err
		}
		if b.EndsAt.After(tx.Now()) {
			return ErrNotOver.With("at", b.EndsAt).Add("from", b.EndsAt)
		}
		if cur.State.Sealed() {
			return ErrSigned.With("who", cur.SignedName).With("at", cur.SignedAt)
		}
		if err := current(cur, version); err != nil {
			return err
		}
		if !cur.State.CanBecome(models.LessonSigned) {
			return ErrIncomplete.At(errs.Field{Name: "host", Code: "required"}, errs.Field{Name: "oath", Code: "required"})
		}
		if facts != tag(cur.LessonFacts) {
			return ErrCountsChanged.With("expected", cur.Expected).With("arrived", cur.Arrived).Add("facts", tag(cur.LessonFacts))
		}
		next := cur
		if err := complete(next); err != nil {
			return err
		}
		next.State, next.Version = models.LessonSigned, cur.Version+1
		signed(tx, a, &next)
		if err := update(tx, next); err != nil {
			return err
		}
		if err := s.notices.Void(tx, "booking:"+id, notify.RecordDue); err != nil {
			return err
		}
		return log(tx, a, b, "lesson.sign", next, "")
	})
}

func signed(tx *db.Tx, a auth.Actor, r *models.LessonRecord) {
	by := a.AccountID
	r.SignedBy, r.SignedName, r.SignedAt = &by, a.Name, tx.Now()
}

// Correct puts a new signed version beside the last one, with the reason; the
// frozen facts stay, and other counts are stated as anywhere. It returns field
// faults, ErrSecretary, ErrNotSigned, ErrStale.
func (s *Service) Correct(ctx context.Context, a auth.Actor, id string, e Entry, reason string) (Record, error) {
	return s.change(ctx, a, id, func(tx *db.Tx, b booked, cur models.LessonRecord) error {
		if !secretary(a, b) {
			return ErrSecretary.With("branch", b.Branch)
		}
		if !cur.State.CanBecome(models.LessonCorrected) {
			return ErrNotSigned
		}
		if err := current(cur, e.Version); err != nil {
			return err
		}
		next := cur
		var faults []errs.Field
		why := line(&faults, "reason", reason, maxReason)
		if why == "" && len(faults) == 0 {
			faults = append(faults, errs.Field{Name: "reason", Code: "required"})
		}
		if err := e.write(&next); err != nil {
			return errs.As(err).At(faults...)
		}
		if len(faults) > 0 {
			return errs.ErrInvalid.At(faults...)
		}
		if err := complete(next); err != nil {
			return err
		}
		next.State, next.Reason, next.Revision, next.Version = models.LessonCorrected, why, cur.Revision+1, cur.Version+1
		saved(tx, a, &next)
		signed(tx, a, &next)
		if err := insert(tx, next); err != nil {
			return err
		}
		return log(tx, a, b, "lesson.correct", next, why)
	})
}

// complete refuses a signature under a record that lacks its host or does not
// say whether the oath was taken.
func complete(r models.LessonRecord) error {
	var faults []errs.Field
	if r.Host == "" {
		faults = append(faults, errs.Field{Name: "host", Code: "required"})
	}
	if r.Oath == nil {
		faults = append(faults, errs.Field{Name: "oath", Code: "required"})
	}
	if len(faults) > 0 {
		return ErrIncomplete.At(faults...)
	}
	return nil
}

func log(tx *db.Tx, a auth.Actor, b booked, action string, r models.LessonRecord, reason string) error {
	l := audit.By(tx, a, models.ChannelOnline)
	l.Action, l.SubjectKind, l.SubjectID, l.OrgID, l.Reason = action, "booking", b.BookingID, &b.OrgID, reason
	c := r.Counts()
	l.After = "version " + strconv.Itoa(r.Revision) + ", expected " + strconv.Itoa(c.Expected) + ", arrived " + strconv.Itoa(c.Arrived)
	if r.Stated() {
		l.Before = "counted: expected " + strconv.Itoa(r.Expected) + ", arrived " + strconv.Itoa(r.Arrived)
	}
	return audit.Write(tx, l)
}
