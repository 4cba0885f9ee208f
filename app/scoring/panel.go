package scoring

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// usualSlot is what the timetable gives an entry unless told otherwise; ours.
const usualSlot = 8 * 60

// SetUp gives a round its panel, judged by a rule version of its contest; of a
// round that has one it changes both, as long as no marks are taken. It returns
// ErrRuleFixed, errs.ErrNotFound.
func (s *Service) SetUp(ctx context.Context, a auth.Actor, roundID, ruleID int64, slotSeconds int) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		r, err := roundOf(tx, roundID)
		if err != nil {
			return err
		}
		if err := runs(a, r); err != nil {
			return err
		}
		v, err := ruleByID(tx, ruleID)
		if err != nil || v.ContestID != r.ContestID {
			return or(err, errs.ErrNotFound)
		}
		if slotSeconds <= 0 {
			slotSeconds = usualSlot
		}
		fresh, err := insertPanel(tx, models.Panel{RoundID: roundID, ContestID: r.ContestID, RuleID: ruleID, State: models.PanelPreparing, SlotSeconds: slotSeconds})
		if err != nil {
			return err
		}
		if !fresh {
			if err := lockPanel(tx, roundID); err != nil {
				return err
			}
			p, _, err := panelOf(tx, roundID)
			if err != nil {
				return err
			}
			if p.State != models.PanelPreparing {
				return ErrRuleFixed.With("state", string(p.State))
			}
			p.RuleID, p.SlotSeconds = ruleID, slotSeconds
			if err := or(savePanel(tx, p), s.seatJudges(tx, r)); err != nil {
				return err
			}
		}
		if err := note(tx, a, r, "scoring.set_up", "", fmt.Sprintf("rule version %d", v.Version), ""); err != nil {
			return err
		}
		return s.changed(tx, roundID)
	})
}

