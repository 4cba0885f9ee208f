package lecture

import (
	"slices"

	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/httpapi"
	"youyue/models"
)

type hoursView struct {
	Day    int `json:"day"` // 1 Monday … 7 Sunday
	Opens  int `json:"opens"`
	Closes int `json:"closes"`
}

type offView struct {
	From  string `json:"from"`
	Until string `json:"until"`
}

type teamView struct {
	ID        int64                    `json:"id"`
	Name      string                   `json:"name"`
	Kind      models.LectureTeamKind   `json:"kind" validate:"oneof=lecture volunteer"`
	Category  string                   `json:"category"`
	Intro     string                   `json:"intro"`
	Audiences []models.LectureAudience `json:"audiences"`
	Area      string                   `json:"area,omitempty"`
	TravelMin int                      `json:"travel_min"`
	Topics    []int64                  `json:"topic_ids"`
	Hours     []hoursView              `json:"hours"`
	Off       []offView                `json:"days_off"`
}

func viewTeam(t Team) teamView {
	v := teamView{ID: t.ID, Name: t.Name, Kind: t.Kind, Category: t.Category, Intro: t.Intro, Audiences: audiences(t.Audiences), Area: t.AreaName,
		TravelMin: t.TravelMin, Topics: slices.Clone(t.Topics), Hours: []hoursView{}, Off: []offView{}}
	if v.Topics == nil {
		v.Topics = []int64{}
	}
	for _, h := range t.Hours {
		v.Hours = append(v.Hours, hoursView{h.Day, h.Opens, h.Closes})
	}
	for _, o := range t.Off {
		v.Off = append(v.Off, offView{o.FromDay.String(), o.UntilDay.String()}) // why is the team's own affair
	}
	return v
}

func audiences(a models.LectureAudiences) []models.LectureAudience {
	if a == "" {
		return []models.LectureAudience{}
	}
	return a.List()
}

type topicView struct {
	ID        int64                    `json:"id"`
	Title     string                   `json:"title"`
	Category  string                   `json:"category"`
	Summary   string                   `json:"summary"`
	Material  string                   `json:"material,omitempty"`
	LengthMin int                      `json:"length_min"`
	Audiences []models.LectureAudience `json:"audiences"`
	OrgID     int64                    `json:"org_id"`
	Org       string                   `json:"org"`
	Teams     []Named                  `json:"teams"`
}

func viewTopic(t Topic) topicView {
	return topicView{t.ID, t.Title, t.Category, t.Summary, t.Material, t.LengthMin, audiences(t.Audiences), t.OrgID, t.OrgName, t.Teams}
}

type orderView struct {
	ID          string                 `json:"id"`
	State       models.LectureState    `json:"state" validate:"oneof=draft submitted returned merged to_dispatch dispatched escalated accepted in_service to_rate closed cancelled"`
	Level       int                    `json:"level"`
	OrgID       int64                  `json:"org_id"`
	Org         string                 `json:"org"`
	ForOrg      string                 `json:"for_org,omitempty"`
	Name        string                 `json:"name"`
	TopicID     *int64                 `json:"topic_id"`
	Title       string                 `json:"title"`
	Audience    models.LectureAudience `json:"audience"`
	Heads       int                    `json:"heads"`
	LengthMin   int                    `json:"length_min"`
	Note        string                 `json:"note,omitempty"`
	FirstAt     *models.Instant        `json:"first_at"`
	SecondAt    *models.Instant        `json:"second_at"`
	From        string                 `json:"from,omitempty"`
	Until       string                 `json:"until,omitempty"`
	PlaceKind   models.LecturePlace    `json:"place_kind" validate:"oneof=own room address"`
	Place       string                 `json:"place"`
	RoomID      *int64                 `json:"room_id"`
	Address     string                 `json:"address,omitempty"`
	Contact     string                 `json:"contact,omitempty"`
	Phone       string                 `json:"phone,omitempty"`
	Channel     models.Channel         `json:"channel" validate:"oneof=online phone window visit"`
	Step        string                 `json:"step,omitempty"`
	DueAt       *models.Instant        `json:"due_at"`
	Reason      string                 `json:"reason,omitempty"`
	MergedInto  *string                `json:"merged_into"`
	Team        *Named                 `json:"team"`
	StartsAt    *models.Instant        `json:"starts_at"`
	EndsAt      *models.Instant        `json:"ends_at"`
	BegunAt     *models.Instant        `json:"begun_at"`
	EndedAt     *models.Instant        `json:"ended_at"`
	Came        *int                   `json:"came"`
	Flagged     bool                   `json:"flagged"`
	Guests      int                    `json:"guests"`
	RateUntil   *models.Instant        `json:"rate_until"`
	Face        *int                   `json:"face"`
	CreatedAt   models.Instant         `json:"created_at"`
	SubmittedAt *models.Instant        `json:"submitted_at"`
	ClosedAt    *models.Instant        `json:"closed_at"`
}

