// Package notify tells people: what is to be said is written to the outbox in
// the business transaction, once per recipient, subject, kind, moment and
// channel; a sender delivers it. Inside the product delivery is exactly once,
// outside at least once with a stable key. Whom no channel reaches stands on
// the call sheet, and a clerk phones.
package notify

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/models"
)

// The kinds of notice. Notice.Vars fills them in: title, start (RFC 3339), seats
// (labels joined by 、) and place are the facts that every text names as far as
// they are given; then code, reason, org (who asks), deadline and proposed (the
// time instead of start; both RFC 3339), n (people), ahead (parties before), list
// (lines of a day), and path, the page where more is told.
const (
	Booked             = "booked"
	Changed            = "changed" // other seats, or another number of them
	Cancelled          = "cancelled"
	CancelledByStaff   = "cancelled_by_staff"
	Reminder           = "reminder"
	SeatsReleased      = "seats_released"
	HallRequested      = "hall_requested" // to the schedulers
	HallApproved       = "hall_approved"
	HallDeclined       = "hall_declined"
	HallProposed       = "hall_proposed"
	HallExpired        = "hall_expired"
	BlockRequested     = "block_requested" // to the schedulers
	BlockApproved      = "block_approved"
	BlockDeclined      = "block_declined"
	BlockExpired       = "block_expired"
	ScreeningCancelled = "screening_cancelled"
	ScreeningMoved     = "screening_moved" // from start to proposed

	ScreeningMovedWaiting = "screening_moved_waiting" // to who waits for seats
	ScreeningMovedStaff   = "screening_moved_staff"   // to the cinema, and who shows the film

	Reseated           = "reseated"    // a seat broke: these are the new ones
	HeldMoved          = "held_moved"  // the same, to a party whose seats are only held as yet
	FewerSeats         = "fewer_seats" // a seat broke and there was no other
	WaitlistJoined     = "waitlist_joined"
	WaitlistOffer      = "waitlist_offer"
	WaitlistLapsed     = "waitlist_lapsed"
	WaitlistClosed     = "waitlist_closed"      // the time of the list is over
	WaitlistCalledOff  = "waitlist_called_off"  // the event is
	HallToConfirm      = "hall_to_confirm"      // to the cinema: a branch's request
	ScreeningToConfirm = "screening_to_confirm" // to the cinema: what a scheduler put on
	CinemaConfirmed    = "cinema_confirmed"     // to the scheduler
	CinemaRefused      = "cinema_refused"
	CinemaUnanswered   = "cinema_unanswered"
	OperatorDay        = "operator_day"      // to the cinema: tomorrow's screenings, "list"
	ProjectionistDay   = "projectionist_day" // to who shows the film tomorrow
	SessionCancelled   = "session_cancelled" // of a term: the others stand
	SessionMoved       = "session_moved"
	OrganiserSays      = "organiser_says"
	ActivityWarned     = "activity_warned" // nobody came, for the "n"th time
	ActivityPaused     = "activity_paused" // until "deadline"
	ActivityAppeal     = "activity_appeal" // to the organiser
	ActivityAppealed   = "activity_appealed"
	AbsenceUndone      = "absence_undone" // they came after all: the time counts for nothing
	AbsencePaused      = "absence_paused" // the same, but for other times they are paused until "deadline"
	VisitDuty          = "visit_duty"     // to who goes to people's homes
	RecordDue          = "record_due"     // to the secretary: a lesson without its signed record
	// Bookings of rooms.
	RoomBooked    = "room_booked"
	RoomAsked     = "room_asked"   // to who decides: the scheduler, the partner
	RoomWaiting   = "room_waiting" // to the booker: it waits until "deadline"
	RoomDeclined  = "room_declined"
	RoomProposed  = "room_proposed" // another time, held until "deadline"
	RoomExpired   = "room_expired"
	RoomCancelled = "room_cancelled" // by who runs the place
	RoomMoved     = "room_moved"
	RoomReminder  = "room_reminder"
	RoomLetGo     = "room_let_go" // nobody came
	RoomWarned    = "room_warned" // and that was not the first time
	RoomPaused    = "room_paused" // until "deadline"
	RoomAppeal    = "room_appeal" // to the scheduler
	RoomAppealed  = "room_appealed"
	RoomSkipped   = "room_skipped" // an occurrence of a series that could not be had
	// What a partner is asked for who lends a place, "n" times, the first of them "start".
	OwnerAsked     = "owner_asked"     // to the partner
	OwnerWithdrawn = "owner_withdrawn" // to the partner: not wanted any more
	OwnerAgreed    = "owner_agreed"    // to whoever asked, as are the others; "list" names the dates
	OwnerRefused   = "owner_refused"
	OwnerLapsed    = "owner_lapsed" // nobody answered by "deadline"

	// Orders of lectures and services. To whoever ordered:
	LectureReceived   = "lecture_received"
	LectureReturned   = "lecture_returned"
	LectureApproved   = "lecture_approved"
	LectureMerged     = "lecture_merged"
	LectureJoined     = "lecture_joined" // another was merged into it
	LectureParted     = "lecture_parted" // what it was merged into is called off
	LectureAccepted   = "lecture_accepted"
	LectureHandedBack = "lecture_handed_back" // the team cannot come after all
	LectureCancelled  = "lecture_cancelled"
	LectureExpired    = "lecture_expired" // the wanted times have gone by
	LectureLapsed     = "lecture_lapsed"  // nobody answered for a month
	LectureReminder   = "lecture_reminder"
	LectureRate       = "lecture_rate" // with the link
	// To whoever wished for something:
	LectureWishOrdered = "lecture_wish_ordered"
	LectureWishMerged  = "lecture_wish_merged"
	LectureWishClosed  = "lecture_wish_closed"
	// To who dispatches:
	LectureToReview   = "lecture_to_review"
	LectureToDispatch = "lecture_to_dispatch" // back on the board: handed back, reopened, on its own again
	LectureProposed   = "lecture_proposed"    // a team would come at another time
	LectureEscalated  = "lecture_escalated"   // to the next level up
	LectureWished     = "lecture_wished"      // something new on the wish list
	// To teams:
	LectureOffer  = "lecture_offer" // with the link
	LectureLost   = "lecture_lost"  // another team was first
	LectureOff    = "lecture_off"   // what they had accepted is cancelled
	LectureUpNext = "lecture_up_next"
	LectureGuests = "lecture_guests" // more people, or fewer: merged, or one of them cancelled
	// Entries of contests.
	ContestApproved = "contest_approved" // to who leads the team, which is "list"
	ContestReturned = "contest_returned"
	ContestDeclined = "contest_declined"
	ContestOrder    = "contest_order" // drawn: the "n"th to appear
	ContestMoved    = "contest_moved"
	ContestAdvanced = "contest_advanced" // goes on to the final
	// A rehearsal is arranged, or is not held.
	ContestRehearsal    = "contest_rehearsal"
	ContestRehearsalOff = "contest_rehearsal_off"
	ContestReminder     = "contest_reminder"
	ContestOpens        = "contest_opens" // to team leaders: teams can enter until "deadline"
	// Judging.
	JudgeReminder      = "judge_reminder"
	JudgeMoved         = "judge_moved"         // to a judge: the round is at another time
	ContestProvisional = "contest_provisional" // to a team's leader: until "deadline" one may protest
	ContestFinal       = "contest_final"
	ProtestDecided     = "protest_decided"
)