func or(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// Invitation is who is asked to judge. Login names an account, empty for a judge
// with the private link alone; OrgID is the judge's own community, 0 for none.
type Invitation struct {
	Name  string
	Login string
	OrgID int64
	Chief bool
}

// Invited is a judge with the private link, which is shown this once.
type Invited struct {
	models.Judge
	Token string
	URL   string
}

// Invite puts a judge on a panel. Entries of the judge's own community are
// recused at once. The judge's time is taken in the kernel: who judges elsewhere then
// is refused with booking.ErrResourceTaken. It returns ErrCompetes, ErrSeatTaken,
// ErrChief, ErrState.
func (s *Service) Invite(ctx context.Context, a auth.Actor, roundID int64, in Invitation) (out Invited, err error) {
	err = s.change(ctx, roundID, func(tx *db.Tx, r *round) error {
		if err := runs(a, r.Round); err != nil {
			return err
		}
		if r.State != models.PanelPreparing && r.State != models.PanelScoring {
			return ErrState.With("state", string(r.State))
		}
		name, ok := models.PlainText(in.Name)
		j := models.Judge{RoundID: roundID, Name: name, Chief: in.Chief}
		if in.Login != "" {
			id, known, err := accountByLogin(tx, strings.TrimSpace(in.Login))
			if err != nil {
				return err
			}
			j.AccountID = &id
			if in.Name == "" {
				j.Name, ok = known, true
			}
		}
		if !ok {
			return errs.FieldFault("name", "plain")
		}
		if in.OrgID != 0 {
			if _, err := pathOf(tx, in.OrgID); err != nil {
				return errs.FieldFault("org", "unknown")
			}
			j.OrgID = &in.OrgID
		}
		for _, act := range r.Acts {
			if j.AccountID != nil && act.LeaderID == *j.AccountID {
				return ErrCompetes.With("name", j.Name).With("team", act.Team)
			}
		}
		person, err := judgePerson(tx, j, r.OrgID)
		if err != nil {
			return err
		}
		for _, x := range r.sitting() {
			if x.ResourceID != nil && *x.ResourceID == person {
				return ErrSeatTaken.With("name", j.Name)
			}
		}
		j.ResourceID = &person
		out = Invited{}
		out.Token, j.TokenHash, j.TokenAt = newToken(tx.Now())
		if err := insertJudge(tx, &j); err != nil {
			return err
		}
		if err := s.seatJudges(tx, r.Round); err != nil {
			return err
		}
		r.Judges = append(r.Judges, j)
		if err := r.recuseCommunities(tx, a); err != nil {
			return err
		}
		out.Judge, out.URL = j, s.link(out.Token)
		return note(tx, a, r.Round, "scoring.invite", "", fmt.Sprintf("judge %d", j.ID), "")
	})
	return out, err
}

// tokenPrefix tells a judge's token from a program's.
const tokenPrefix = "yj_"

func newToken(now models.Instant) (token string, hash *string, at models.Instant) {
	raw := make([]byte, 24) // 192 bits
	_, _ = rand.Read(raw)   // never fails
	token = tokenPrefix + base64.RawURLEncoding.EncodeToString(raw)
	h := hashOf(token)
	return token, &h, now
}

func hashOf(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}

func (s *Service) link(token string) string { return s.BaseURL + "/judge/" + token }

// Relink gives a judge a new private link, for another phone; the old one is dead
// from then on. errs.ErrNotFound for a judge who does not sit there.
func (s *Service) Relink(ctx context.Context, a auth.Actor, roundID, judgeID int64) (out Invited, err error) {
	err = s.change(ctx, roundID, func(tx *db.Tx, r *round) error {
		if err := runs(a, r.Round); err != nil {
			return err
		}
		j, ok := r.judge(judgeID)
		if !ok || !j.Sits() {
			return errs.ErrNotFound
		}
		out = Invited{}
		out.Token, j.TokenHash, j.TokenAt = newToken(tx.Now())
		out.Judge, out.URL = j, s.link(out.Token)
		if err := saveJudge(tx, j); err != nil {
			return err
		}
		return note(tx, a, r.Round, "scoring.relink", "", fmt.Sprintf("judge %d", j.ID), "")
	})
	return out, err
}

// Leave takes a judge off the panel, with the reason; none of the judge's marks
// counts any more. A frozen round keeps its judges.
func (s *Service) Leave(ctx context.Context, a auth.Actor, roundID, judgeID int64, why string) error {
	return s.change(ctx, roundID, func(tx *db.Tx, r *round) error {
		if err := runs(a, r.Round); err != nil {
			return err
		}
		if r.State != models.PanelPreparing && r.State != models.PanelScoring {
			return ErrState.With("state", string(r.State))
		}
		j, ok := r.judge(judgeID)
		if !ok || !j.Sits() {
			return errs.ErrNotFound
		}
		reason, ok := models.PlainText(why)
		if !ok {
			return errs.FieldFault("reason", "required")
		}
		j.LeftAt, j.LeftWhy, j.TokenHash = tx.Now(), reason, nil
		if err := saveJudge(tx, j); err != nil {
			return err
		}
		if err := s.seatJudges(tx, r.Round); err != nil {
			return err
		}
		return note(tx, a, r.Round, "scoring.leave", fmt.Sprintf("judge %d", j.ID), "", reason)
	})
}

// recuseCommunities takes judges from the entries of their own community.
func (r *round) recuseCommunities(tx *db.Tx, a auth.Actor) error {
	for _, j := range r.sitting() {
		for _, act := range r.Acts {
			if j.OrgID == nil || act.OrgID == 0 || *j.OrgID != act.OrgID {
				continue
			}
			c := models.Conflict{JudgeID: j.ID, EntryID: act.EntryID, RoundID: r.RoundID, Kind: models.ConflictCommunity, CreatedBy: a.AccountID}
			fresh, err := insertConflict(tx, c)
			if err != nil {
				return err
			}
			if fresh {
				r.Conflicts = append(r.Conflicts, c)
			}
		}
	}
	return nil
}

// Recuse takes a judge from an entry: said by the judge, or by who runs the
// contest. A frozen round keeps its marks. A second time changes nothing.
func (s *Service) Recuse(ctx context.Context, a auth.Actor, c models.Conflict) error {
	return s.change(ctx, c.RoundID, func(tx *db.Tx, r *round) error {
		seat, sits := r.seat(a)
		if err := runs(a, r.Round); err != nil && (!sits || seat.ID != c.JudgeID) {
			return err
		}
		if r.State != models.PanelPreparing && r.State != models.PanelScoring {
			return ErrState.With("state", string(r.State))
		}
		j, ok := r.judge(c.JudgeID)
		if !ok || !j.Sits() {
			return errs.ErrNotFound
		}
		if _, ok := r.act(c.EntryID); !ok {
			return ErrForeignEntry
		}
		if !known(c.Kind) {
			return errs.FieldFault("kind", "required")
		}
		c.CreatedBy = a.AccountID
		if fresh, err := insertConflict(tx, c); err != nil || !fresh {
			return err
		}
		return note(tx, a, r.Round, "scoring.recuse", "", fmt.Sprintf("judge %d, entry %d, %s", c.JudgeID, c.EntryID, c.Kind), "")
	})
}

func known(k models.ConflictKind) bool {
	for _, x := range models.ConflictKinds() {
		if k == x {
			return true
		}
	}
	return false
}

// Open begins to take marks. It returns ErrNoActs, ErrChief when no chief sits,
// ErrFew when by the rule too few marks of some entry would count.
func (s *Service) Open(ctx context.Context, a auth.Actor, roundID int64) error {
	return s.change(ctx, roundID, func(tx *db.Tx, r *round) error {
		if err := runs(a, r.Round); err != nil {
			return err
		}
		if r.State != models.PanelPreparing {
			return ErrState.With("state", string(r.State))
		}
		if len(r.Acts) == 0 {
			return ErrNoActs
		}
		if err := or(r.recuseCommunities(tx, a), r.leaveOut(tx)); err != nil {
			return err
		}
		in := r.input()
		if in.Chief == 0 {
			return ErrChief
		}
		if err := r.enough(in); err != nil {
			return err
		}
		p := r.Panel
		p.State, p.OpenedAt = models.PanelScoring, tx.Now()
		if err := or(savePanel(tx, p), s.stands(tx, r.Round, models.RoundRunning)); err != nil {
			return err
		}
		return note(tx, a, r.Round, "scoring.open", string(r.State), string(p.State), "")
	})
}

// leaveOut has those who withdrew stand as absent from now on.
func (r *round) leaveOut(tx *db.Tx) error {
	for _, act := range r.Acts {
		if !act.Withdrawn {
			continue
		}
		t := models.Turn{RoundID: r.RoundID, EntryID: act.EntryID, Absent: true, Why: "withdrawn"}
		if err := saveTurn(tx, t); err != nil {
			return err
		}
		r.Turns[act.EntryID] = t
	}
	return nil
}

// enough refuses a panel that recusals have made too small for the rule.
func (r *round) enough(in models.ScoringInput) error {
	for _, f := range in.Check() {
		if f.Code == "scoring_few" {
			id, _ := f.Args["entry"].(int64)
			act, _ := r.act(id)
			return ErrFew.With("team", act.Team).With("left", f.Args["left"]).With("keep", f.Args["keep"])
		}
	}
	return nil
}

const seenEvery = 5 * time.Minute

// Bearer is the judge of a private link's token; false when it is unknown, or
// another took its place.
func (s *Service) Bearer(ctx context.Context, token string) (a auth.Actor, ok bool, err error) {
	if !strings.HasPrefix(token, tokenPrefix) {
		return auth.Actor{}, false, nil
	}
	var j models.Judge
	var now models.Instant
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		now = tx.Now()
		j, ok, err = judgeByHash(tx, hashOf(token))
		return err
	})
	if err != nil || !ok {
		return auth.Actor{}, false, err
	}
	if j.SeenAt.IsZero() || now.Sub(j.SeenAt) > seenEvery {
		if err := s.db.Write(ctx, func(tx *db.Tx) error { return touchJudge(tx, j.ID, tx.Now().Add(-seenEvery)) }); err != nil {
			return auth.Actor{}, false, err
		}
	}
	return auth.Actor{JudgeID: j.ID, RoundID: j.RoundID, Login: fmt.Sprintf("judge:%d", j.ID), Name: j.Name}, true, nil
}

// Practised notes that the judge has tried the practice entry.
func (s *Service) Practised(ctx context.Context, a auth.Actor, roundID int64) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		r, err := s.open(tx, roundID)
		if err != nil {
			return err
		}
		j, ok := r.seat(a)
		if !ok {
			return ErrNoSeat
		}
		if !j.PractisedAt.IsZero() {
			return nil
		}
		j.PractisedAt = tx.Now()
		return saveJudge(tx, j)
	})
}
