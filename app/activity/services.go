package activity

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/sheet"
	"youyue/models"
)

// A service list is a sheet with a row a service and a column a month: 服务, 类别, 1月 …
// 12月. A cell says what is done that month, and with ×3 or （3次） how often; an empty
// cell is nothing. Nothing is written before somebody has seen what would change, and
// nothing at all while one cell is at fault.

// Import is a list as it comes in. Digest is what Preview said; empty only looks.
type Import struct {
	OrgID  int64
	Year   int
	Text   string // of the sheet, see sheet.Text
	Digest string
	Note   string
}

// CellChange is one cell that an import changes.
type CellChange struct {
	Service string
	Month   int
	Before  string
	After   string
}

// Imported says what an import did, or would do.
type Imported struct {
	ListID   int64 // 0: nothing was written
	Services int
	Cells    int
	Changes  []CellChange
	Faults   []sheet.Fault
	Digest   string
}

const (
	maxService = 40
	maxWhat    = 60
	usualTimes = 1
)

// kindWords are how people write kinds on a list.
var kindWords = map[string]models.ActivityKind{
	"读书": "reading", "读书会": "reading", "瑜伽": "yoga", "舞蹈": "dance", "模特": "model", "合唱": "choir", "手工": "craft", "课堂": "class", "兴趣课堂": "class",
	"非遗": "heritage", "非遗文化": "heritage", "普法": "law", "主题党日": "party_day", "宣讲": "talk", "理论宣讲": "talk", "健康": "health", "健康评估": "health",
	"入户": "home_visit", "送医入户": "home_visit", "参观": "visit", "公园": "park", "节日": "festival", "体育": "sport", "其他": "other",
}

// ImportServices looks at a list, and writes it when Digest says what was looked at.
// It returns ErrCells with "faults", ErrCellsChanged, errs.ErrForbidden.
func (s *Service) ImportServices(ctx context.Context, a auth.Actor, in Import) (out Imported, err error) {
	err = s.DB.Write(ctx, func(tx *db.Tx) error {
		path, err := orgPath(tx, in.OrgID)
		if err != nil {
			return err
		}
		if !a.CanAt(auth.ActivityWrite, path) {
			return errs.ErrForbidden
		}
		cells, faults, err := readCells(in.Text)
		if err != nil {
			return err
		}
		old, before, err := currentList(tx, in.OrgID, in.Year)
		if err != nil {
			return err
		}
		out = Imported{Services: services(cells), Cells: len(cells), Faults: faults, Changes: diff(before, cells)}
		out.Digest = digestOf(in, old.ID, cells)
		switch {
		case len(faults) > 0:
			return nil
		case in.Digest == "":
			return nil
		case in.Digest != out.Digest:
			return ErrCellsChanged
		}
		if out.ListID, err = writeList(tx, a, in, old, cells, before); err != nil {
			return err
		}
		line := audit.By(tx, a, models.ChannelOnline)
		line.Action, line.SubjectKind, line.SubjectID, line.OrgID = "service_list.import", "service_list", fmt.Sprint(out.ListID), &in.OrgID
		line.After = fmt.Sprintf("%d services, %d cells, %d changed", out.Services, out.Cells, len(out.Changes))
		return audit.Write(tx, line)
	})
	return out, err
}

// RollBack brings the list before the current one to life again; ErrNoEarlier.
func (s *Service) RollBack(ctx context.Context, a auth.Actor, org int64, year int) error {
	return s.DB.Write(ctx, func(tx *db.Tx) error {
		path, err := orgPath(tx, org)
		if err != nil {
			return err
		}
		if !a.CanAt(auth.ActivityWrite, path) {
			return errs.ErrForbidden
		}
		id, ok, err := rollBack(tx, org, year)
		if err == nil && !ok {
			err = ErrNoEarlier
		}
		if err != nil {
			return err
		}
		line := audit.By(tx, a, models.ChannelOnline)
		line.Action, line.SubjectKind, line.SubjectID, line.OrgID = "service_list.roll_back", "service_list", fmt.Sprint(id), &org
		return audit.Write(tx, line)
	})
}