func optional(i models.Instant) *models.Instant {
	if i.IsZero() {
		return nil
	}
	return &i
}

// viewOrder is an order as a reader may have it. Whom to call is told with the
// number alone; a face is told to whoever gave it and to staff, never to the team.
func viewOrder(a auth.Actor, o Order) orderView {
	v := orderView{ID: o.ID, State: o.State, Level: o.Level, OrgID: o.OrgID, Org: o.OrgName, ForOrg: o.ForOrg, Name: o.Who, TopicID: o.TopicID,
		Title: o.Title(), Audience: o.Audience, Heads: o.Heads, LengthMin: o.LengthMin, Note: o.Note, FirstAt: optional(o.FirstAt), SecondAt: optional(o.SecondAt),
		From: o.FromDay.String(), Until: o.UntilDay.String(), PlaceKind: o.PlaceKind, Place: o.Where(), RoomID: o.RoomID, Address: o.Address, Phone: o.Phone,
		Channel: o.Channel, Step: string(o.Step), DueAt: optional(o.DueAt), Reason: o.Reason, MergedInto: o.MergedInto, StartsAt: optional(o.StartsAt), EndsAt: optional(o.EndsAt),
		BegunAt: optional(o.BegunAt), EndedAt: optional(o.EndedAt), Came: o.Came, Flagged: o.Flagged, Guests: o.Guests, RateUntil: optional(o.RateUntil),
		CreatedAt: o.CreatedAt, SubmittedAt: optional(o.SubmittedAt), ClosedAt: optional(o.ClosedAt)}
	if o.TeamID != 0 {
		v.Team = &Named{o.TeamID, o.TeamName}
	}
	if o.Phone != "" {
		v.Contact = o.Contact
	}
	if o.Own(a) || o.Staffed(a) {
		v.Face = o.Face
	}
	return v
}

type whyView struct {
	Code string          `json:"code"`
	N    int             `json:"n,omitempty"`
	Of   int             `json:"of,omitempty"`
	At   *models.Instant `json:"at"`
}

type suggestionView struct {
	Team   Named           `json:"team"`
	Start  *models.Instant `json:"starts_at"`
	Wanted int             `json:"wanted"`
	Score  int             `json:"score"`
	Why    []whyView       `json:"why"`
	Off    string          `json:"off,omitempty"`
}

type suggestionsView struct {
	Items []suggestionView `json:"items"`
}

func viewSuggestion(x models.LectureSuggestion) suggestionView {
	v := suggestionView{Team: Named{x.Candidate.Team.ID, x.Candidate.Name}, Start: optional(x.Start), Wanted: x.Wanted, Score: x.Score, Why: []whyView{}, Off: x.Off}
	for _, w := range x.Why {
		y := whyView{Code: w.Code}
		y.N, _ = w.Args["n"].(int)
		y.Of, _ = w.Args["of"].(int)
		if at, ok := w.Args["at"].(models.Instant); ok {
			y.At = &at
		}
		v.Why = append(v.Why, y)
	}
	return v
}

type alikeView struct {
	Order   orderView `json:"order"`
	Same    []string  `json:"same"`
	Differs []string  `json:"differs"`
}

type similarView struct {
	Items []alikeView `json:"items"`
}

func viewSimilar(a auth.Actor, all []Similar) similarView {
	out := similarView{Items: make([]alikeView, len(all))}
	for i, x := range all {
		x.Order.Who = x.Order.Name // whoever dispatches deals with it
		out.Items[i] = alikeView{viewOrder(a, x.Order), append([]string{}, x.Same...), append([]string{}, x.Differs...)}
	}
	return out
}

type callerIn struct {
	Name  string `json:"name" validate:"required,plain,max=40"`
	Phone string `json:"phone" validate:"max=30"`
}

// timesIn are up to two starts, or any day of some weeks.
type timesIn struct {
	FirstAt  models.Instant `json:"first_at"`
	SecondAt models.Instant `json:"second_at"`
	From     string         `json:"from" validate:"omitempty,datetime=2006-01-02"`
	Until    string         `json:"until" validate:"omitempty,datetime=2006-01-02"`
}

