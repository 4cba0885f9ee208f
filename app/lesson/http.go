package lesson

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/models"
)

type countsView struct {
	Expected int      `json:"expected"`
	Arrived  int      `json:"arrived"`
	Absent   int      `json:"absent"`
	Names    []string `json:"absent_names"`
}

type photoView struct {
	ID     int64  `json:"id"`
	Href   string `json:"href"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

type versionView struct {
	Revision int                `json:"revision"`
	State    models.LessonState `json:"state" validate:"oneof=draft signed corrected"`
	SavedBy  string             `json:"saved_by"`
	SavedAt  models.Instant     `json:"saved_at"`
	SignedBy string             `json:"signed_by,omitempty"`
	SignedAt *models.Instant    `json:"signed_at"`
	Reason   string             `json:"reason,omitempty"`
}

// lessonView is what the record and its line in the yearly sheet have in common.
type lessonView struct {
	BookingID string             `json:"booking_id"`
	State     models.LessonState `json:"state" validate:"oneof=none draft signed corrected"`
	Revision  int                `json:"revision"`
	Branch    string             `json:"branch"`
	Film      string             `json:"film"`
	StartsAt  models.Instant     `json:"starts_at"`
	EndsAt    models.Instant     `json:"ends_at"`
	Place     string             `json:"place"`
	Host      string             `json:"host"`
	Oath      *bool              `json:"oath"`
	Counts    countsView         `json:"counts"`
	SignedBy  string             `json:"signed_by,omitempty"`
	SignedAt  *models.Instant    `json:"signed_at"`
}

type recordView struct {
	lessonView
	Version     int           `json:"version"`
	Facts       string        `json:"facts"`
	Notes       string        `json:"notes"`
	Counted     countsView    `json:"counted"`
	Unnamed     int           `json:"unnamed"`
	CountReason string        `json:"count_reason,omitempty"`
	Reason      string        `json:"reason,omitempty"`
	SavedBy     string        `json:"saved_by,omitempty"`
	Photos      []photoView   `json:"photos"`
	Versions    []versionView `json:"versions"`
}

func counts(c models.LessonCounts) countsView {
	v := countsView{c.Expected, c.Arrived, c.Missing(), []string{}}
	if c.Absent != "" {
		v.Names = strings.Split(c.Absent, "\n")
	}
	return v
}

func optional(i models.Instant) *models.Instant {
	if i.IsZero() {
		return nil
	}
	return &i
}

func viewLesson(r models.LessonRecord) lessonView {
	return lessonView{r.BookingID, r.State, r.Revision, r.Branch, r.Film, r.StartsAt, r.EndsAt, r.Place, r.Host, r.Oath,
		counts(r.Counts()), r.SignedName, optional(r.SignedAt)}
}

func view(r Record) recordView {
	v := recordView{lessonView: viewLesson(r.LessonRecord), Version: r.Version, Facts: r.Facts, Notes: r.Notes, Counted: counts(r.Counted()),
		Unnamed: r.Unnamed, CountReason: r.StatedReason, Reason: r.Reason, SavedBy: r.SavedName, Photos: []photoView{}, Versions: []versionView{}}
	for _, p := range r.Photos {
		v.Photos = append(v.Photos, photoView{p.ID, photoPath(r.BookingID, p.ID), p.Width, p.Height})
	}
	for _, o := range r.Versions {
		v.Versions = append(v.Versions, versionView{o.Revision, o.State, o.SavedName, o.SavedAt, o.SignedName, optional(o.SignedAt), o.Reason})
	}
	return v
}

type pathID struct {
	ID string `path:"id" json:"-"`
}

type readIn struct {
	pathID
	Revision int `query:"revision" validate:"min=0,max=100000"`
}

// statedIn are other counts than the door's, with the reason.
type statedIn struct {
	Expected int      `json:"expected" validate:"min=0,max=2000"`
	Arrived  int      `json:"arrived" validate:"min=0,max=2000"`
	Names    []string `json:"absent_names" validate:"max=2000,dive,max=100"`
	Reason   string   `json:"reason" validate:"required,plain,max=500"`
}

type saveIn struct {
	pathID
	Version int       `json:"version" validate:"min=0"`
	Host    string    `json:"host" validate:"omitempty,plain,max=50"`
	Oath    *bool     `json:"oath"`
	Notes   string    `json:"notes" validate:"max=2000"`
	Counts  *statedIn `json:"counts"`
	Reason  string    `json:"reason" validate:"omitempty,plain,max=500"` // corrects what is signed
}

func (in saveIn) entry() Entry {
	e := Entry{Version: in.Version, Host: in.Host, Oath: in.Oath, Notes: in.Notes}
	if c := in.Counts; c != nil {
		e.Expected, e.Arrived, e.Absent, e.CountReason = &c.Expected, &c.Arrived, strings.Join(c.Names, "\n"), c.Reason
	}
	return e
}

type signIn struct {
	pathID
	Version int    `json:"version" validate:"required,min=1"`
	Facts   string `json:"facts" validate:"required,max=40"`
}

type yearIn struct {
	Org  int64 `query:"org" validate:"required"`
	Year int   `query:"year" validate:"omitempty,min=2000,max=2999"`
}

type yearView struct {
	OrgID  int64        `json:"org_id"`
	Branch string       `json:"branch"`
	Year   int          `json:"year"`
	Items  []lessonView `json:"items"`
	Signed int          `json:"signed"`
	Total  countsTotal  `json:"total"`
}

type countsTotal struct {
	Expected int `json:"expected"`
	Arrived  int `json:"arrived"`
	Absent   int `json:"absent"`
}

// Routes declares the API.
func (s *Service) Routes(r *httpapi.Router) {
	const tag = "lessons"
	httpapi.API(r, http.MethodGet, "/api/v1/bookings/:id/record", auth.LessonRead,
		httpapi.Op{Summary: "The party-lesson record of a branch's booking; revision names an older version", Tag: tag},
		func(ctx context.Context, a auth.Actor, in readIn) (recordView, error) {
			rec, err := s.Record(ctx, a, in.ID, in.Revision)
			return view(rec), err
		})
	httpapi.API(r, http.MethodPut, "/api/v1/bookings/:id/record", auth.LessonWrite,
		httpapi.Op{Summary: "Save a draft at the version that was read; with a reason, correct what is signed. A conflict carries what somebody else saved as “record”", Tag: tag,
			Errors: []*errs.Error{ErrNotBegun, ErrCancelled, ErrSigned, ErrStale, ErrSecretary, ErrNotSigned, ErrIncomplete}},
		func(ctx context.Context, a auth.Actor, in saveIn) (recordView, error) {
			var rec Record
			var err error
			if in.Reason == "" {
				rec, err = s.Save(ctx, a, in.ID, in.entry())
			} else {
				rec, err = s.Correct(ctx, a, in.ID, in.entry(), in.Reason)
			}
			return view(rec), s.both(ctx, a, in.ID, err)
		})
	httpapi.API(r, http.MethodPost, "/api/v1/bookings/:id/record/sign", auth.LessonSign,
		httpapi.Op{Summary: "Sign the draft at the version and facts that were read", Tag: tag,
			Errors: []*errs.Error{ErrSecretary, ErrNotBegun, ErrNotOver, ErrCancelled, ErrSigned, ErrStale, ErrCountsChanged, ErrIncomplete}},
		func(ctx context.Context, a auth.Actor, in signIn) (recordView, error) {
			rec, err := s.Sign(ctx, a, in.ID, in.Version, in.Facts)
			return view(rec), s.both(ctx, a, in.ID, err)
		})
	httpapi.API(r, http.MethodGet, "/api/v1/lessons", auth.LessonRead,
		httpapi.Op{Summary: "The lessons of one branch in a year, this one unless named; totals of the signed records", Tag: tag, Errors: []*errs.Error{errs.ErrNotFound}},
		func(ctx context.Context, a auth.Actor, in yearIn) (yearView, error) {
			y, err := s.Year(ctx, a, in.Org, in.Year)
			v := yearView{OrgID: y.Branch.ID, Branch: y.Branch.Name, Year: y.Year, Items: []lessonView{}, Signed: y.Signed,
				Total: countsTotal{y.Total.Expected, y.Total.Arrived, y.Total.Missing()}}
			for _, l := range y.Lessons {
				v.Items = append(v.Items, viewLesson(l))
			}
			return v, err
		})
}

// both adds what stands now to a refusal for being late, so that nothing of
// either side is lost.
func (s *Service) both(ctx context.Context, a auth.Actor, id string, err error) error {
	var refusal *errs.Error
	if !errors.Is(err, ErrStale) || !errors.As(err, &refusal) {
		return err
	}
	rec, err := s.Record(ctx, a, id, 0)
	if err != nil {
		return err
	}
	return refusal.Add("record", view(rec))
}

func recordPath(id string) string { return "/bookings/" + id + "/record" }

func photoPath(id string, photo int64) string {
	return fmt.Sprintf("%s/photos/%d", recordPath(id), photo)
}
