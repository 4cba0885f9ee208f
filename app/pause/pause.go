// Package pause is what follows when somebody had a place and did not come: a warning,
// then a pause with an end, an appeal and its answer. Rooms and activities go by the one
// rule (models.NoShowRule); each counts its own times and tells of them in its own words.
package pause

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/notify"
	"youyue/models"
)

// Path is the page of pauses and appeals, and of the API under /api/v1.
const Path = "/pauses"

// ErrNotPaused: there is no pause, or it is over.
var ErrNotPaused = errs.New(errs.Conflict, "pause.not_paused")

// About is what was the last straw.
type About struct {
	Name  string // of the party
	Title string
	Place string // "": the organisation's
	Path  string // of its page
}

// Side is one of the features that pause people.
type Side struct {
	Decides  auth.Permission // of who answers appeals
	Appeal   string          // the notice to them
	Appealed string          // the notice of the answer
	About    func(tx *db.Tx, sources []string) (map[string]About, error)
	Excuse   func(tx *db.Tx, source string) error // the time counts for nothing
}

// Service is the feature.
type Service struct {
	db      *db.DB
	notices *notify.Service
	zone    *time.Location
	sides   map[string]Side
}

// New returns the feature; pauses end at a midnight in zone.
func New(d *db.DB, notices *notify.Service, zone *time.Location) *Service {
	return &Service{db: d, notices: notices, zone: zone, sides: map[string]Side{}}
}

// Add makes a feature known by the kind of its pauses.
func (s *Service) Add(kind string, side Side) { s.sides[kind] = side }

// Miss is a time to which somebody did not come: what it was, where, and against whom
// it counts.
type Miss struct {
	Kind      string
	Source    string
	OrgID     int64
	VenueID   *int64 // nil: all of the organisation's
	AccountID *int64
	PersonID  *int64
}

// Until is until when somebody may not book there; zero: may.
func Until(tx *db.Tx, m Miss) (models.Instant, error) { return until(tx, m) }

// Strike is what follows the nth time: a pause, or nil for a warning.
func (s *Service) Strike(tx *db.Tx, m Miss, rule models.NoShowRule, n int) (*models.Pause, error) {
	if !rule.Pauses(n) {
		return nil, nil
	}
	p := rule.Pause(m.AccountID, m.PersonID, tx.Now(), s.zone)
	p.Kind, p.Source, p.OrgID, p.VenueID = m.Kind, m.Source, m.OrgID, m.VenueID
	if err := tx.Insert(&p); err != nil {
		return nil, fmt.Errorf("pause: %w", err)
	}
	return &p, note(tx, auth.Actor{Login: "job"}, "begin", p, fmt.Sprintf("%d times, until %s", n, p.EndsAt))
}

// Came takes back what Strike did about a time, as the party has come after all: the
// pause that it was the last straw of, and those for which the times that are left do
// not suffice any more; justified tells that by the last straw of each. It returns until
// when one stands all the same; zero for none.
func (s *Service) Came(tx *db.Tx, a auth.Actor, m Miss, justified func(last string) (bool, error)) (models.Instant, error) {
	all, err := standing(tx, m)
	if err != nil {
		return models.Instant{}, err
	}
	for _, p := range all {
		if p.Source != m.Source {
			stays, err := justified(p.Source)
			if err != nil {
				return models.Instant{}, err
			}
			if stays {
				continue
			}
		}
		p.LiftedAt = tx.Now()
		if err := save(tx, p); err != nil {
			return models.Instant{}, err
		}
		if err := note(tx, a, "take_back", p, "came after all"); err != nil {
			return models.Instant{}, err
		}
	}
	return until(tx, m)
}

// Row is a pause as it is read.
type Row struct {
	models.Pause
	About   `gorm:"-"`
	OrgName string
	OrgPath string
}

// Own reports whether a pause is of the actor, or of somebody the actor keeps.
func (p Row) Own(a auth.Actor) bool { return p.AccountID != nil && *p.AccountID == a.AccountID }

// keeps reports whether the actor appeals for whoever is paused.
func (p Row) keeps(a auth.Actor) bool { return p.Own(a) || a.CanAt(auth.BookForOthers, p.OrgPath) }

// decides reports whether the actor answers an appeal.
func (s *Service) decides(a auth.Actor, p Row) bool {
	return a.CanAt(s.sides[p.Kind].Decides, p.OrgPath)
}

// List lists the actor's own pauses that count still, and with all those at places
// whose appeals the actor answers or brings, the ones with an open appeal first.
func (s *Service) List(ctx context.Context, a auth.Actor) (out []Row, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if out, err = rows(tx, a, s.sides); err != nil {
			return err
		}
		return s.describe(tx, out)
	})
	return out, err
}

