package lecture

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// Dispatching is how staff send an order out.
type Dispatching struct {
	Mode   models.DispatchMode
	TeamID int64          // direct
	Start  models.Instant // direct; zero: the first wanted start that suits the team
	Topic  int64          // the line of the menu that a wish turns out to be
}

const (
	minute = time.Minute
	day    = 24 * time.Hour
)

// maxOpen bounds to how many teams an open offer goes.
const maxOpen = 60

// Suggestions ranks the teams for an order that staff of the community may see,
// with the reasons, and for those that cannot come with what hinders them.
func (s *Service) Suggestions(ctx context.Context, a auth.Actor, id string) (out []models.LectureSuggestion, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		o, err := s.visible(tx, a, id)
		if err != nil {
			return err
		}
		if !a.CanAt(auth.LectureRead, o.OrgPath) {
			return errs.ErrForbidden
		}
		out, err = s.rank(tx, o)
		return err
	})
	return out, err
}

// starts are the wanted starts of an order that can still be had.
func (s *Service) starts(now models.Instant, o Order) []models.Instant {
	if o.Flexible() {
		return models.StartsBetween(o.FromDay, o.UntilDay, o.Length(), now.Add(leastNotice), s.Zone)
	}
	var out []models.Instant
	for _, at := range []models.Instant{o.FirstAt, o.SecondAt} {
		if at.After(now) {
			out = append(out, at)
		}
	}
	return out
}

func (s *Service) rank(tx *db.Tx, o Order) ([]models.LectureSuggestion, error) {
	need := models.LectureNeed{Category: o.Category, Audience: o.Audience, OrgPath: o.OrgPath, Length: o.Length(), Starts: s.starts(tx.Now(), o)}
	if o.TopicID != nil {
		need.TopicID = *o.TopicID
	}
	all, err := s.candidates(tx, o, need.Starts)
	if err != nil {
		return nil, err
	}
	free, err := s.roomFree(tx, o, need.Starts)
	if err != nil {
		return nil, err
	}
	return models.RankTeams(need, all, s.Zone, free), nil
}

// around is the time that wanted starts may reach into, ways included.
func around(starts []models.Instant, now models.Instant) models.Span {
	span := models.Span{Start: now, End: now.Add(1)}
	for i, at := range starts {
		if i == 0 || at.Before(span.Start) {
			span.Start = at
		}
		if at.After(span.End) {
			span.End = at
		}
	}
	const reach = 14 * 60 // minutes: the longest session and the longest way
	return models.Span{Start: span.Start.Add(-reach * minute), End: span.End.Add(reach * minute)}
}

func (s *Service) candidates(tx *db.Tx, o Order, starts []models.Instant) ([]models.LectureCandidate, error) {
	all, err := teams(tx, models.DayOf(tx.Now(), s.Zone), "t.archived_at IS NULL ORDER BY t.id")
	if err != nil || len(all) == 0 {
		return nil, err
	}
	ids := make([]int64, len(all))
	for i, t := range all {
		ids[i] = t.ID
	}
	span := around(starts, tx.Now())
	since := tx.Now().Add(-models.LectureLoadDays * day)
	taken, err := busy(tx, ids, span.Start, span.End)
	if err != nil {
		return nil, err
	}
	sessions, err := agreed(tx, ids, since)
	if err != nil {
		return nil, err
	}
	history, err := answered(tx, ids, since)
	if err != nil {
		return nil, err
	}
	tried, err := offersOf(tx, o.ID)
	if err != nil {
		return nil, err
	}
	out := make([]models.LectureCandidate, len(all))
	for i, t := range all {
		out[i] = models.LectureCandidate{Team: t.LectureTeam, Name: t.Name, OrgPath: t.OrgPath, AreaPath: t.AreaPath, Topics: t.Topics,
			Week: models.LectureWeek{Hours: t.Hours, Off: t.Off, Busy: taken[t.ID], Agreed: sessions[t.ID]},
			Load: len(sessions[t.ID]), Asked: history[t.ID][0], Accepted: history[t.ID][1]}
		for _, w := range tried {
			if w.TeamID == t.ID && !w.CreatedAt.Before(o.SubmittedAt) && w.State != models.OfferWithdrawn {
				out[i].Tried = true
			}
		}
	}
	return out, nil
}