// readCells reads a sheet; every fault names its row and its column.
func readCells(text string) ([]models.ServiceCell, []sheet.Fault, error) {
	columns := []sheet.Column{{Key: "service", Names: []string{"服务", "服务项目", "项目"}, Required: true}, {Key: "kind", Names: []string{"类别", "类型"}}}
	for m := 1; m <= 12; m++ {
		columns = append(columns, sheet.Column{Key: strconv.Itoa(m), Names: []string{fmt.Sprintf("%d月", m), fmt.Sprintf("%02d月", m), strconv.Itoa(m)}})
	}
	records, faults, err := sheet.Records(text, columns)
	if err != nil {
		return nil, nil, err
	}
	var cells []models.ServiceCell
	seen := map[string]bool{}
	for i, r := range records {
		fault := func(column, code string, args map[string]any) {
			faults = append(faults, sheet.Fault{Line: r.Line, Column: column, Code: code, Args: args})
		}
		name := r.Values["service"]
		switch {
		case utf8.RuneCountInString(name) > maxService:
			fault("服务", "max", map[string]any{"param": maxService})
		case name != "" && seen[name]:
			fault("服务", "repeated", nil)
		case i >= models.MaxServices:
			fault("服务", "too_many_rows", map[string]any{"param": models.MaxServices})
		}
		seen[name] = true
		kind := models.ActivityKind("other")
		if word := r.Values["kind"]; word != "" {
			k, ok := kindWords[word]
			if kind = k; !ok {
				fault("类别", "unknown_kind", map[string]any{"value": word})
			}
		}
		for m := 1; m <= 12; m++ {
			what, times, code := readCell(r.Values[strconv.Itoa(m)])
			if code != "" {
				fault(fmt.Sprintf("%d月", m), code, map[string]any{"param": maxWhat, "value": r.Values[strconv.Itoa(m)]})
			} else if what != "" {
				cells = append(cells, models.ServiceCell{Ord: i + 1, Service: name, Kind: kind, Month: m, What: what, Times: times})
			}
		}
	}
	slices.SortStableFunc(faults, func(x, y sheet.Fault) int { return x.Line - y.Line })
	return cells, faults, nil
}

// readCell reads 义诊×2, 义诊（2次）, 义诊; "" is nothing.
func readCell(text string) (what string, times int, fault string) {
	what, times = strings.TrimSpace(text), usualTimes
	number, counted := "", false
	if i := timesSign(what); i > 0 {
		_, n := utf8.DecodeRuneInString(what[i:])
		what, number, counted = strings.TrimSpace(what[:i]), strings.TrimSpace(what[i+n:]), true
	} else if strings.HasSuffix(what, "次）") || strings.HasSuffix(what, "次)") {
		if i := strings.LastIndexAny(what, "（("); i > 0 {
			_, n := utf8.DecodeRuneInString(what[i:])
			number = strings.TrimRight(strings.TrimSuffix(strings.TrimSuffix(what[i+n:], "次）"), "次)"), " ")
			what = strings.TrimSpace(what[:i])
		}
	}
	if number != "" || counted {
		n, err := strconv.Atoi(number)
		if err != nil || n < 1 || n > 31 {
			return "", 0, "times"
		}
		times = n
	}
	if _, err := strconv.ParseFloat(what, 64); err == nil {
		return "", 0, "not_words"
	}
	if utf8.RuneCountInString(what) > maxWhat {
		return "", 0, "max"
	}
	if what != "" {
		if _, ok := models.PlainText(what); !ok {
			return "", 0, "plain"
		}
	}
	return what, times, ""
}

// timesSign is where the sign stands before how often, -1 for nowhere. A letter x is one
// before a number only: 胸部X光 is an examination.
func timesSign(what string) int {
	if i := strings.LastIndexAny(what, "×*"); i >= 0 {
		return i
	}
	i := strings.LastIndexAny(what, "xX")
	if i < 0 {
		return i
	}
	if _, err := strconv.Atoi(strings.TrimSpace(what[i+1:])); err != nil {
		return -1
	}
	return i
}

func services(cells []models.ServiceCell) int {
	n := map[int]bool{}
	for _, c := range cells {
		n[c.Ord] = true
	}
	return len(n)
}

func (c cellKey) less(o cellKey) int {
	if c.service != o.service {
		return strings.Compare(c.service, o.service)
	}
	return c.month - o.month
}

type cellKey struct {
	service string
	month   int
}

// words is a cell as people wrote it.
func words(c models.ServiceCell) string {
	if c.Times > 1 {
		return c.What + "×" + strconv.Itoa(c.Times)
	}
	return c.What
}

// diff lists the cells that differ, by service and month.
func diff(before, after []models.ServiceCell) []CellChange {
	was, is := map[cellKey]string{}, map[cellKey]string{}
	for _, c := range before {
		was[cellKey{c.Service, c.Month}] = words(c)
	}
	for _, c := range after {
		is[cellKey{c.Service, c.Month}] = words(c)
	}
	var keys []cellKey
	for k, v := range is {
		if was[k] != v {
			keys = append(keys, k)
		}
	}
	for k := range was {
		if _, ok := is[k]; !ok {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, cellKey.less)
	out := make([]CellChange, len(keys))
	for i, k := range keys {
		out[i] = CellChange{k.service, k.month, was[k], is[k]}
	}
	return out
}

// digestOf names what an import would do: what it brings, and to which list.
func digestOf(in Import, current int64, cells []models.ServiceCell) string {
	h := sha256.New()
	fmt.Fprintf(h, "%d|%d|%d\n", in.OrgID, in.Year, current)
	for _, c := range cells {
		fmt.Fprintf(h, "%d|%q|%s|%d|%q|%d\n", c.Ord, c.Service, c.Kind, c.Month, c.What, c.Times)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// sheetText is what a workbook says, as rows of tabs.
func sheetText(xlsx []byte) (string, error) { return sheet.Text(xlsx) }
