// Package draw draws lots that anyone can replay: orders of appearance, groups,
// ranks of who is level, the order in which parties get places.
//
// The list, a commitment to a secret and the conditions are published first; then
// a public value is read out; then the server itself reveals the secret and
// computes the order, in the transaction that takes the value. Nobody can choose
// the order, and nobody can put a draw off that they dislike.
//
// A feature uses it in its own transactions, on a subject of its own:
//
//	d, err := draws.Commit(tx, actor, draw.Plan{Subject: draw.Subject{Kind: "activity", ID: 7}, …})
//	d, err = draws.Reveal(tx, actor, d.ID, draw.Value{…})
//	for _, e := range d.Order() { … } // e.EntryID, in the drawn order
//
// An entry's id is what is drawn. It should be the feature's own and unique in the
// district ("A7-0012"), and with its label it is public: never a name or a number
// of a private person. Parties of several people are one entry each, so that they
// are drawn alike; who has the places then goes through the order. The feature
// checks permissions; what a draw shows is public at /draws/ID.
package draw

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// The refusals of a draw.
var (
	// ErrOpen: a draw of the same thing waits for its value.
	ErrOpen = errs.New(errs.Conflict, "draw.open")
	// ErrAgain: it was drawn before, and a second draw needs its reason.
	ErrAgain = errs.New(errs.Invalid, "draw.again")
	// ErrEnded: the draw has its order, or is void.
	ErrEnded = errs.New(errs.Conflict, "draw.ended")
	// ErrLate: the time for the value is over; the draw is void.
	ErrLate = errs.New(errs.Conflict, "draw.late")
	// ErrImpossible: no order of this list meets the conditions.
	ErrImpossible = errs.New(errs.Invalid, "draw.impossible")
	// ErrRare: so few orders meet the conditions that none may be found.
	ErrRare = errs.New(errs.Invalid, "draw.rare")
	// ErrCrossing: the two conditions cannot be asked for together.
	ErrCrossing = errs.New(errs.Invalid, "draw.crossing")
)

// Sealer keeps the secret of an open draw unreadable in the database.
type Sealer interface {
	Seal(text string) string
	Open(sealed string) (string, error)
}

// Service draws. It is safe for concurrent use.
type Service struct {
	db     *db.DB
	box    Sealer
	secret func() string
	zone   *time.Location
}

// Config is what it is built from.
type Config struct {
	DB     *db.DB
	Sealer Sealer
	Secret func() string // 16 bytes or more in lower-case hex; nil is random
	Zone   *time.Location
}

// New returns the service.
func New(c Config) *Service {
	s := &Service{db: c.DB, box: c.Sealer, secret: c.Secret, zone: c.Zone}
	if s.secret == nil {
		s.secret = func() string {
			var b [32]byte
			_, _ = rand.Read(b[:]) // never fails
			return hex.EncodeToString(b[:])
		}
	}
	return s
}

// Subject is what a draw belongs to, in its feature's words: "contest_round" 7.
type Subject struct {
	Kind string
	ID   int64
}

// Plan is a draw to be committed to.
type Plan struct {
	Subject   Subject
	Purpose   models.DrawPurpose
	Title     string // what the public reads above it
	OrgID     int64  // whose it is, for the log
	Reason    string // why again; required from the second draw of the same thing on
	Parts     int    // groups to cut the order into; 0 and 1 are none
	Entries   []models.DrawEntry
	Community bool // keep entries of one community apart
	Team      bool // keep entries of one team apart
	Value     models.DrawValue
	Note      string         // which value is named; required for one
	Due       models.Instant // the value comes before this, or the draw is void
}

// Draw is a draw as it is read: its list sorted by id, before the value is known
// and after.
type Draw struct {
	models.Draw
	List      []models.DrawEntry
	Witnesses []models.DrawWitness
	Siblings  []models.Draw // all draws of the same thing, this one too, the first first; order and groups are one
}

