package lesson

import "youyue/app/errs"

// The refusals of this feature.
var (
	// ErrNotBegun: there is nothing to record before the screening has begun.
	ErrNotBegun = errs.New(errs.Conflict, "lesson.not_begun")
	// ErrNotOver: a record cannot be signed before the screening is over.
	ErrNotOver = errs.New(errs.Conflict, "lesson.not_over")
	// ErrCancelled: the booking was given back, or its screening called off.
	ErrCancelled = errs.New(errs.Conflict, "lesson.cancelled")
	// ErrStale: somebody saved the record meanwhile. It says who and when;
	// "record" is what they saved.
	ErrStale = errs.New(errs.Conflict, "lesson.stale")
	// ErrSigned: what is signed is only corrected, by the secretary, with a reason.
	ErrSigned = errs.New(errs.Conflict, "lesson.signed")
	// ErrNotSigned: only what is signed can be corrected.
	ErrNotSigned = errs.New(errs.Conflict, "lesson.not_signed")
	// ErrCountsChanged: the door counted differently by now than what the signer saw.
	ErrCountsChanged = errs.New(errs.Conflict, "lesson.counts_changed")
	// ErrSecretary: only the branch's own secretary signs and corrects.
	ErrSecretary = errs.New(errs.Forbidden, "lesson.secretary")
	// ErrIncomplete: what a signature needs is missing; the fields say what.
	ErrIncomplete = errs.New(errs.Invalid, "lesson.incomplete")

	// ErrPhotosFull: there are as many photos as a record holds.
	ErrPhotosFull = errs.New(errs.Conflict, "lesson.photos_full")
)
