package roster

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"

	"youyue/app/account"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/sheet"
	"youyue/models"
)

// StaffColumns are those of the table of staff, a row a role; who has several
// roles stands in several rows.
func StaffColumns() []sheet.Column {
	return []sheet.Column{
		{Key: "login", Names: []string{"登录名", "login"}, Required: true},
		{Key: "name", Names: []string{"姓名", "name"}, Required: true},
		{Key: "role", Names: []string{"职责", "角色", "role"}, Required: true},
		{Key: "org", Names: []string{"单位代号", "单位", "org"}, Required: true},
	}
}

var roleWords = map[string]auth.Role{
	"支部书记": auth.Branch, "书记": auth.Branch, "代办员": auth.Clerk, "排期员": auth.Scheduler, "影院": auth.Cinema, "场馆方": auth.Partner,
	"队长": auth.Leader, "评委": auth.Judge, "管理员": auth.Admin, "审计": auth.Auditor,
}

func roleOf(word string) (auth.Role, bool) {
	if r, ok := roleWords[word]; ok {
		return r, true
	}
	r := auth.Role(strings.ToLower(word))
	return r, auth.ValidRole(r)
}

// maxStaff bounds the new accounts of one import: each password is hashed for
// about a tenth of a second.
const maxStaff = 100

// ErrManyStaff: more new accounts than one import makes.
var ErrManyStaff = errs.New(errs.Invalid, "roster.many_staff")

type freshAccount struct {
	account.Entry
}

// passwords makes and hashes a first password for every log-in of the table
// that is not known yet.
func (s *Service) passwords(ctx context.Context, text string) (map[string]freshAccount, error) {
	records, _, err := sheet.Records(text, StaffColumns())
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		all, err := everyStaff(tx)
		for _, r := range all {
			known[r.Login] = true
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	out := map[string]freshAccount{}
	for _, r := range records {
		login := strings.ToLower(r.Values["login"])
		if _, twice := out[login]; twice || known[login] || login == "" {
			continue
		}
		if len(out) == maxStaff {
			return nil, ErrManyStaff.With("max", maxStaff)
		}
		entry, err := s.accounts.Prepare(ctx, account.Entry{Login: login, Name: r.Values["name"], Password: newPassword(), Once: true})
		if err != nil {
			return nil, err
		}
		out[login] = freshAccount{entry}
	}
	return out, nil
}

// passwordLetters are read from paper: none is mistaken for another.
const passwordLetters = "23456789abcdefghjkmnpqrstwxyz"

// newPassword is twelve letters, 58 bits.
func newPassword() string {
	b := make([]byte, 0, 12)
	buf := make([]byte, 24)
	for len(b) < 12 {
		_, _ = rand.Read(buf)
		for _, x := range buf {
			if int(x) < len(passwordLetters)*8 && len(b) < 12 {
				b = append(b, passwordLetters[int(x)%len(passwordLetters)])
			}
		}
	}
	return string(b)
}

type staffPlan struct {
	planned
	actor auth.Actor
	orgs  map[string]models.Org
	byID  map[int64]models.Org
	known map[string][]staffRow   // by log-in
	first map[string]sheet.Record // the row that makes an account
	roles map[string]int          // "login role org" → line
	fresh map[string]freshAccount
	svc   *Service
}

func (s *Service) planStaff(tx *db.Tx, a auth.Actor, text string, fresh map[string]freshAccount) (*planned, error) {
	records, faults, err := sheet.Records(text, StaffColumns())
	if err != nil {
		return nil, err
	}
	if len(records) == 0 && len(faults) == 0 {
		return nil, ErrEmpty
	}
	p := &staffPlan{actor: a, orgs: map[string]models.Org{}, byID: map[int64]models.Org{}, known: map[string][]staffRow{},
		first: map[string]sheet.Record{}, roles: map[string]int{}, fresh: fresh, svc: s}
	p.Faults = faults
	all, err := everyOrg(tx)
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		p.orgs[o.Code], p.byID[o.ID] = o, o
	}
	staff, err := everyStaff(tx)
	if err != nil {
		return nil, err
	}
	for _, r := range staff {
		p.known[r.Login] = append(p.known[r.Login], r)
	}
	for _, r := range records {
		p.row(r)
	}
	if slices.SortStableFunc(p.Faults, func(a, b sheet.Fault) int { return a.Line - b.Line }); len(p.Faults) > 0 {
		p.Changes, p.Same, p.do = nil, 0, nil
	}
	p.seal()
	return &p.planned, nil
}

func (p *staffPlan) fault(r sheet.Record, column int, code string, args map[string]any) {
	f := sheet.Fault{Line: r.Line, Code: code, Args: args}
	if column >= 0 {
		f.Column = StaffColumns()[column].Names[0]
	}
	p.Faults = append(p.Faults, f)
}

