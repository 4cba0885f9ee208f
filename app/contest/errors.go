package contest

import "youyue/app/errs"

// The refusals of this feature.
var (
	// ErrOver: the contest has finished or was called off.
	ErrOver = errs.New(errs.Conflict, "contest.over")
	// ErrNotYet and ErrClosed: the entry window; they say when.
	ErrNotYet = errs.New(errs.Conflict, "contest.not_yet")
	ErrClosed = errs.New(errs.Conflict, "contest.closed")
	// ErrOwner: a partner who lends a place of the division's rounds has not agreed;
	// "until" says by when it answers. Without that member it has refused, and another
	// time is looked for.
	ErrOwner = errs.New(errs.Conflict, "contest.owner_asked")
	// ErrRoster: the team breaks rules of its division; the fields say which.
	ErrRoster = errs.New(errs.Invalid, "contest.roster")
	// ErrPerTeam: the team has as many entries in this division as one may have.
	ErrPerTeam = errs.New(errs.Conflict, "contest.per_team")
	// ErrWaits: the leader has an entry of another team on this waiting list.
	ErrWaits = errs.New(errs.Conflict, "contest.waits")
	// ErrEntryState: the entry is not in a state for that.
	ErrEntryState = errs.New(errs.Conflict, "contest.entry_state")
	// ErrUndecided: entries wait for their yes; "n" of them.
	ErrUndecided = errs.New(errs.Conflict, "contest.undecided")
	// ErrOrdered: the round has its order; its list stands.
	ErrOrdered = errs.New(errs.Conflict, "contest.ordered")
	// ErrRoundState: the round is not in a state for that.
	ErrRoundState = errs.New(errs.Conflict, "contest.round_state")
	// ErrNotDrawn: no round of the contest has its order yet.
	ErrNotDrawn = errs.New(errs.Conflict, "contest.not_drawn")
	// ErrNoList: nobody is on the list of the round.
	ErrNoList = errs.New(errs.Conflict, "contest.no_list")
	// ErrNoFinal: nobody goes on from this round; it decides itself.
	ErrNoFinal = errs.New(errs.Invalid, "contest.no_final")
	// ErrNoResult: the result of the round is not public yet.
	ErrNoResult = errs.New(errs.Conflict, "contest.no_result")
	// ErrNothingThere: no slot lies on the day that is to be moved.
	ErrNothingThere = errs.New(errs.Invalid, "contest.nothing_there")
	// ErrSlotUsed: a round is held in the slot; it is moved, not given back.
	ErrSlotUsed = errs.New(errs.Conflict, "contest.slot_used")
	// ErrBreaks: a team that has entered does not fit the narrower bounds; the fields
	// say why.
	ErrBreaks = errs.New(errs.Conflict, "contest.breaks")
	// ErrBegun: what has begun is not moved.
	ErrBegun = errs.New(errs.Conflict, "contest.begun")
)
