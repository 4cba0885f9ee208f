package lecture

import "youyue/app/errs"

// The refusals of this feature.
var (
	// ErrNotNow: the order is in a state from which that is no move. The text says
	// which; "state" names it.
	ErrNotNow = errs.New(errs.Conflict, "lecture.not_now")
	// ErrNoTopic: the topic is not on the menu of that community.
	ErrNoTopic = errs.New(errs.Invalid, "lecture.no_topic")
	// ErrPast: a wanted time has gone by, or is too near to find anybody.
	ErrPast = errs.New(errs.Invalid, "lecture.past")
	// ErrReason: the act needs a reason.
	ErrReason = errs.New(errs.Invalid, "lecture.reason")
	// ErrNoTeam: no team could come. "suggestions" says why each could not.
	ErrNoTeam = errs.New(errs.Conflict, "lecture.no_team")
	// ErrTeamCannot: the team is off, has another session, or its week is full.
	ErrTeamCannot = errs.New(errs.Conflict, "lecture.team_cannot")
	// ErrTeamBusy: the team has "n" sessions or offers before it, and cannot go yet.
	ErrTeamBusy = errs.New(errs.Conflict, "lecture.team_busy")
	// ErrOfferLost: another team was first.
	ErrOfferLost = errs.New(errs.Conflict, "lecture.offer_lost")
	// ErrOfferLapsed: the offer was open until "deadline".
	ErrOfferLapsed = errs.New(errs.Conflict, "lecture.offer_lapsed")
	// ErrOfferOver: the offer was declined, withdrawn, or its order is gone.
	ErrOfferOver = errs.New(errs.Conflict, "lecture.offer_over")
	// ErrTooEarly: a session cannot begin before "from".
	ErrTooEarly = errs.New(errs.Conflict, "lecture.too_early")
	// ErrRateOver: a week for rating is over.
	ErrRateOver = errs.New(errs.Conflict, "lecture.rate_over")
	// ErrRated: the order was rated already.
	ErrRated = errs.New(errs.Conflict, "lecture.rated")
	// ErrReopenOver: an order can be opened again for a week.
	ErrReopenOver = errs.New(errs.Conflict, "lecture.reopen_over")
	// ErrNotSimilar: the order to merge into is over, under way or itself merged, or
	// one of the two is at somebody's home.
	ErrNotSimilar = errs.New(errs.Conflict, "lecture.not_similar")
	// ErrRoomLent: a partner decides about each use of that place, which an order
	// cannot ask for.
	ErrRoomLent = errs.New(errs.Invalid, "lecture.room_lent")
	// ErrPhotosFull: there are as many photos as a session holds.
	ErrPhotosFull = errs.New(errs.Conflict, "lecture.photos_full")
)
