// Package auth says who may do what: permissions named at routes, roles as Go
// code, grants as rows (role + organisation), scope as organisation paths.
package auth

import (
	"slices"
	"strings"
)

// Permission is named by every route.
type Permission string

// Public needs nobody signed in; SignedIn any account. The others come by a role.
const (
	Public   Permission = "public"
	SignedIn Permission = "signed_in"

	BookForBranch  Permission = "booking.for_branch" // seats for the own branch, branch-only screenings
	BookForOthers  Permission = "booking.for_others" // at the desk, for people with no account; reserved seats
	BookingRead    Permission = "booking.read"       // bookings at places in scope
	CheckIn        Permission = "checkin"            // at the door
	HallAsk        Permission = "hall.ask"           // ask for the whole hall
	HallAnswer     Permission = "hall.answer"        // the branch's own yes to another time, or its withdrawal
	HallDecide     Permission = "hall.decide"        // approve, decline, propose
	HallCalendar   Permission = "hall.calendar"      // the week of a hall with who asked
	CalendarRead   Permission = "calendar.read"      // what occupies the places in scope, and for whom
	CalendarMove   Permission = "calendar.move"      // give it another time or place
	ReportRead     Permission = "report.read"        // how places in scope are used
	HallRelease    Permission = "hall.release"       // the cinema's side: release hours, block them
	HallConfirm    Permission = "hall.confirm"       // the cinema's side: confirm what was decided, name the projectionist
	HallRules      Permission = "hall.rules"         // whether only released hours count, and who confirms when
	ScreeningWrite Permission = "screening.write"    // schedule, change, cancel screenings
	FilmWrite      Permission = "film.write"         // the film list and licence windows
	PlanWrite      Permission = "plan.write"         // seat plans and outages
	WorkdaysWrite  Permission = "workdays.write"     // statutory holidays, make-up workdays, office hours
	RoomWrite      Permission = "room.write"         // venues, rooms, their hours and rules
	RoomDecide     Permission = "room.decide"        // approve, decline, propose, move, close
	RoomOwn        Permission = "room.own"           // the partner's yes to bookings of what it lends
	RoomAnswer     Permission = "room.answer"        // a yes or no to bookings, for the place or for the partner
	PauseAnswer    Permission = "pause.answer"       // lift pauses of who did not come, or keep them; which, the feature says
	RoomRead       Permission = "room.read"          // the desk of rooms: what waits, closures, hours and rules
	OrgRead        Permission = "org.read"           // the tree of organisations, to look at
	OrgWrite       Permission = "org.write"          // the tree of organisations
	AccountRead    Permission = "account.read"       // accounts and grants, to look at
	AccountWrite   Permission = "account.write"      // accounts and grants
	CallSheetRead  Permission = "callsheet.read"     // people whom no channel reaches
	FeedbackRead   Permission = "feedback.read"      // complaints and suggestions
	FeedbackWrite  Permission = "feedback.write"     // mark them as dealt with
	LessonRead     Permission = "lesson.read"        // records of party lessons, a branch's year
	LessonWrite    Permission = "lesson.write"       // draft a record
	LessonSign     Permission = "lesson.sign"        // sign and correct the own branch's
	ContestRead    Permission = "contest.read"       // a contest's entries with names and numbers
	ContestWrite   Permission = "contest.write"      // announce, move, call off
	ContestDecide  Permission = "contest.decide"     // approve, return, decline entries
	ContestDraw    Permission = "contest.draw"       // publish a draw, take its value
	AuditRead      Permission = "audit.read"         // the audit log
	ActivityWrite  Permission = "activity.write"     // organise residents' activities, keep a station's service list
	JobRead        Permission = "job.read"           // last and next runs
	JobRun         Permission = "job.run"            // run one by hand
	ContestScore   Permission = "contest.score"      // give marks, from a seat on a panel
	ContestJury    Permission = "contest.jury"       // rules, panels, the stage, freeze and release, protests
	ContestValues  Permission = "contest.values"     // marks and places before they are released
	ContestPaper   Permission = "contest.paper"      // enter sheets of paper, or confirm another's

	LectureRead     Permission = "lecture.read"     // orders of lectures and services in scope, the board, reports
	LectureDispatch Permission = "lecture.dispatch" // review, return, merge, dispatch
	LectureServe    Permission = "lecture.serve"    // accept, decline and deliver for the own team
	LectureMenu     Permission = "lecture.menu"     // topics and teams
)

// Role is a bundle of permissions; a grant gives it for one organisation and
// everything below it.
type Role string

// The roles. Resident needs no grant: every account is one.
const (
	Resident  Role = "resident"
	Branch    Role = "branch"    // 支部书记: bookings belong to the branch
	Clerk     Role = "clerk"     // 代办员
	Scheduler Role = "scheduler" // 排期员
	Cinema    Role = "cinema"    // 影院
	Partner   Role = "partner"   // 场馆方: lends its rooms
	Leader    Role = "leader"    // 队长
	Judge     Role = "judge"     // 评委
	Admin     Role = "admin"     // 管理员
	Auditor   Role = "auditor"   // 审计: reads everything, changes nothing
)

