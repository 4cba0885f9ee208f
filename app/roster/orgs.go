package roster

import (
	"slices"
	"strings"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/org"
	"youyue/app/sheet"
	"youyue/models"
)

// OrgColumns are those of the table of organisations. The code tells which one a
// row is about; the code of the parent may be of a row of the same table.
func OrgColumns() []sheet.Column {
	return []sheet.Column{
		{Key: "code", Names: []string{"代号", "单位代号", "code"}, Required: true},
		{Key: "name", Names: []string{"名称", "单位名称", "name"}, Required: true},
		{Key: "kind", Names: []string{"类别", "kind"}, Required: true},
		{Key: "parent", Names: []string{"上级代号", "上级", "parent"}},
		{Key: "phone", Names: []string{"电话", "phone"}},
		{Key: "address", Names: []string{"地址", "address"}},
	}
}

var kindWords = map[string]models.OrgKind{
	"中心": models.OrgCentre, "街道": models.OrgSubdistrict, "社区站": models.OrgStation, "社区": models.OrgStation, "站": models.OrgStation,
	"党支部": models.OrgBranch, "支部": models.OrgBranch, "共建单位": models.OrgPartner, "学校": models.OrgSchool, "队伍": models.OrgTeam,
}

func kindOf(word string) (models.OrgKind, bool) {
	if k, ok := kindWords[word]; ok {
		return k, true
	}
	k := models.OrgKind(strings.ToLower(word))
	return k, slices.Contains(models.OrgKinds(), k)
}

// The lengths of what stands with an organisation, as its own form has them.
const (
	maxPhone   = 40
	maxAddress = 200
)

// orgRow is a row that reads well, with the organisation it is about.
type orgRow struct {
	sheet.Record
	kind  models.OrgKind
	known *models.Org // nil when it is new
	depth int         // below the root, as the table wants it; -1 while unknown
}

func (r *orgRow) value(key string) string { return r.Values[key] }

// kept is the value of a column, and what stands when the table does not have it.
func (r *orgRow) kept(key, stands string) string {
	if v, there := r.Values[key]; there {
		return v
	}
	return stands
}

// orgPlan is the work of planOrgs.
type orgPlan struct {
	planned
	actor  auth.Actor
	byCode map[string]models.Org // that stand
	byID   map[int64]models.Org
	rows   map[string]*orgRow // by code
	order  []*orgRow
}

func planOrgs(tx *db.Tx, a auth.Actor, text string) (*planned, error) {
	records, faults, err := sheet.Records(text, OrgColumns())
	if err != nil {
		return nil, err
	}
	if len(records) == 0 && len(faults) == 0 {
		return nil, ErrEmpty
	}
	p := &orgPlan{actor: a, byCode: map[string]models.Org{}, byID: map[int64]models.Org{}, rows: map[string]*orgRow{}}
	p.Faults = faults
	all, err := everyOrg(tx)
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		p.byCode[o.Code], p.byID[o.ID] = o, o
	}
	for _, r := range records {
		p.read(r)
	}
	for _, r := range p.order {
		p.hang(r, map[string]bool{})
	}
	slices.SortFunc(p.Faults, func(a, b sheet.Fault) int { return a.Line - b.Line })
	if len(p.Faults) > 0 {
		return &p.planned, nil
	}
	slices.SortStableFunc(p.order, func(a, b *orgRow) int { return a.depth - b.depth }) // parents first, so that nothing is hung below itself
	for _, r := range p.order {
		p.plan(r)
	}
	slices.SortStableFunc(p.Changes, func(a, b Change) int { return a.Line - b.Line })
	p.seal()
	return &p.planned, nil
}

func (p *orgPlan) fault(r sheet.Record, column int, code string, args ...any) {
	f := sheet.Fault{Line: r.Line, Code: code}
	if column >= 0 {
		f.Column = OrgColumns()[column].Names[0]
	}
	if len(args) == 2 {
		f.Args = map[string]any{args[0].(string): args[1]} //nolint:forcetypeassert // ours
	}
	p.Faults = append(p.Faults, f)
}