// roomFree answers whether the room of an order is open and free for a session;
// nil when it wants none.
func (s *Service) roomFree(tx *db.Tx, o Order, starts []models.Instant) (func(models.Span) bool, error) {
	if o.RoomID == nil {
		return nil, nil //nolint:nilnil // no room, nothing in the way
	}
	free := map[models.Instant]bool{}
	for _, at := range starts {
		span := models.Span{Start: at, End: at.Add(o.Length())}
		claims, err := s.Rooms.Claims(tx, *o.RoomID, span)
		if err != nil {
			if errs.As(err).Kind == errs.Internal {
				return nil, err
			}
			continue // not open then
		}
		free[at] = true
		for _, c := range claims {
			clashes, err := booking.Clashes(tx, c)
			if err != nil {
				return nil, err
			}
			free[at] = free[at] && len(clashes) == 0
		}
	}
	return func(span models.Span) bool { return free[span.Start] }, nil
}

// Dispatch sends an order to a team, to all that could come, or to the one whose
// turn it is. An order that was only just handed in is reviewed by it; offers that
// still wait are withdrawn. It returns ErrNoTeam, ErrTeamCannot, ErrNotNow.
func (s *Service) Dispatch(ctx context.Context, a auth.Actor, id string, d Dispatching) (Order, error) {
	return s.staff(ctx, a, id, func(tx *db.Tx, o *Order) error {
		w := online(a, "")
		switch o.State {
		case models.LectureSubmitted:
			if err := s.approve(tx, w, o, d.Topic); err != nil {
				return err
			}
		case models.LectureDispatched:
			if err := s.withdraw(tx, o.ID); err != nil {
				return err
			}
			if err := s.move(tx, w, o, models.LectureToDispatch); err != nil {
				return err
			}
		case models.LectureToDispatch, models.LectureEscalated:
		default:
			return notNow(o)
		}
		ranked, err := s.rank(tx, *o)
		if err != nil {
			return err
		}
		to, err := s.choose(tx, *o, ranked, d)
		if err != nil {
			return err
		}
		o.Mode, o.Tries = d.Mode, 1
		return s.offer(tx, w, o, to)
	})
}

// choose picks the teams that an order goes to.
func (s *Service) choose(tx *db.Tx, o Order, ranked []models.LectureSuggestion, d Dispatching) ([]models.LectureSuggestion, error) {
	switch d.Mode {
	case models.DispatchOpen:
		var out []models.LectureSuggestion
		for _, r := range skilled(o, ranked) {
			if r.Off == "" && len(out) < maxOpen {
				out = append(out, r)
			}
		}
		if len(out) == 0 {
			return nil, ErrNoTeam
		}
		return out, nil
	case models.DispatchRotation:
		r, ok := models.NextTurn(skilled(o, ranked))
		if !ok {
			return nil, ErrNoTeam
		}
		return []models.LectureSuggestion{r}, nil
	case models.DispatchDirect:
	}
	for _, r := range ranked {
		if r.Candidate.Team.ID != d.TeamID {
			continue
		}
		if !d.Start.IsZero() {
			return s.direct(tx, o, r, d.Start)
		}
		if r.Off != "" && (r.Off != "tried" || r.Start.IsZero()) {
			return nil, cannot(r.Candidate.Name, r.Off)
		}
		return []models.LectureSuggestion{r}, nil
	}
	return nil, errs.FieldFault("team_id", "unknown")
}

// direct is a team at a start that staff choose, which need not be a wanted one.
func (s *Service) direct(tx *db.Tx, o Order, r models.LectureSuggestion, at models.Instant) ([]models.LectureSuggestion, error) {
	if !at.After(tx.Now()) {
		return nil, ErrPast.With("from", tx.Now()).At(errs.Field{Name: "starts_at", Code: "other"})
	}
	if at.After(tx.Now().Add(farthest * day)) {
		return nil, errs.FieldFault("starts_at", "other")
	}
	all, err := s.candidates(tx, o, []models.Instant{at})
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if c.Team.ID != r.Candidate.Team.ID {
			continue
		}
		if why := c.Team.Hindrance(c.Week, models.Span{Start: at, End: at.Add(o.Length())}, s.Zone); why != "" {
			return nil, cannot(r.Candidate.Name, why)
		}
	}
	r.Start = at
	return []models.LectureSuggestion{r}, nil
}

// cannot says why a team cannot come.
func cannot(team, why string) *errs.Error {
	return ErrTeamCannot.Worded("lecture.team_cannot."+why).With("team", team).Add("why", why)
}