// Kinds lists all kinds; each has a title and a text in every language.
func Kinds() []string {
	return []string{Booked, Changed, Cancelled, CancelledByStaff, Reminder, SeatsReleased, HallRequested, HallApproved,
		HallDeclined, HallProposed, HallExpired, BlockRequested, BlockApproved, BlockDeclined, BlockExpired, ScreeningCancelled, ScreeningMoved, ScreeningMovedWaiting, ScreeningMovedStaff,
		Reseated, HeldMoved, FewerSeats,
		WaitlistJoined, WaitlistOffer, WaitlistLapsed, WaitlistClosed, WaitlistCalledOff,
		HallToConfirm, ScreeningToConfirm, CinemaConfirmed, CinemaRefused, CinemaUnanswered, OperatorDay, ProjectionistDay, RecordDue,
		SessionCancelled, SessionMoved, OrganiserSays, ActivityWarned, ActivityPaused, ActivityAppeal, ActivityAppealed, AbsenceUndone, AbsencePaused, VisitDuty,
		LectureReceived, LectureReturned, LectureApproved, LectureMerged, LectureJoined, LectureParted, LectureAccepted, LectureHandedBack,
		LectureCancelled, LectureExpired, LectureLapsed, LectureReminder, LectureRate, LectureWishOrdered, LectureWishMerged, LectureWishClosed,
		LectureToReview, LectureToDispatch, LectureProposed, LectureEscalated, LectureWished,
		LectureOffer, LectureLost, LectureOff, LectureUpNext, LectureGuests,
		RoomBooked, RoomAsked, RoomWaiting, RoomDeclined, RoomProposed, RoomExpired, RoomCancelled, RoomMoved, RoomReminder,
		RoomLetGo, RoomWarned, RoomPaused, RoomAppeal, RoomAppealed, RoomSkipped,
		OwnerAsked, OwnerWithdrawn, OwnerAgreed, OwnerRefused, OwnerLapsed,
		ContestApproved, ContestReturned, ContestDeclined, ContestOrder, ContestMoved, ContestAdvanced, ContestRehearsal, ContestRehearsalOff, ContestReminder, ContestOpens,
		JudgeReminder, JudgeMoved, ContestProvisional, ContestFinal, ProtestDecided}
}

// Of is the variable of a notice that names what a place is where it is no seat:
// "entry", a team's in a contest or a lot in a draw; "signup", a party's at an activity.
// A kind may have words of its own for that, the locale entries "notice.KIND.OF.title" and ".text".
const Of = "of"

// Importance says whether a notice is worth a text message to somebody who has
// the inbox too.
type Importance bool

// Important is what people must hear before they leave home.
const (
	Ordinary  Importance = false
	Important Importance = true
)