var rolePermissions = map[Role][]Permission{
	Resident: {},
	Branch:   {BookForBranch, HallAsk, HallAnswer, LessonRead, LessonWrite, LessonSign},
	Clerk: {
		BookForOthers, BookForBranch, BookingRead, CheckIn, HallAsk, HallAnswer, LessonRead, LessonWrite, CallSheetRead, FeedbackRead, FeedbackWrite,
		RoomRead,
		LectureRead, LectureDispatch,
		ActivityWrite, PauseAnswer,
		ContestRead, ContestPaper,
	},
	Scheduler: {
		BookForOthers, BookForBranch, BookingRead, CheckIn, HallAsk, HallDecide, HallCalendar, ScreeningWrite, FilmWrite, PlanWrite, LessonRead, CallSheetRead, FeedbackRead, FeedbackWrite,
		CalendarRead, CalendarMove, ReportRead,
		RoomRead, RoomAnswer, RoomDecide, RoomWrite,
		LectureRead, LectureDispatch, LectureMenu,
		ActivityWrite, PauseAnswer,
		ContestRead, ContestWrite, ContestDecide, ContestDraw, ContestJury, ContestValues, ContestPaper,
	},
	Cinema:  {BookingRead, CheckIn, HallCalendar, CalendarRead, HallRelease, HallConfirm, HallRules},
	Partner: {BookingRead, CheckIn, CalendarRead, RoomRead, RoomAnswer, RoomOwn},
	Leader:  {LectureServe},
	Judge:   {ContestScore},
	Admin: {
		BookingRead, HallCalendar, HallRules, FilmWrite, PlanWrite, FeedbackRead, FeedbackWrite,
		OrgRead, OrgWrite, WorkdaysWrite, AccountRead, AccountWrite, AuditRead, JobRead, JobRun,
		CalendarRead, ReportRead,
		RoomRead, RoomWrite,
		LectureRead, LectureMenu,
		ContestRead, ContestWrite, ContestDecide, ContestDraw, ContestJury, ContestValues, ContestPaper,
	},
	Auditor: {
		BookingRead, HallCalendar, LessonRead, CallSheetRead, FeedbackRead, OrgRead, AccountRead, AuditRead, JobRead,
		CalendarRead, ReportRead,
		RoomRead,
		LectureRead,
		ContestRead, ContestValues,
	},
}

// Roles lists all roles in a fixed order.
func Roles() []Role {
	return []Role{Resident, Branch, Clerk, Scheduler, Cinema, Partner, Leader, Judge, Admin, Auditor}
}

// Permissions lists every permission a role can carry, sorted.
func Permissions() []Permission {
	seen := map[Permission]bool{}
	for _, ps := range rolePermissions {
		for _, p := range ps {
			seen[p] = true
		}
	}
	out := []Permission{Public, SignedIn}
	for p := range seen {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

// ValidRole reports whether r can be granted.
func ValidRole(r Role) bool { _, ok := rolePermissions[r]; return ok && r != Resident }

// Has reports whether the role carries the permission.
func (r Role) Has(p Permission) bool {
	return p == Public || p == SignedIn || slices.Contains(rolePermissions[r], p)
}

// Grant is a role for an organisation and all below it.
type Grant struct {
	Role  Role
	OrgID int64
	Path  string // "/1/4/19/", ends with a slash, so that prefix means descendant
}

// Actor is who is asking. The zero Actor is a visitor who is not signed in.
type Actor struct {
	AccountID int64
	Login     string
	Name      string
	Lang      string
	Grants    []Grant
	RequestID string

	// JudgeID is a seat on the panel of round RoundID, by its private link; there
	// is no account then, and nothing but that round's marks may be given.
	JudgeID int64
	RoundID int64
}

// SignedIn reports whether an account is known.
func (a Actor) SignedIn() bool { return a.AccountID != 0 }

// districtWide permissions are about what belongs to no part of the district, so
// that only a grant at its root carries them.
var districtWide = map[Permission]bool{FilmWrite: true, WorkdaysWrite: true, FeedbackRead: true, FeedbackWrite: true, JobRead: true, JobRun: true}

// Can reports whether the actor holds the permission anywhere; one that is about
// the whole district, at its root.
func (a Actor) Can(p Permission) bool {
	switch {
	case p == Public, p == ContestScore && a.JudgeID != 0:
		return true
	case !a.SignedIn():
		return false
	case p == SignedIn:
		return true
	case districtWide[p]:
		return a.Everywhere(p)
	}
	return slices.ContainsFunc(a.Grants, func(g Grant) bool { return g.Role.Has(p) })
}

// CanAt reports whether the actor holds the permission for the organisation at path.
func (a Actor) CanAt(p Permission, path string) bool {
	return slices.ContainsFunc(a.Grants, func(g Grant) bool {
		return g.Role.Has(p) && strings.HasPrefix(path, g.Path)
	})
}

// Scope lists the organisation paths for which the actor holds the permission.
// Empty means nowhere.
func (a Actor) Scope(p Permission) []string {
	var out []string
	for _, g := range a.Grants {
		if g.Role.Has(p) && !slices.Contains(out, g.Path) {
			out = append(out, g.Path)
		}
	}
	return out
}

// Everywhere reports whether the actor holds the permission for a whole tree:
// granted at a root, "/1/".
func (a Actor) Everywhere(p Permission) bool {
	return slices.ContainsFunc(a.Scope(p), func(path string) bool { return strings.Count(path, "/") == 2 })
}

// OrgsWith lists the organisations on which the permission was granted directly.
func (a Actor) OrgsWith(p Permission) []int64 {
	var out []int64
	for _, g := range a.Grants {
		if g.Role.Has(p) && !slices.Contains(out, g.OrgID) {
			out = append(out, g.OrgID)
		}
	}
	return out
}

// HasRole reports whether the actor holds the role anywhere.
func (a Actor) HasRole(r Role) bool {
	return slices.ContainsFunc(a.Grants, func(g Grant) bool { return g.Role == r })
}