// offer asks teams in one round and takes the order to dispatched.
func (s *Service) offer(tx *db.Tx, w by, o *Order, to []models.LectureSuggestion) error {
	if err := s.move(tx, w, o, models.LectureDispatched); err != nil {
		return err
	}
	before, err := offersOf(tx, o.ID)
	if err != nil {
		return err
	}
	round := 1
	if len(before) > 0 {
		round = before[0].Round + 1
	}
	ids := make([]int64, len(to))
	for i, r := range to {
		word, hash := s.link(linkOffer)
		x := models.LectureOffer{OrderID: o.ID, TeamID: r.Candidate.Team.ID, Round: round, Mode: o.Mode, StartsAt: r.Start, EndsAt: r.Start.Add(o.Length()),
			State: models.OfferWaiting, TokenHash: hash, Deadline: s.deadline(tx.Now(), r.Start), CreatedBy: w.AccountID, CreatedAt: tx.Now()}
		if err := insertOffer(tx, &x); err != nil {
			return err
		}
		if err := s.tellOffer(tx, *o, x, word); err != nil {
			return err
		}
		ids[i] = x.TeamID
	}
	return stampAsked(tx, ids)
}

// deadline is until when an offer can be accepted: a day, and not after its start.
func (s *Service) deadline(now, start models.Instant) models.Instant {
	if d := now.Add(models.LectureOfferFor); d.Before(start) {
		return d
	}
	return start
}

// next asks the next team when nobody is asked any more, three rounds in all;
// after that, or with nobody left to ask, the order goes a level up.
func (s *Service) next(tx *db.Tx, w by, o *Order) error {
	if o.Tries < models.LectureTries {
		ranked, err := s.rank(tx, *o)
		if err != nil {
			return err
		}
		if r, ok := following(o.Mode, skilled(*o, ranked)); ok {
			if err := s.move(tx, w, o, models.LectureToDispatch); err != nil {
				return err
			}
			o.Tries++
			return s.offer(tx, w, o, []models.LectureSuggestion{r})
		}
	}
	return s.escalate(tx, w, o)
}

// skilled narrows teams to those that offer what is ordered, as long as one of them
// can come: nobody else need know that somebody asked for a doctor at home.
func skilled(o Order, ranked []models.LectureSuggestion) []models.LectureSuggestion {
	var out []models.LectureSuggestion
	for _, r := range ranked {
		if o.TopicID != nil && slices.Contains(r.Candidate.Topics, *o.TopicID) {
			out = append(out, r)
		}
	}
	if !slices.ContainsFunc(out, func(r models.LectureSuggestion) bool { return r.Off == "" }) {
		return ranked
	}
	return out
}

// following is the team to ask next: the one whose turn it is, or the best.
func following(mode models.DispatchMode, ranked []models.LectureSuggestion) (models.LectureSuggestion, bool) {
	if mode == models.DispatchRotation {
		return models.NextTurn(ranked)
	}
	if len(ranked) == 0 || ranked[0].Off != "" {
		return models.LectureSuggestion{}, false
	}
	return ranked[0], true
}

// escalate asks the next level up: the sub-district's scheduler, then the district's.
func (s *Service) escalate(tx *db.Tx, w by, o *Order) error {
	o.Level = min(o.Level+1, top(o.OrgPath))
	if err := s.move(tx, w, o, models.LectureEscalated); err != nil {
		return err
	}
	return s.tellLevel(tx, *o)
}

// top is how many levels stand above a community, two at most: the sub-district
// and the district.
func top(path string) int { return min(2, max(0, strings.Count(path, "/")-2)) }

// levelPath is the path of who has to act about an order.
func levelPath(o Order) string {
	path := o.OrgPath
	for range min(o.Level, top(path)) {
		trimmed := strings.TrimSuffix(path, "/")
		path = trimmed[:strings.LastIndexByte(trimmed, '/')+1]
	}
	if o.Level == 2 { // the district, however deep the community hangs
		if end := strings.IndexByte(strings.TrimPrefix(path, "/"), '/'); end >= 0 {
			path = path[:end+2]
		}
	}
	return path
}

// withdraw takes back what teams are still asked of an order.
func (s *Service) withdraw(tx *db.Tx, order string) error {
	rest, err := settleRest(tx, order, models.OfferWithdrawn)
	if err != nil {
		return fmt.Errorf("withdraw offers: %w", err)
	}
	return s.voidOffers(tx, rest)
}