// Rules are what the order has to meet.
func (d Draw) Rules() models.DrawRules {
	return models.DrawRules{Entries: d.List, ApartCommunity: d.ApartCommunity, ApartTeam: d.ApartTeam}
}

// Order is the list in the drawn order, nil while there is none.
func (d Draw) Order() []models.DrawEntry {
	if d.State != models.DrawDrawn {
		return nil
	}
	return slices.SortedFunc(slices.Values(d.List), func(a, b models.DrawEntry) int { return a.Place - b.Place })
}

// Groups is the order cut into its parts, one part when there are no groups.
func (d Draw) Groups() [][]models.DrawEntry {
	order := d.Order()
	if order == nil {
		return nil
	}
	ids := make([]string, len(order))
	for i, e := range order {
		ids[i] = e.EntryID
	}
	var out [][]models.DrawEntry
	for _, part := range models.DrawParts(ids, d.Parts) {
		out, order = append(out, order[:len(part)]), order[len(part):]
	}
	return out
}

// Latest is the last draw of its thing, the one that counts.
func (d Draw) Latest() bool { return len(d.Siblings) == 0 || d.Siblings[len(d.Siblings)-1].ID == d.ID }

// Commit freezes and publishes a list, its conditions and the commitment. Whether
// an admissible order exists is counted exactly before anything is frozen. It
// returns field faults, ErrOpen, ErrAgain, ErrImpossible, ErrRare, ErrCrossing.
func (s *Service) Commit(tx *db.Tx, a auth.Actor, p Plan) (Draw, error) {
	if p.Parts == 0 {
		p.Parts = 1
	}
	if err := p.check(tx.Now()); err != nil {
		return Draw{}, err
	}
	before, err := kin(tx, p.Subject, p.Purpose)
	if err != nil {
		return Draw{}, err
	}
	if n := len(before); n > 0 {
		last := before[n-1]
		switch {
		case last.State == models.DrawOpen:
			return Draw{}, ErrOpen.With("until", last.ValueDue).Add("draw", last.ID)
		case strings.TrimSpace(p.Reason) == "":
			return Draw{}, ErrAgain.At(errs.Field{Name: "reason", Code: "required"}).Add("draw", last.ID)
		}
	} else {
		p.Reason = ""
	}
	secret := s.secret()
	ids := p.rules().IDs()
	d := Draw{Draw: models.Draw{SubjectKind: p.Subject.Kind, SubjectID: p.Subject.ID, Purpose: p.Purpose, Number: number(before) + 1, Reason: p.Reason,
		Title: p.Title, OrgID: p.OrgID, State: models.DrawOpen, ListHash: models.DrawListHash(ids), Commitment: models.DrawCommitment(secret),
		Entries: len(ids), Parts: p.Parts, ApartCommunity: p.Community, ApartTeam: p.Team, ValueKind: p.Value, ValueNote: p.Note, ValueDue: p.Due,
		SecretEnc: s.box.Seal(secret), CommittedBy: a.AccountID, CommittedAt: tx.Now()}}
	if err := insert(tx, &d.Draw, p.Entries); err != nil {
		return Draw{}, err
	}
	if err := log(tx, audit.By(tx, a, models.ChannelOnline), "draw.commit", d.Draw, "H "+d.ListHash+", C "+d.Commitment); err != nil {
		return Draw{}, err
	}
	return find(tx, d.ID)
}

// number is that of the last of some draws, 0 of none.
func number(all []models.Draw) (n int) {
	for _, d := range all {
		n = max(n, d.Number)
	}
	return n
}

func (p *Plan) rules() models.DrawRules {
	return models.DrawRules{Entries: p.Entries, ApartCommunity: p.Community, ApartTeam: p.Team}
}

// The bounds of what is typed, in characters.
const (
	maxTitle   = 120
	maxNote    = 300
	maxReason  = 300
	maxValue   = 100
	maxPart    = 20
	maxWitness = 60
	maxLabel   = 120
)