// describe adds what each pause was the last straw of.
func (s *Service) describe(tx *db.Tx, all []Row) error {
	for kind, side := range s.sides {
		var sources []string
		for _, p := range all {
			if p.Kind == kind {
				sources = append(sources, p.Source)
			}
		}
		if len(sources) == 0 {
			continue
		}
		known, err := side.About(tx, sources)
		if err != nil {
			return err
		}
		for i, p := range all {
			if p.Kind != kind {
				continue
			}
			if all[i].About = known[p.Source]; all[i].Place == "" {
				all[i].Place = p.OrgName
			}
		}
	}
	return nil
}

// locked is a pause that counts still, in the hands of this transaction; errs.ErrNotFound
// for who neither appeals nor answers.
func (s *Service) locked(tx *db.Tx, a auth.Actor, id int64) (Row, error) {
	p, err := lock(tx, id)
	switch {
	case err != nil:
		return p, err
	case !p.keeps(a) && !s.decides(a, p):
		return p, errs.ErrNotFound
	case !p.Counts(tx.Now()):
		return p, ErrNotPaused
	}
	one := []Row{p}
	err = s.describe(tx, one)
	return one[0], err
}

// Appeal asks for a pause to be lifted; ErrNotPaused when it is over.
func (s *Service) Appeal(ctx context.Context, a auth.Actor, id int64, why string) (p Row, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if p, err = s.locked(tx, a, id); err != nil {
			return err
		}
		if !p.keeps(a) {
			return errs.ErrForbidden
		}
		p.Appeal, p.AppealedAt = why, tx.Now()
		if err := save(tx, p.Pause); err != nil {
			return err
		}
		if err := note(tx, a, "appeal", p.Pause, ""); err != nil {
			return err
		}
		return s.notices.TellRole(tx, auth.Scheduler, p.OrgPath, notify.Notice{Kind: s.sides[p.Kind].Appeal, Subject: subject(p),
			Vars: map[string]string{"title": p.Place, "org": p.Name, "reason": p.Appeal, "path": Path}})
	})
	return p, err
}

// Verdict answers an appeal.
type Verdict string

// Lift ends the pause, and the time behind it counts for nothing; Keep keeps it.
const (
	Lift Verdict = "lift"
	Keep Verdict = "keep"
)

// Answer answers an appeal, or lifts a pause without one; ErrNotPaused when it is over.
func (s *Service) Answer(ctx context.Context, a auth.Actor, id int64, v Verdict, words string) (p Row, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		if p, err = s.locked(tx, a, id); err != nil {
			return err
		}
		if !s.decides(a, p) {
			return errs.ErrForbidden
		}
		p.Answer, p.AnsweredBy, p.AnsweredAt = words, &a.AccountID, tx.Now()
		if v == Lift {
			p.LiftedAt = tx.Now()
			if err := s.sides[p.Kind].Excuse(tx, p.Source); err != nil {
				return err
			}
		}
		if err := save(tx, p.Pause); err != nil {
			return err
		}
		if err := note(tx, a, string(v), p.Pause, ""); err != nil {
			return err
		}
		return s.tellVerdict(tx, p)
	})
	return p, err
}

// tellVerdict tells whoever was paused what came of the appeal.
func (s *Service) tellVerdict(tx *db.Tx, p Row) error {
	n := notify.Notice{Kind: s.sides[p.Kind].Appealed, Subject: subject(p), Important: notify.Important,
		Vars: map[string]string{"title": p.Place, "reason": p.Answer, "deadline": p.EndsAt.String(), "path": Path}}
	if n.Vars["reason"] == "" {
		n.Vars["reason"] = "—"
	}
	if !p.LiftedAt.IsZero() {
		n.Vars["deadline"] = p.LiftedAt.String()
	}
	if p.AccountID != nil {
		n.Account = *p.AccountID
	}
	if p.PersonID != nil {
		n.Person = *p.PersonID
	}
	if n.Account == 0 && n.Person == 0 {
		return nil
	}
	return s.notices.Enqueue(tx, n)
}

func subject(p Row) string { return p.Kind + "_pause:" + strconv.FormatInt(p.ID, 10) }

// note writes to the log, which keeps everything: what somebody says of themselves, an
// illness perhaps, stands with the pause alone.
func note(tx *db.Tx, a auth.Actor, action string, p models.Pause, after string) error {
	line := audit.By(tx, a, models.ChannelOnline)
	if a.AccountID == 0 {
		line.Channel = models.ChannelJob
	}
	kind := p.Kind + "_pause"
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID, line.After = kind+"."+action, kind, strconv.FormatInt(p.ID, 10), &p.OrgID, after
	return audit.Write(tx, line)
}