func (in timesIn) times() Times {
	from, _ := models.ParseDay(in.From) // held to its form by then; "" is none
	until, _ := models.ParseDay(in.Until)
	return Times{in.FirstAt, in.SecondAt, from, until}
}

// detailsIn is what is ordered, when, where, for how many and whom to ring.
type detailsIn struct {
	timesIn
	OrgID     int64                  `json:"org_id" validate:"required"`
	TopicID   int64                  `json:"topic_id"`
	Wish      string                 `json:"wish" validate:"omitempty,plain,max=200"`
	Audience  models.LectureAudience `json:"audience" validate:"required,oneof=old young party resident worker"`
	Heads     int                    `json:"heads" validate:"required,min=1,max=2000"`
	LengthMin int                    `json:"length_min" validate:"omitempty,min=10,max=480"`
	PlaceKind models.LecturePlace    `json:"place_kind" validate:"omitempty,oneof=own room address"`
	Place     string                 `json:"place" validate:"omitempty,plain,max=100"`
	RoomID    int64                  `json:"room_id"`
	Address   string                 `json:"address" validate:"omitempty,plain,max=200"`
	Contact   string                 `json:"contact" validate:"omitempty,plain,max=40"`
	Phone     string                 `json:"phone" validate:"max=30"`
	Note      string                 `json:"note" validate:"max=500"`
	Draft     bool                   `json:"draft"`
}

func (in detailsIn) ask() Ask {
	return Ask{OrgID: in.OrgID, TopicID: in.TopicID, Wish: in.Wish, Audience: in.Audience, Heads: in.Heads, LengthMin: in.LengthMin, Times: in.times(),
		PlaceKind: in.PlaceKind, Place: in.Place, RoomID: in.RoomID, Address: in.Address, Contact: in.Contact, Phone: in.Phone, Note: in.Note, Draft: in.Draft}
}

type reviseIn struct {
	pathID
	detailsIn
}

type placeIn struct {
	httpapi.Keyed
	detailsIn
	WishID   int64          `json:"wish_id"` // the line of the wish list that becomes this order, by staff
	PersonID int64          `json:"person_id"`
	ForOrgID int64          `json:"for_org_id"`
	Caller   *callerIn      `json:"caller"`
	Channel  models.Channel `json:"channel" validate:"omitempty,oneof=online phone window visit"`
	ReadBack bool           `json:"read_back"`
}

func (in placeIn) ask() Ask {
	x := in.detailsIn.ask()
	x.WishID, x.Key, x.Whom = in.WishID, in.Key, Whom{PersonID: in.PersonID, OrgID: in.ForOrgID, Channel: in.Channel, ReadBack: in.ReadBack}
	if in.Caller != nil {
		x.Whom.Caller = booking.Caller{Name: in.Caller.Name, Phone: in.Caller.Phone}
	}
	return x
}

type dispatchIn struct {
	pathID
	Mode     models.DispatchMode `json:"mode" validate:"required,oneof=direct open rotation"`
	TeamID   int64               `json:"team_id"`
	StartsAt models.Instant      `json:"starts_at"`
	TopicID  int64               `json:"topic_id"`
}

type reasonIn struct {
	pathID
	Reason string `json:"reason" validate:"required,plain,max=500"`
}

type maybeReasonIn struct {
	pathID
	Reason string `json:"reason" validate:"omitempty,plain,max=500"`
}

type approveIn struct {
	pathID
	TopicID int64 `json:"topic_id"`
}

type mergeIn struct {
	pathID
	Into string `json:"into" validate:"required,max=40"`
}

type proposeIn struct {
	pathID
	StartsAt models.Instant `json:"starts_at" validate:"required"`
	Reason   string         `json:"reason" validate:"omitempty,plain,max=500"`
}

type finishIn struct {
	pathID
	Heads *int   `json:"heads" validate:"omitempty,min=0,max=2000"`
	Note  string `json:"note" validate:"max=500"`
}

func (in finishIn) delivered() Delivered {
	if in.Heads == nil {
		return Delivered{-1, in.Note}
	}
	return Delivered{*in.Heads, in.Note}
}

type submitIn struct {
	pathID
	timesIn
}

type rateIn struct {
	pathID
	Face int    `json:"face" validate:"required,min=1,max=3"`
	Text string `json:"text" validate:"max=500"`
}

type cancelIn struct {
	pathID
	Reason  string         `json:"reason" validate:"omitempty,plain,max=500"`
	Channel models.Channel `json:"channel" validate:"omitempty,oneof=online phone window visit"`
}

type reopenIn struct {
	pathID
	timesIn
	Reason string `json:"reason" validate:"required,plain,max=500"`
}