func (p *Plan) check(now models.Instant) error {
	var faults []errs.Field
	text := func(name string, v *string, most int, required bool) {
		*v = strings.TrimSpace(*v)
		clean, ok := models.PlainText(*v)
		switch {
		case *v == "" && required:
			faults = append(faults, errs.Field{Name: name, Code: "required"})
		case *v != "" && !ok:
			faults = append(faults, errs.Field{Name: name, Code: "plain"})
		case utf8.RuneCountInString(clean) > most:
			faults = append(faults, errs.Field{Name: name, Code: "max", Args: map[string]any{"param": most}})
		default:
			*v = clean
		}
	}
	text("title", &p.Title, maxTitle, true)
	text("reason", &p.Reason, maxReason, false)
	text("note", &p.Note, maxNote, p.Value == models.DrawNamed)
	if p.Value != models.DrawNamed && p.Value != models.DrawByWitnesses {
		faults = append(faults, errs.Field{Name: "value", Code: "required"})
	}
	if !p.Due.After(now) {
		faults = append(faults, errs.Field{Name: "due", Code: "draw_due"})
	}
	switch n := len(p.Entries); {
	case n < 2 || n > models.MaxDrawEntries:
		faults = append(faults, errs.Field{Name: "entries", Code: "draw_entries", Args: map[string]any{"max": models.MaxDrawEntries}})
	case p.Parts < 1 || p.Parts > n:
		faults = append(faults, errs.Field{Name: "parts", Code: "draw_parts", Args: map[string]any{"max": n}})
	}
	seen := map[string]bool{}
	for i := range p.Entries {
		e := &p.Entries[i]
		text("entries["+strconv.Itoa(i)+"].label", &e.Label, maxLabel, true)
		if !models.ValidDrawID(e.EntryID) || seen[e.EntryID] {
			faults = append(faults, errs.Field{Name: "entries[" + strconv.Itoa(i) + "].id", Code: "draw_id"})
		}
		seen[e.EntryID] = true
	}
	if len(faults) > 0 {
		return errs.ErrInvalid.At(faults...)
	}
	share, ok := p.rules().Share()
	switch {
	case !ok:
		return ErrCrossing
	case share.Sign() == 0:
		return ErrImpossible
	case share.Cmp(models.LeastDrawShare) < 0:
		return ErrRare.With("n", models.MaxDrawTries)
	}
	return nil
}

// Value is the public value: what the witnesses read out, part by part, or the
// text of the named one.
type Value struct {
	Witnesses []models.DrawWitness
	Text      string
}

// Reveal takes the public value, reveals the secret and computes the order, all in
// the caller's transaction; a value that comes too late is refused, and the job
// makes the draw void. The same value sent again is answered with the same draw.
// It returns field faults, errs.ErrNotFound, ErrEnded, ErrLate.
func (s *Service) Reveal(tx *db.Tx, a auth.Actor, id int64, v Value) (Draw, error) {
	if err := lock(tx, id); err != nil {
		return Draw{}, err
	}
	d, err := find(tx, id)
	if err != nil {
		return Draw{}, err
	}
	beacon, err := v.beacon(d.Draw)
	if err != nil {
		return Draw{}, err
	}
	if !d.State.CanBecome(models.DrawDrawn) {
		if d.State == models.DrawDrawn && d.Beacon == beacon {
			return d, nil
		}
		return Draw{}, ErrEnded.With("at", d.EndedAt).Worded("draw.ended_" + string(d.State))
	}
	if !d.ValueDue.After(tx.Now()) {
		return Draw{}, ErrLate.With("due", d.ValueDue)
	}
	if d.Secret, err = s.box.Open(d.SecretEnc); err != nil {
		return Draw{}, err
	}
	d.Beacon, d.EndedBy, d.EndedAt, d.SecretEnc = beacon, &a.AccountID, tx.Now(), ""
	order, k, ok := d.Rules().Run(d.Secret, beacon)
	d.State, d.K = models.DrawDrawn, k
	if !ok {
		d.State, d.VoidReason = models.DrawVoid, "exhausted"
	}
	if err := reveal(tx, d.Draw, v.Witnesses, order); err != nil {
		return Draw{}, err
	}
	if err := log(tx, audit.By(tx, a, models.ChannelOnline), "draw.reveal", d.Draw, "value "+d.Beacon+", k "+strconv.Itoa(k)); err != nil {
		return Draw{}, err
	}
	return find(tx, id)
}