func (p *staffPlan) row(r sheet.Record) {
	login, name := strings.ToLower(r.Values["login"]), r.Values["name"]
	if login == "" || name == "" || r.Values["role"] == "" || r.Values["org"] == "" {
		return // said already
	}
	before := len(p.Faults)
	role, ok := roleOf(r.Values["role"])
	if !ok {
		p.fault(r, 2, "role", nil)
	}
	o, ok := p.orgs[strings.ToLower(r.Values["org"])]
	switch {
	case !ok:
		p.fault(r, 3, "unknown", nil)
	case !o.ArchivedAt.IsZero():
		p.fault(r, 3, "org_closed", nil)
	case !p.actor.CanAt(auth.AccountWrite, o.Path):
		p.fault(r, 3, "beyond_scope", nil)
	}
	key := fmt.Sprint(login, " ", role, " ", o.ID)
	if line, twice := p.roles[key]; twice {
		p.fault(r, -1, "twice", map[string]any{"line": line})
	}
	p.roles[key] = r.Line
	known := p.known[login]
	switch {
	case len(known) > 0 && !p.sees(known):
		p.fault(r, 0, "beyond_scope", nil) // and neither the name nor anything else of theirs
	case len(known) > 0 && (known[0].ID != p.actor.AccountID || !holds(known, role, o)): // the own row that changes nothing is fine
		p.held(r, known[0])
	case len(known) > 0:
	case !account.ValidLogin(login):
		p.fault(r, 0, "login", nil)
	default:
		if _, ok := models.PlainText(name); !ok || len([]rune(name)) > 40 {
			p.fault(r, 1, "plain", nil)
		}
		if f, ok := p.first[login]; ok && f.Values["name"] != name {
			p.fault(r, 1, "name_of_line", map[string]any{"name": f.Values["name"], "line": f.Line})
		}
	}
	if len(p.Faults) == before {
		p.plan(r, login, role, o)
	}
}

// holds reports whether an account has a role at an organisation.
func holds(known []staffRow, role auth.Role, o models.Org) bool {
	return slices.ContainsFunc(known, func(k staffRow) bool { return k.Role == string(role) && k.OrgID == o.ID })
}

// sees reports whether the account is the actor's to give roles to: it holds one
// in the actor's scope, or the actor looks after the whole district. Else a role
// given here would put a stranger's account, and its password, into the scope.
func (p *staffPlan) sees(known []staffRow) bool {
	return p.actor.Everywhere(auth.AccountWrite) || slices.ContainsFunc(known, func(k staffRow) bool {
		o, ok := p.byID[k.OrgID]
		return ok && p.actor.CanAt(auth.AccountWrite, o.Path)
	})
}

// held holds a row to the account that stands under its log-in.
func (p *staffPlan) held(r sheet.Record, acc staffRow) {
	switch {
	case acc.ID == p.actor.AccountID:
		p.fault(r, 0, "own_account", nil)
	case acc.Disabled:
		p.fault(r, 0, "account_closed", nil)
	case acc.Name != r.Values["name"]:
		p.fault(r, 1, "name_of_login", map[string]any{"name": acc.Name})
	}
}

func (p *staffPlan) plan(r sheet.Record, login string, role auth.Role, o models.Org) {
	if known := p.known[login]; len(known) > 0 {
		if holds(known, role, o) {
			p.add(Change{Step: StepSame})
			return
		}
		p.add(Change{Line: r.Line, Step: StepGrant, What: login, From: r.Values["name"], To: o.Name, Role: role})
		id := known[0].ID
		p.do = append(p.do, func(tx *db.Tx) error { return p.svc.accounts.Give(tx, p.actor, id, role, o.ID) })
		return
	}
	if _, made := p.first[login]; made {
		p.add(Change{Line: r.Line, Step: StepGrant, What: login, From: r.Values["name"], To: o.Name, Role: role})
	} else {
		p.first[login] = r
		p.add(Change{Line: r.Line, Step: StepAdd, What: login, To: r.Values["name"] + " · " + o.Name, Role: role})
		p.do = append(p.do, func(tx *db.Tx) error {
			f, ok := p.fresh[login]
			if !ok {
				return ErrChanged
			}
			_, err := p.svc.accounts.Create(tx, p.actor, f.Entry)
			return err
		})
	}
	p.do = append(p.do, func(tx *db.Tx) error {
		acc, err := account.ByLogin(tx, login)
		if err != nil {
			return err
		}
		return p.svc.accounts.Give(tx, p.actor, acc.ID, role, o.ID)
	})
}
