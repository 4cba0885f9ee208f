package app

import (
	"youyue/app/auth"
	"youyue/app/httpapi"
	"youyue/app/web"
)

// routes is the URL map of the product. A route's own line stands beside its
// feature, with its permission; testdata/routes.golden lists them all.
func (a *App) routes() {
	r := a.Edge.Router()
	// /login /logout /me /people /accounts /dev/codes
	a.Accounts.Routes(r)
	a.Accounts.Pages(r)
	// /orgs
	a.Orgs.Routes(r)
	a.Orgs.Pages(r)
	// /roster
	a.Roster.Pages(r)
	// /audit
	a.Audit.Routes(r)
	a.Audit.Pages(r)
	// /feedback
	a.Feedback.Pages(r)
	// /workdays
	a.Workdays.Routes(r)
	a.Workdays.Pages(r)
	// /inbox /callsheet
	a.Notices.Routes(r)
	a.Notices.Pages(r)
	// /halls
	a.Venue.Routes(r)
	a.Venue.Pages(r)
	// /draws
	a.Draws.Routes(r)
	a.Draws.Pages(r)
	// / /screenings /bookings /branch /hall-requests /hall /films /cinema/requests /cinema/screenings
	a.Screenings.Routes(r)
	a.Screenings.Pages(r)
	// /cinema /halls/:id/releases /halls/:id/blocks /halls/:id/rules
	a.Cinema.Routes(r)
	a.Cinema.Pages(r)
	// /door /checkins
	a.Doors.Routes(r)
	a.Doors.Pages(r)
	// /halls/:id/outages /bookings/:id/give-up-broken
	a.Outages.Routes(r)
	a.Outages.Pages(r)
	// /contests /entries
	a.Contests.Routes(r)
	a.Contests.Pages(r)
	// /bookings/:id/record /lessons
	a.Lessons.Routes(r)
	a.Lessons.Pages(r)
	// /scoring /contests/:id/scoring /rounds /judge /certificates
	a.Scoring.Routes(r)
	a.Scoring.Pages(r)
	// /pauses
	a.Pauses.Routes(r)
	a.Pauses.Pages(r)
	// /rooms /room-bookings /room-desk /room-requests /closures /venues /availability
	a.Rooms.Routes(r)
	a.Rooms.Pages(r)
	// /lectures /lecture-orders /lecture-offers /lecture-ratings /teams /topics
	a.Lectures.Routes(r)
	a.Lectures.Pages(r)
	// /activities /signups /sessions /service-lists /checkins
	a.Activities.Routes(r)
	a.Activities.Pages(r)
	// /calendar
	a.Calendar.Routes(r)
	a.Calendar.Pages(r)
	// /reports
	a.Reports.Pages(r)
}

// Mount adds routes of what stands above the features: the jobs.
func (a *App) Mount(declare ...func(r *httpapi.Router)) {
	for _, d := range declare {
		d(a.Edge.Router())
	}
}

// nav is the navigation of a reader: what every resident has, then what the
// roles add.
func nav(a auth.Actor) []web.NavItem {
	items := []web.NavItem{
		{Href: "/screenings", Label: "nav.screenings", Icon: "film"},
		{Href: "/rooms", Label: "nav.rooms", Icon: "room"},
		{Href: "/lectures", Label: "nav.lectures", Icon: "service"},
		{Href: "/contests", Label: "nav.contests", Icon: "drum"},
		{Href: "/activities", Label: "nav.activities", Icon: "activity"},
	}
	if a.SignedIn() {
		items = append(items, web.NavItem{Href: "/bookings", Label: "nav.bookings", Icon: "ticket"})
	}
	for _, x := range []struct {
		permission auth.Permission
		item       web.NavItem
	}{
		{auth.BookForOthers, web.NavItem{Href: "/desk", Label: "nav.desk", Icon: "person"}},
		{auth.LectureRead, web.NavItem{Href: "/lectures/board", Label: "nav.lecture_board", Icon: "queue"}},
		{auth.LectureServe, web.NavItem{Href: "/lectures/duty", Label: "nav.lecture_duty", Icon: "flag"}},
		{auth.HallAsk, web.NavItem{Href: "/branch", Label: "nav.branch", Icon: "people"}},
		{auth.LessonRead, web.NavItem{Href: "/lessons", Label: "nav.lessons", Icon: "flag"}},
		{auth.HallCalendar, web.NavItem{Href: "/hall", Label: "nav.hall", Icon: "clock"}},
		{auth.RoomRead, web.NavItem{Href: "/room-desk", Label: "nav.room_desk", Icon: "queue"}},
		{auth.CalendarRead, web.NavItem{Href: "/calendar", Label: "nav.calendar", Icon: "calendar"}},
		{auth.ReportRead, web.NavItem{Href: "/reports/occupancy", Label: "nav.report", Icon: "chart"}},
		{auth.HallRelease, web.NavItem{Href: "/cinema", Label: "nav.cinema", Icon: "film"}},
		{auth.HallCalendar, web.NavItem{Href: "/halls", Label: "nav.halls", Icon: "seat"}},
		{auth.CheckIn, web.NavItem{Href: "/door", Label: "nav.door", Icon: "door"}},
		{auth.ContestValues, web.NavItem{Href: "/scoring", Label: "nav.scoring", Icon: "drum"}},
		{auth.ContestScore, web.NavItem{Href: "/judge", Label: "nav.judge", Icon: "drum"}},
		{auth.CallSheetRead, web.NavItem{Href: "/callsheet", Label: "nav.callsheet", Icon: "phone"}},
		{auth.FeedbackRead, web.NavItem{Href: "/feedback/list", Label: "nav.feedback", Icon: "chat"}},
		{auth.OrgRead, web.NavItem{Href: "/workdays", Label: "nav.workdays", Icon: "calendar"}},
		{auth.OrgRead, web.NavItem{Href: "/orgs", Label: "nav.orgs", Icon: "pin"}},
		{auth.AccountRead, web.NavItem{Href: "/accounts", Label: "nav.accounts", Icon: "person"}},
		{auth.JobRead, web.NavItem{Href: "/jobs", Label: "nav.jobs", Icon: "jobs"}},
		{auth.AuditRead, web.NavItem{Href: "/audit", Label: "nav.audit", Icon: "shield"}},
	} {
		if a.Can(x.permission) {
			items = append(items, x.item)
		}
	}
	return items
}