// beacon is the value as it goes into the seed.
func (v *Value) beacon(d models.Draw) (string, error) {
	clean := func(s string, most int) (string, bool) {
		c, ok := models.PlainText(s)
		return c, ok && utf8.RuneCountInString(c) <= most
	}
	if d.ValueKind == models.DrawNamed {
		text, ok := clean(v.Text, maxValue)
		if !ok {
			return "", errs.FieldFault("value", "plain")
		}
		v.Witnesses = nil
		return text, nil
	}
	var faults []errs.Field
	for i := range v.Witnesses {
		w := &v.Witnesses[i]
		var ok bool
		at := "witnesses[" + strconv.Itoa(i) + "]"
		if w.Name, ok = clean(w.Name, maxWitness); !ok {
			faults = append(faults, errs.Field{Name: at + ".name", Code: "plain"})
		}
		if w.Value, ok = clean(w.Value, maxPart); !ok {
			faults = append(faults, errs.Field{Name: at + ".value", Code: "plain"})
		}
		if slices.ContainsFunc(v.Witnesses[:i], func(x models.DrawWitness) bool { return x.Name == w.Name }) {
			faults = append(faults, errs.Field{Name: at + ".name", Code: "draw_witness_twice"})
		}
	}
	if n := len(v.Witnesses); n < models.MinDrawWitnesses || n > models.MaxDrawWitnesses {
		faults = append(faults, errs.Field{Name: "witnesses", Code: "draw_witnesses", Args: map[string]any{"min": models.MinDrawWitnesses, "max": models.MaxDrawWitnesses}})
	}
	if len(faults) > 0 {
		return "", errs.ErrInvalid.At(faults...)
	}
	return models.DrawBeacon(v.Witnesses), nil
}

// Find returns a draw; errs.ErrNotFound when there is none. All of it is public.
func (s *Service) Find(tx *db.Tx, id int64) (Draw, error) { return find(tx, id) }

// Get is Find in a read of its own.
func (s *Service) Get(ctx context.Context, id int64) (d Draw, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { d, err = find(tx, id); return err })
	return d, err
}

// Of lists the draws of a subject and purpose, the first first; the last one counts.
func (s *Service) Of(tx *db.Tx, subject Subject, purpose models.DrawPurpose) ([]models.Draw, error) {
	return of(tx, subject, purpose)
}

// VoidLate makes draws void whose value did not come in time; they stay public.
func (s *Service) VoidLate(ctx context.Context, now models.Instant) (n int, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		late, err := late(tx, now)
		if err != nil {
			return err
		}
		for _, d := range late {
			if err := void(tx, d.ID); err != nil {
				return err
			}
			l := models.Audit{At: tx.Now(), Actor: "job:void_draws", Channel: models.ChannelJob}
			if err := log(tx, l, "draw.void", d, "no value until "+d.ValueDue.String()); err != nil {
				return err
			}
		}
		n = len(late)
		return nil
	})
	return n, err
}

func log(tx *db.Tx, l models.Audit, action string, d models.Draw, after string) error {
	l.Action, l.SubjectKind, l.SubjectID, l.OrgID, l.After, l.Reason = action, "draw", strconv.FormatInt(d.ID, 10), &d.OrgID, after, d.Reason
	return audit.Write(tx, l)
}