// Notice is one thing to tell one party. Account is who keeps the booking (0:
// nobody), Person for whom it is (0: the account's own); the person's wish
// (holder, helper, both) says which of the two hears of it.
//
// What concerns a branch is told to those who are its secretaries now, whoever
// it was that booked; only a branch with no secretary is told through Account.
type Notice struct {
	Account   int64
	Person    int64
	Branch    int64 // organisation, 0 for none
	Kind      string
	Subject   string         // "booking:0192…", "hall_request:7"
	DueAt     models.Instant // zero: now
	Vars      map[string]string
	Important Importance
}

// Opener opens sealed phone numbers.
type Opener interface {
	Open(sealed string) (string, error)
}

// Config is what a Service needs. A nil channel is one that is not configured.
type Config struct {
	DB      *db.DB
	Phones  Opener
	SMS     Channel
	Mail    Channel
	BaseURL string // for links and Message-IDs
	Zone    *time.Location
	Log     *slog.Logger
}

// Service writes, sends and shows notices. It is safe for concurrent use.
type Service struct {
	Config
	host string // names us in Message-IDs
	node string // names us in claims
	poke chan struct{}
}

// New builds the service; it starts nothing.
func New(c Config) *Service {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	s := &Service{Config: c, host: "youyue.localhost", poke: make(chan struct{}, 1)}
	if u, err := url.Parse(c.BaseURL); err == nil && u.Hostname() != "" {
		s.host = u.Hostname()
	}
	var id [6]byte
	_, _ = rand.Read(id[:]) // never fails
	s.node = fmt.Sprintf("%s-%d", hex.EncodeToString(id[:]), os.Getpid())
	return s
}

// Enqueue writes notices to the outbox in the caller's transaction: one query
// for the recipients, one insert for all. What stands there already is passed
// over. Only a failing database makes an error.
func (s *Service) Enqueue(tx *db.Tx, notices ...Notice) error {
	if len(notices) == 0 {
		return nil
	}
	to, err := readDirectory(tx, notices)
	if err != nil {
		return fmt.Errorf("notices: recipients: %w", err)
	}
	to.sms, to.mail = s.SMS != nil, s.Mail != nil
	var rows []models.Outbox
	due := false
	for _, n := range notices {
		if n.DueAt.IsZero() {
			n.DueAt = tx.Now()
		}
		due = due || !n.DueAt.After(tx.Now())
		vars, err := json.Marshal(n.Vars)
		if err != nil {
			return fmt.Errorf("notices: %w", err)
		}
		for _, a := range to.addresses(n) {
			rows = append(rows, models.Outbox{Recipient: a.recipient, Channel: a.channel, Kind: n.Kind,
				Subject: n.Subject, DueAt: n.DueAt, Vars: string(vars)})
		}
	}
	if err := insertOutbox(tx, rows); err != nil {
		return fmt.Errorf("notices: outbox: %w", err)
	}
	if due {
		tx.AfterCommit(s.Poke)
	}
	return nil
}

// TellRole writes a notice to everybody who holds a role for the organisation at
// path, by a grant there or above.
func (s *Service) TellRole(tx *db.Tx, role auth.Role, path string, n Notice) error {
	ids, err := holders(tx, role, path)
	if err != nil {
		return fmt.Errorf("notices: holders of %s: %w", role, err)
	}
	all := make([]Notice, len(ids))
	for i, id := range ids {
		all[i] = n
		all[i].Account = id
	}
	return s.Enqueue(tx, all...)
}

// Void takes back what still waits of a subject that is gone; with kinds, only
// those. It comes before the Enqueue of the notice that says so.
func (s *Service) Void(tx *db.Tx, subject string, kinds ...string) error {
	return s.VoidAll(tx, []string{subject}, kinds...)
}

// VoidAll is Void for many subjects at once.
func (s *Service) VoidAll(tx *db.Tx, subjects []string, kinds ...string) error {
	if len(subjects) == 0 {
		return nil
	}
	if err := voidOutbox(tx, subjects, kinds); err != nil {
		return fmt.Errorf("notices: void: %w", err)
	}
	return nil
}

// VoidDue takes back what still waits of some subjects and was due at given moments: of
// several reminders those of one time.
func (s *Service) VoidDue(tx *db.Tx, subjects []string, kind string, due ...models.Instant) error {
	if len(subjects) == 0 || len(due) == 0 {
		return nil
	}
	if err := voidDue(tx, subjects, kind, due); err != nil {
		return fmt.Errorf("notices: void: %w", err)
	}
	return nil
}

// Poke wakes Run; it never waits.
func (s *Service) Poke() {
	select {
	case s.poke <- struct{}{}:
	default:
	}
}

// breather lets the messages of many commits gather into one round.
const breather = 500 * time.Millisecond

// Run sends soon after each commit that left something to send, until ctx ends.
// The job send_outbox is its safety net: a poke may get lost, a row does not.
func (s *Service) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.poke:
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(breather):
		}
		if _, err := s.SendDue(ctx, s.DB.Now()); err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "notices were not all sent", "cause", err)
		}
	}
}
