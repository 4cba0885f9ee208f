package scoring

import (
	"context"
	"fmt"
	"strings"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// Round is a round that is judged, with the contest it belongs to.
type Round struct {
	ID        int64
	ContestID int64
	Contest   string
	Title     string
	OrgID     int64
	OrgPath   string
	StartsAt  models.Instant
	EndsAt    models.Instant // zero: as long as its timetable is
	SittingID int64          // the contest's slot, which rounds share; 0: a sitting of its own
}

// Act is an entry of a round, in the order of appearance. OrgID is the community
// it comes from, LeaderID the account that entered it, 0 for none. Limit is how
// many seconds its piece may take, 0 for no limit.
type Act struct {
	EntryID  int64
	Number   int // from 1
	Team     string
	Piece    string
	Place    string // the community's name
	OrgID    int64
	LeaderID int64
	Limit    int
	// Withdrawn: it has a place in the order and does not appear. Once marks are
	// taken the stage alone says who did not come.
	Withdrawn bool
}

// byHand is where the ids of contests and rounds begin that no contest of the
// product handed over.
const byHand = 1_000_001

// maxActs bounds a round; ours.
const maxActs = 200

// Hand takes a round over from the contest it belongs to, under the contest's own
// ids, or takes it over again after the order has changed. ErrLineFixed once marks
// are taken: what is judged does not change under the judges.
func (s *Service) Hand(tx *db.Tx, r Round, line []Act) error {
	_, ok, err := panelOf(tx, r.ID)
	if err != nil {
		return err
	}
	if ok {
		if err := lockPanel(tx, r.ID); err != nil {
			return err
		}
		p, _, err := panelOf(tx, r.ID)
		if err != nil {
			return err
		}
		if p.State != models.PanelPreparing {
			return ErrLineFixed.With("state", string(p.State))
		}
	}
	if err := saveRound(tx, r); err != nil {
		return err
	}
	if err := saveLine(tx, r.ID, line); err != nil {
		return err
	}
	if !ok {
		return nil
	}
	if r, err = roundOf(tx, r.ID); err != nil {
		return err
	}
	if err := s.seatJudges(tx, r); err != nil {
		return err
	}
	return s.changed(tx, r.ID)
}

// Registration is a round that is registered by hand: a contest that took its
// entries on paper. Lines name a team each: team, piece, community, with commas
// between; the order is that of appearance. LimitMinutes 0 is no limit.
type Registration struct {
	OrgID        int64
	ContestID    int64 // 0: a new one of this Name
	Name         string
	Title        string
	StartsAt     models.Instant
	LimitMinutes int
	Lines        string
}

// Register keeps a round by hand. It returns field faults, errs.ErrNotFound for
// an unknown contest or organisation, errs.ErrForbidden for one of somebody else.
func (s *Service) Register(ctx context.Context, a auth.Actor, in Registration) (r Round, err error) {
	acts, err := in.check()
	if err != nil {
		return r, err
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		path, err := pathOf(tx, in.OrgID)
		if err != nil {
			return err
		}
		r = Round{ContestID: in.ContestID, Contest: in.Name, Title: in.Title, OrgID: in.OrgID, OrgPath: path, StartsAt: in.StartsAt}
		if in.ContestID != 0 {
			all, err := roundsOf(tx, in.ContestID)
			if err != nil || len(all) == 0 {
				return or(err, errs.ErrNotFound)
			}
			r.Contest, r.OrgID, r.OrgPath = all[0].Contest, all[0].OrgID, all[0].OrgPath
		}
		if err := runs(a, r); err != nil {
			return err
		}
		if err := queueRegistrations(tx); err != nil {
			return err
		}
		if r.ID, err = nextRound(tx); err != nil {
			return err
		}
		if r.ContestID == 0 {
			if r.ContestID, err = nextContest(tx); err != nil {
				return err
			}
		}
		if err := s.Hand(tx, r, acts); err != nil {
			return err
		}
		return note(tx, a, r, "scoring.register", "", fmt.Sprintf("contest %d, %d entries", r.ContestID, len(acts)), "")
	})
	return r, err
}

func (in *Registration) check() ([]Act, error) {
	var faults []errs.Field
	for _, f := range []struct {
		name string
		text *string
		skip bool
	}{{"name", &in.Name, in.ContestID != 0}, {"title", &in.Title, false}} {
		clean, ok := models.PlainText(*f.text)
		if !ok && !f.skip {
			faults = append(faults, errs.Field{Name: f.name, Code: "required"})
		}
		*f.text = clean
	}
	if in.StartsAt.IsZero() {
		faults = append(faults, errs.Field{Name: "date", Code: "required"})
	}
	text, ok := models.PlainLines(in.Lines)
	var acts []Act
	for l := range strings.SplitSeq(text, "\n") {
		if l == "" {
			continue
		}
		parts := strings.SplitN(strings.NewReplacer("，", ",", "、", ",", "；", ",").Replace(l), ",", 3)
		for len(parts) < 3 {
			parts = append(parts, "")
		}
		n := len(acts) + 1
		acts = append(acts, Act{EntryID: int64(n), Number: n, Team: strings.TrimSpace(parts[0]), Piece: strings.TrimSpace(parts[1]), Place: strings.TrimSpace(parts[2]), Limit: in.LimitMinutes * 60})
		ok = ok && acts[n-1].Team != ""
	}
	switch {
	case !ok:
		faults = append(faults, errs.Field{Name: "lines", Code: "plain_lines"})
	case len(acts) == 0:
		faults = append(faults, errs.Field{Name: "lines", Code: "required"})
	case len(acts) > maxActs:
		faults = append(faults, errs.Field{Name: "lines", Code: "max", Args: map[string]any{"param": maxActs}})
	}
	if len(faults) > 0 {
		return nil, errs.ErrInvalid.At(faults...)
	}
	return acts, nil
}

// Judged lists the contests that the actor runs or audits, the newest first.
func (s *Service) Judged(ctx context.Context, a auth.Actor) (out []Round, orgs []models.Org, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if out, err = judgedIn(tx, a.Scope(auth.ContestValues)); err != nil {
			return err
		}
		orgs, err = orgsByID(tx, a.OrgsWith(auth.ContestJury))
		return err
	})
	return out, orgs, err
}
