package scoring

import "youyue/app/errs"

// The refusals of this feature.
var (
	// ErrRule: the rule document has faults; the fields name every one.
	ErrRule = errs.New(errs.Invalid, "scoring.rule")
	// ErrRuleFixed: marks were given by the rule; "state" says where the round stands.
	ErrRuleFixed = errs.New(errs.Conflict, "scoring.rule_fixed")
	// ErrLineFixed: marks are taken; who appears in the round does not change any more.
	ErrLineFixed = errs.New(errs.Conflict, "scoring.line_fixed")
	// ErrState: the round is in "state", and this is done in another one.
	ErrState = errs.New(errs.Conflict, "scoring.state")
	// ErrFew: after recusals and dropped marks too few marks of an entry would count.
	ErrFew = errs.New(errs.Conflict, "scoring.few")
	// ErrNoActs: nobody appears in the round, or the order is not drawn yet.
	ErrNoActs = errs.New(errs.Conflict, "scoring.no_acts")
	// ErrChief: there is one chief judge, and there must be one.
	ErrChief = errs.New(errs.Conflict, "scoring.chief")
	// ErrCompetes: who leads an entry of the round does not judge in it.
	ErrCompetes = errs.New(errs.Conflict, "scoring.competes")
	// ErrSeatTaken: the account sits on this panel already.
	ErrSeatTaken = errs.New(errs.Conflict, "scoring.seat_taken")
	// ErrUnknownAccount: no account has the log-in.
	ErrUnknownAccount = errs.New(errs.Invalid, "scoring.unknown_account")

	// ErrNoSeat: the asker does not sit on this round's panel.
	ErrNoSeat = errs.New(errs.Forbidden, "scoring.no_seat")
	// ErrRecused: the judge may not judge this entry.
	ErrRecused = errs.New(errs.Forbidden, "scoring.recused")
	// ErrForeignEntry: the entry does not appear in this round.
	ErrForeignEntry = errs.New(errs.Invalid, "scoring.foreign_entry")
	// ErrNotOpen: marks are not taken yet.
	ErrNotOpen = errs.New(errs.Conflict, "scoring.not_open")
	// ErrFrozen: the marks were frozen at "at"; from then on there is the protest.
	ErrFrozen = errs.New(errs.Conflict, "scoring.frozen")
	// ErrSent: the judge has sent other marks; "marks" are those. The chief corrects.
	ErrSent = errs.New(errs.Conflict, "scoring.sent")
	// ErrStale: the marks were changed meanwhile; "version" is the present one.
	ErrStale = errs.New(errs.Conflict, "scoring.stale")
	// ErrOnlyChief: the chief judge alone corrects.
	ErrOnlyChief = errs.New(errs.Forbidden, "scoring.only_chief")
	// ErrMarkFirst: whoever corrects others' marks of an entry has marked it before.
	ErrMarkFirst = errs.New(errs.Conflict, "scoring.mark_first")

	// ErrSecondPerson: who entered a sheet does not confirm or reject it.
	ErrSecondPerson = errs.New(errs.Conflict, "scoring.second_person")
	// ErrPaperTaken: there are marks, or a sheet that waits.
	ErrPaperTaken = errs.New(errs.Conflict, "scoring.paper_taken")
	// ErrPaperDone: the sheet was confirmed or rejected before.
	ErrPaperDone = errs.New(errs.Conflict, "scoring.paper_done")

	// ErrIncomplete: marks are missing; the fields say whose.
	ErrIncomplete = errs.New(errs.Conflict, "scoring.incomplete")
	// ErrWaitsForLots: equals can only be set apart by lots, which are not there yet.
	ErrWaitsForLots = errs.New(errs.Conflict, "scoring.waits_for_lots")
	// ErrNoLots: nobody waits for lots.
	ErrNoLots = errs.New(errs.Conflict, "scoring.no_lots")
	// ErrTurn: the entry is not on the stage, or another one is.
	ErrTurn = errs.New(errs.Conflict, "scoring.turn")

	// ErrNoProtest: there is nothing to protest against at the moment; "until" is
	// when the time ended.
	ErrNoProtest = errs.New(errs.Conflict, "scoring.no_protest")
	// ErrNotYourEntry: who leads an entry protests for it, or the desk for a leader
	// without an account.
	ErrNotYourEntry = errs.New(errs.Forbidden, "scoring.not_your_entry")
	// ErrProtestWaits: a protest for "team", filed "at", waits for its decision.
	ErrProtestWaits = errs.New(errs.Conflict, "scoring.protest_waits")
	// ErrProtestDone: the protest was decided before.
	ErrProtestDone = errs.New(errs.Conflict, "scoring.protest_done")
	// ErrNotFinal: certificates are of final results.
	ErrNotFinal = errs.New(errs.Conflict, "scoring.not_final")
	// ErrNoFont: no TrueType font with Chinese signs is in any of "places".
	ErrNoFont = errs.New(errs.Unavailable, "scoring.no_font")
)
