package jobs

import "youyue/app"

// All is the runner with every job of the product, its routes mounted.
func All(a *app.App) (*Runner, error) {
	r, err := New(a.DB, a.Config.Timezone, a.Log,
		SendOutbox(a.Notices),
		RemindUpcoming(a.DB, a.Notices, a.Kernel.BookingPath),
		RemindOperator(a.Screenings),
		CloseFinished(a.Kernel, a.Rooms, a.Lectures),
		ExpireRequests(a.Screenings, a.Rooms, asks{a.Rooms}),
		ExpireOffers(a.Kernel),
		ReleaseReservedSeats(a.Kernel),
		RemindRooms(a.Rooms),
		ReleaseNoShows(a.Rooms),
		MaterialiseSeries(a.Rooms),
		RemindRecord(a.DB, a.Notices),
		RemindJudges(a.Scoring),
		FinishContests(a.Scoring),
		VoidDraws(a.Draws),
		EscalateOrders(a.Lectures),
		OfferNextTeam(a.Lectures),
		CloseUnrated(a.Lectures),
		CloseEntries(a.Activities),
		FinishQuits(a.Activities),
		CloseActivities(a.Activities),
		PurgeAnswers(a.Activities),
		Contests(a.Contests),
		PurgeExpired(a.DB),
	)
	if err != nil {
		return nil, err
	}
	a.Mount(r.Routes, r.Pages)
	a.Edge.Docs()
	return r, nil
}
