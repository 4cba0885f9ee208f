package scoring

import (
	"context"
	"strconv"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
	"youyue/models"
)

// correctData is the chief's list of marks, or the one that is being corrected.
type correctData struct {
	Base    string
	Table   web.Table
	Given   *Given
	Fields  []markField
	Action  string
	Version int
	Reason  string
	Refusal []string
}

// correctPage lists all marks for the chief; with a judge and an entry it is the
// form that corrects them.
func (s *Service) correctPage(ctx context.Context, a auth.Actor, in judgeIn) (web.Page, error) {
	return s.correcting(ctx, a, in, correctIn{}, nil)
}

func (s *Service) correcting(ctx context.Context, a auth.Actor, in judgeIn, typed correctIn, bad *errs.Error) (web.Page, error) {
	_, sheet, err := s.judge(ctx, a, in)
	if err == nil && !sheet.Judge.Chief {
		err = ErrOnlyChief
	}
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d := correctData{Base: in.base(), Action: in.base() + "/correct", Reason: typed.Reason, Refusal: say(ctx, bad)}
	d.Table = web.Table{Caption: w.T("scoring.correct.table"), Columns: []string{w.T("scoring.col.team"), w.T("scoring.col.judge"), w.T("scoring.col.total"), w.T("scoring.col.version")},
		Empty: &web.Empty{Icon: "edit", Title: w.T("scoring.correct.none"), Text: w.T("scoring.correct.none_text")}}
	for _, g := range sheet.All {
		d.Table.Rows = append(d.Table.Rows, web.Row{
			Href: d.Action + "?judge=" + strconv.FormatInt(g.JudgeID, 10) + "&entry=" + strconv.FormatInt(g.EntryID, 10),
			Cells: []web.Cell{{Text: strconv.Itoa(g.Act.Number) + " " + g.Act.Team}, {Text: g.Judge}, {Text: g.Sheet().Total(sheet.Rule), Number: true},
				{Text: w.T("scoring.correct.version", "n", g.Version)}}})
		if g.JudgeID == in.Judge && g.EntryID == in.Of {
			d.Given, d.Version = &g, g.Version
			d.Fields = w.fieldsOf(sheet.Rule, g.Sheet())
			for i := range typed.Marks {
				if i < len(d.Fields) {
					d.Fields[i].Value = typed.Marks[i]
				}
			}
		}
	}
	return web.Page{Template: "scoring/correct", Title: "scoring.correct.title", Styles: []string{"scoring"}, Data: &d}, nil
}

type correctIn struct {
	judgeIn
	JudgeID int64    `form:"judge"`
	EntryID int64    `form:"entry"`
	Version int      `form:"version"`
	Marks   []string `form:"mark"`
	Reason  string   `form:"reason"`
}

func (s *Service) correctForm(ctx context.Context, a auth.Actor, in correctIn, bad *errs.Error) (httpapi.Answer, error) {
	by, sheet, err := s.judge(ctx, a, in.judgeIn)
	if err != nil {
		return httpapi.Answer{}, err
	}
	again := in.judgeIn
	again.Judge, again.Of = in.JudgeID, in.EntryID
	return s.acted(ctx, in.base()+"/correct", "scoring.correct.done", bad, func() error {
		m, err := marksOf(sheet.Rule, in.Marks)
		if err != nil {
			return err
		}
		if _, ok := models.PlainText(in.Reason); !ok {
			return errs.FieldFault("reason", "required")
		}
		_, _, err = s.Put(ctx, by, Sent{RoundID: sheet.Round.ID, EntryID: in.EntryID, JudgeID: in.JudgeID, Version: in.Version, Marks: m, Reason: in.Reason})
		return err
	}, func(bad *errs.Error) (web.Page, error) { return s.correcting(ctx, a, again, in, bad) })
}
