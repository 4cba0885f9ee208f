package draw

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"youyue/app/auth"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

// Pages declares the public page of a draw and its file.
func (s *Service) Pages(r *httpapi.Router) {
	httpapi.Page(r, "/draws/:id", auth.Public, s.page)
	httpapi.PageFile(r, "/draws/:id/draw.json", auth.Public, func(ctx context.Context, _ auth.Actor, in fileIn) (httpapi.Blob, error) {
		d, err := s.Get(ctx, in.ID)
		if err != nil {
			return httpapi.Blob{}, err
		}
		body, err := json.MarshalIndent(d.File(), "", "  ") //nolint:gosec // the secret is public by then, that is the point
		return httpapi.Blob{Body: append(body, '\n'), ContentType: "application/json", Filename: fmt.Sprintf("draw-%d.json", d.ID)}, err
	})
}

// Path is the public page of a draw.
func Path(id int64) string { return fmt.Sprintf("/draws/%d", id) }

// words say something in the reader's language.
type words struct{ web.Words }

// step is one line of the replay: what was computed, from what.
type step struct {
	Check
	Chip web.Chip
	How  string
}

// group is a part of the result; Title is empty when there is only one.
type group struct {
	Title   string
	Entries []models.DrawEntry
}

func (w words) groups(d Draw) []group {
	var out []group
	for i, entries := range d.Groups() {
		g := group{Entries: entries}
		if d.Parts > 1 {
			g.Title = w.T("draw.group", "n", i+1)
		}
		out = append(out, g)
	}
	return out
}

type pageData struct {
	Draw    Draw
	Chip    web.Chip
	Lead    string
	Facts   []web.Fact
	Groups  []group
	Steps   []step
	Agrees  bool
	Earlier []web.Link
	File    string
}

func (s *Service) page(ctx context.Context, _ auth.Actor, in fileIn) (web.Page, error) {
	d, err := s.Get(ctx, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	w := words{httpapi.Words(ctx, s.zone, s.db.Now())}
	p := pageData{Draw: d, Chip: w.chip(d.Draw), Lead: w.lead(d.Draw), Facts: w.facts(d), Groups: w.groups(d), Agrees: true, File: Path(d.ID) + "/draw.json"}
	for _, c := range Verify(d.File()) {
		if c.Name == "version" {
			continue
		}
		one := step{Check: c, Chip: web.Chip{Tone: web.ToneOK, Text: w.T("draw.same")}, How: w.T("draw.how." + c.Name)}
		if !c.OK {
			one.Chip, p.Agrees = web.Chip{Tone: web.ToneWarn, Text: w.T("draw.differs")}, false
		}
		p.Steps = append(p.Steps, one)
	}
	for _, x := range d.Siblings {
		if x.ID == d.ID {
			continue
		}
		text := w.T("draw.number", "n", x.Number) + " · " + w.chip(x).Text
		if x.Reason != "" {
			text += " · " + x.Reason
		}
		p.Earlier = append(p.Earlier, web.Link{Href: Path(x.ID), Icon: "queue", Text: text})
	}
	return web.Page{Template: "draw/draw", Title: "draw.title", TitleArgs: map[string]any{"title": d.Title}, Styles: []string{"draw"}, Scripts: []string{"print"}, Data: &p}, nil
}

func (w words) chip(d models.Draw) web.Chip {
	tone := map[models.DrawState]web.Tone{models.DrawOpen: web.ToneInfo, models.DrawDrawn: web.ToneOK, models.DrawVoid: web.ToneOff}[d.State]
	return web.Chip{Tone: tone, Text: w.T("draw.state." + string(d.State))}
}

// lead says where the draw stands and what comes next.
func (w words) lead(d models.Draw) string {
	switch d.State {
	case models.DrawDrawn:
		return w.T("draw.lead_drawn", "at", d.EndedAt)
	case models.DrawVoid:
		return w.T("draw.lead_"+d.VoidReason, "due", d.ValueDue)
	default:
		return w.T("draw.lead_open_"+string(d.ValueKind), "due", d.ValueDue, "note", d.ValueNote)
	}
}

// facts are what was published before, then the value.
func (w words) facts(d Draw) []web.Fact {
	f := []web.Fact{
		{Label: w.T("draw.what"), Text: w.T("draw.purpose." + string(d.Purpose))},
		{Label: w.T("draw.count"), Text: strconv.Itoa(d.Entries)},
		{Label: w.T("draw.conditions"), Text: w.conditions(d.Draw)},
		{Label: w.T("draw.value_kind"), Text: w.T("draw.value." + string(d.ValueKind))},
		{Label: w.T("draw.committed"), Text: w.DateTime(d.CommittedAt)},
	}
	add := func(key, text string) {
		if text != "" {
			f = append(f, web.Fact{Label: w.T("draw." + key), Text: text})
		}
	}
	add("note", d.ValueNote)
	if d.State == models.DrawOpen {
		add("due", w.DateTime(d.ValueDue))
	}
	add("reason", d.Reason)
	add("hash", d.ListHash)
	add("commitment", d.Commitment)
	var said []string
	for _, x := range d.Witnesses {
		said = append(said, w.T("draw.said", "name", x.Name, "value", x.Value))
	}
	add("witnesses", strings.Join(said, w.T("draw.join")))
	add("beacon", d.Beacon)
	add("secret", d.Secret)
	if d.State == models.DrawDrawn {
		add("k", strconv.Itoa(d.K))
		add("seed", models.DrawSeed(d.ListHash, d.Secret, d.Beacon, d.K))
	}
	return f
}

func (w words) conditions(d models.Draw) string {
	var all []string
	if d.ApartCommunity {
		all = append(all, w.T("draw.apart_community"))
	}
	if d.ApartTeam {
		all = append(all, w.T("draw.apart_team"))
	}
	if d.Parts > 1 {
		all = append(all, w.T("draw.parts", "n", d.Parts))
	}
	if len(all) == 0 {
		return w.T("draw.no_conditions")
	}
	return strings.Join(all, w.T("draw.join"))
}

// formRows is how many witnesses a form has room for.
const formRows = 5

// WitnessRows are the witnesses of a form with one field for the names and one for
// what was read out, but for rows in which nothing is written; with blank ones behind
// them the form is filled up.
func WitnessRows(names, parts []string, fill bool) (out []models.DrawWitness) {
	for i, part := range parts {
		w := models.DrawWitness{Value: part}
		if i < len(names) {
			w.Name = names[i]
		}
		if w.Name != "" || w.Value != "" {
			out = append(out, w)
		}
	}
	for fill && len(out) < formRows {
		out = append(out, models.DrawWitness{})
	}
	return out
}