// read holds one row to its own rules.
func (p *orgPlan) read(r sheet.Record) {
	row := &orgRow{Record: r, depth: -1}
	code, name := row.code(), r.Values["name"]
	p.order = append(p.order, row) // also without a code of its own: every fault of a row is named
	twin := p.rows[code]
	switch {
	case code == "": // said already, as are other empty cells
	case !org.ValidCode(code):
		p.fault(r, 0, "org_code")
	case twin != nil:
		p.fault(r, 0, "twice", "line", twin.Line)
	default:
		p.rows[code] = row
	}
	if _, ok := models.PlainText(name); name != "" && (!ok || len([]rune(name)) > 80) {
		p.fault(r, 1, "plain")
	}
	for i, most := range []int{maxPhone, maxAddress} {
		v := r.Values[OrgColumns()[4+i].Key]
		if _, ok := models.PlainText(v); v != "" && (!ok || len([]rune(v)) > most) {
			p.fault(r, 4+i, "plain")
		}
	}
	kind, ok := kindOf(r.Values["kind"])
	if !ok && r.Values["kind"] != "" {
		p.fault(r, 2, "org_kind")
	}
	row.kind = kind
	if o, stands := p.byCode[code]; stands && twin == nil {
		row.known = &o
		switch {
		case !o.ArchivedAt.IsZero():
			p.fault(r, 0, "org_closed")
		case ok && kind != o.Kind:
			p.fault(r, 2, "org_kind_stays")
		case !p.actor.CanAt(auth.OrgWrite, o.Path):
			p.fault(r, -1, "beyond_scope")
		}
	}
	if row.parent() == "" && (row.known == nil || row.known.ParentID != nil) {
		p.fault(r, 3, "required")
	}
}

func (r *orgRow) parent() string { return strings.ToLower(r.Values["parent"]) }
func (r *orgRow) code() string   { return strings.ToLower(r.Values["code"]) }

// hang finds how deep a row will be, and the faults of its place in the tree.
func (p *orgPlan) hang(r *orgRow, above map[string]bool) int {
	if r.depth >= 0 {
		return r.depth
	}
	parent := r.parent()
	if r.known != nil && r.known.ParentID == nil {
		if parent != "" {
			p.fault(r.Record, 3, "org_root")
		}
		r.depth = 0
		return 0
	}
	above[r.code()] = true
	r.depth = 1
	o, stands := p.byCode[parent]
	switch {
	case parent == "":
	case p.rows[parent] == nil && !stands:
		p.fault(r.Record, 3, "unknown")
	case p.rows[parent] == nil && !o.ArchivedAt.IsZero():
		p.fault(r.Record, 3, "org_closed")
	case p.rows[parent] == nil && !p.stays(r) && !p.actor.CanAt(auth.OrgWrite, o.Path):
		p.fault(r.Record, 3, "beyond_scope")
	default:
		next, steps := p.nextRow(parent)
		switch {
		case next != nil && above[next.code()]:
			p.fault(r.Record, 3, "org_ring")
		case next != nil:
			steps += p.hang(next, above)
		}
		r.depth = steps + 1
	}
	return r.depth
}

// stays reports whether a row names the parent that its organisation has: the
// top of an administrator's own part hangs on what is not theirs.
func (p *orgPlan) stays(r *orgRow) bool {
	return r.known != nil && r.known.ParentID != nil && p.byID[*r.known.ParentID].Code == r.parent()
}

// nextRow climbs from a code to the first organisation that has a row; nil and
// the way to the top when none above has.
func (p *orgPlan) nextRow(code string) (row *orgRow, steps int) {
	for ; p.rows[code] == nil; steps++ {
		o := p.byCode[code]
		if o.ParentID == nil {
			return nil, steps
		}
		code = p.byID[*o.ParentID].Code
	}
	return p.rows[code], steps
}

// plan notes what a row changes and how.
func (p *orgPlan) plan(r *orgRow) {
	code, parent := r.code(), r.parent()
	if r.known == nil {
		p.add(Change{Line: r.Line, Step: StepAdd, What: r.value("name"), To: code + " ← " + parent})
		p.do = append(p.do, func(tx *db.Tx) error {
			above, err := org.ByCode(tx, parent)
			if err != nil {
				return err
			}
			_, err = org.Create(tx, p.actor, org.Entry{ParentID: &above.ID, Code: code, Name: r.value("name"), Kind: r.kind,
				Phone: r.value("phone"), Address: r.value("address")})
			return err
		})
		return
	}
	same := true
	was := detailsOf(*r.known)
	now := org.Details{Name: r.value("name"), Phone: r.kept("phone", was.Phone), Address: r.kept("address", was.Address)}
	if was != now {
		same = false
		p.add(Change{Line: r.Line, Step: StepChange, What: r.known.Name, From: words(was), To: words(now)})
		p.do = append(p.do, func(tx *db.Tx) error { _, err := org.Change(tx, p.actor, r.known.ID, now); return err })
	}
	if r.known.ParentID != nil && !p.stays(r) {
		same = false
		p.add(Change{Line: r.Line, Step: StepMove, What: r.known.Name, From: p.byID[*r.known.ParentID].Code, To: parent})
		p.do = append(p.do, func(tx *db.Tx) error {
			above, err := org.ByCode(tx, parent)
			if err != nil {
				return err
			}
			_, err = org.Move(tx, p.actor, r.known.ID, above.ID)
			return err
		})
	}
	if same {
		p.add(Change{Step: StepSame})
	}
}

func detailsOf(o models.Org) org.Details {
	return org.Details{Name: o.Name, Phone: o.Phone, Address: o.Address}
}

func words(d org.Details) string {
	return strings.TrimRight(d.Name+" "+d.Phone+" "+d.Address, " ")
}
