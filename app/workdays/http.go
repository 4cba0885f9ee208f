package workdays

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/sheet"
	"youyue/app/web"
	"youyue/app/web/locales"
	"youyue/models"
)

// Routes declares the API of the working calendar.
func (s *Service) Routes(r *httpapi.Router) {
	httpapi.API(r, http.MethodGet, "/api/v1/workdays", auth.Public,
		httpapi.Op{Summary: "A year of the working calendar, day by day", Tag: "workdays"}, s.getYear)
	httpapi.API(r, http.MethodPut, "/api/v1/workdays/:year", auth.WorkdaysWrite,
		httpapi.Op{Summary: "Replace the list of a year, or see what that would change", Tag: "workdays",
			Errors: []*errs.Error{ErrEmpty, ErrFaults, ErrChanged, ErrSame, ErrSource}}, s.putYear)
}

type yearIn struct {
	Year int `query:"year" validate:"omitempty,min=1949,max=2100"` // the current one when missing
}

type dayView struct {
	Date     models.Day `json:"date"`
	Kind     string     `json:"kind" validate:"oneof=work rest holiday makeup unknown"` // unknown: the year is not published
	Name     string     `json:"name"`                                                   // of the holiday it is off for, or worked for
	Lunar    string     `json:"lunar"`
	Festival string     `json:"festival"`
}

type yearView struct {
	Year    int       `json:"year"`
	Known   bool      `json:"known"`
	Version int64     `json:"version"`
	Source  string    `json:"source"`
	Hours   string    `json:"hours"` // of a working day
	Days    []dayView `json:"days"`
}

func (s *Service) getYear(ctx context.Context, _ auth.Actor, in yearIn) (yearView, error) {
	year := s.orThis(in.Year)
	y, err := s.Year(ctx, year)
	if err != nil {
		return yearView{}, err
	}
	l := httpapi.Lang(ctx)
	out := yearView{Year: year, Known: y.Known, Version: y.Calendar.Version, Source: y.Source, Hours: y.Calendar.WorkHours().String()}
	for d := (models.Day{Year: year, Month: time.January, Day: 1}); d.Year == year; d = d.Add(1) {
		kind, known := y.Calendar.Kind(d)
		if !known {
			kind = "unknown"
		}
		out.Days = append(out.Days, dayView{d, string(kind), y.Calendar.Names[d], web.Lunar(d), web.Festival(l, d)})
	}
	return out, nil
}

type markIn struct {
	Date models.Day `json:"date" validate:"required"`
	Kind string     `json:"kind" validate:"oneof=holiday makeup"`
	Name string     `json:"name" validate:"required,plain,max=20"`
}

type putIn struct {
	Year    int      `path:"year" json:"-" validate:"min=1949,max=2100"`
	Source  string   `json:"source" validate:"required,plain,max=200"` // the notice it was taken from
	Days    []markIn `json:"days" validate:"required,max=400,dive"`
	Version int64    `json:"version" validate:"min=0"` // of the calendar that was looked at; 0: whichever
	DryRun  bool     `json:"dry_run"`
}

type changeView struct {
	Date models.Day     `json:"date"`
	From models.DayKind `json:"from" validate:"oneof=work rest holiday makeup"`
	To   models.DayKind `json:"to" validate:"oneof=work rest holiday makeup"`
	Name string         `json:"name"`
}

type affectedView struct {
	Start models.Instant `json:"start"`
	End   models.Instant `json:"end"`
	Title string         `json:"title"`
	Who   string         `json:"who"`
	State string         `json:"state"`
	Path  string         `json:"path"` // its page
}

type putView struct {
	Year         int            `json:"year"`
	Version      int64          `json:"version"` // of the calendar, the new one unless it was a dry run
	Changes      []changeView   `json:"changes"`
	Affected     []affectedView `json:"affected"`      // what stands on days that are off now, or worked
	AffectedMore int            `json:"affected_more"` // beyond those listed
}

func (s *Service) putYear(ctx context.Context, a auth.Actor, in putIn) (putView, error) {
	marks := make([]models.WorkdayMark, len(in.Days))
	for i, d := range in.Days {
		marks[i] = models.WorkdayMark{Day: d.Date, Kind: models.DayKind(d.Kind), Name: d.Name}
	}
	e := Entry{Year: in.Year, Source: in.Source, Text: rows(marks)}
	p, err := s.PreviewYear(ctx, e)
	if err == nil && len(p.Faults) > 0 {
		err = ErrFaults.With("count", len(p.Faults))
	}
	if err == nil && in.Version != 0 && in.Version != p.Version {
		err = ErrChanged
	}
	version := p.Version
	if err == nil && !in.DryRun {
		p, version, err = s.PutYear(ctx, a, e, p.Digest)
	}
	if err != nil {
		return putView{}, withFaults(errs.As(err), httpapi.Lang(ctx), p.Faults)
	}
	out := putView{Year: in.Year, Version: version, Changes: []changeView{}, Affected: []affectedView{}, AffectedMore: p.More}
	for _, c := range p.Changes {
		out.Changes = append(out.Changes, changeView{c.Day, c.From, c.To, c.ToName})
	}
	for _, o := range p.Affected {
		out.Affected = append(out.Affected, affectedView{o.Span.Start, o.Span.End, o.Title, o.Who, o.State, o.Path})
	}
	return out, nil
}

// withFaults adds the faults of a list in words; a row is a day, in the order sent.
func withFaults(e *errs.Error, l locales.Lang, faults []sheet.Fault) *errs.Error {
	if len(faults) == 0 {
		return e
	}
	words := make([]string, len(faults))
	for i, f := range faults {
		words[i] = locales.T(l, "field."+f.Code, f.Args)
	}
	return e.Add("faults", words)
}

// jsonList is a list as files have it: ours, and the one that is commonly passed
// around, whose days say isOffDay.
type jsonList struct {
	Year int `json:"year"`
	Days []struct {
		Date  string `json:"date"`
		Name  string `json:"name"`
		Kind  string `json:"kind"`
		IsOff *bool  `json:"isOffDay"`
	} `json:"days"`
}

// fileText makes a table of an uploaded file, a workbook or JSON.
func fileText(body []byte) (string, error) {
	if trimmed := bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff"))); !bytes.HasPrefix(trimmed, []byte("{")) {
		return sheet.Text(body)
	}
	var in jsonList
	if err := json.Unmarshal(bytes.TrimPrefix(body, []byte("\ufeff")), &in); err != nil || len(in.Days) > 400 {
		return "", ErrFile.Because(err)
	}
	lines := []string{strings.Join(heads(), "\t")}
	for _, d := range in.Days {
		kind := d.Kind
		switch {
		case d.IsOff == nil:
		case *d.IsOff:
			kind = kindWord(models.DayHoliday)
		default:
			kind = kindWord(models.DayMakeup)
		}
		cell := strings.NewReplacer("\t", " ", "\n", " ", "\r", " ")
		lines = append(lines, strings.Join([]string{cell.Replace(d.Date), "", cell.Replace(kind), cell.Replace(d.Name)}, "\t"))
	}
	return strings.Join(lines, "\n"), nil
}
