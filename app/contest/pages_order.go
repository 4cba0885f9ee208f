package contest

import (
	"context"

	"youyue/app/auth"
	"youyue/app/httpapi"
	"youyue/app/sheet"
	"youyue/app/web"
	"youyue/models"
)

type orderData struct {
	Contest Contest
	Rounds  []roundRow
	Printed models.Instant
}

// orderPage is the order of appearance for the wall, on paper.
func (s *Service) orderPage(ctx context.Context, _ auth.Actor, in byContest) (web.Page, error) {
	c, rounds, err := s.RoundsOf(ctx, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	d := orderData{Contest: c, Rounds: s.words(ctx).rounds(rounds), Printed: s.db.Now()}
	return web.Page{Template: "contest/order", Title: "contest.order_title", TitleArgs: map[string]any{"title": c.Title}, Styles: []string{"draw"}, Scripts: []string{"print"}, Data: &d}, nil
}

// orderFile is the order as a workbook, a sheet a round that is drawn.
func (s *Service) orderFile(ctx context.Context, _ auth.Actor, in byContest) (httpapi.Blob, error) {
	c, rounds, err := s.RoundsOf(ctx, in.ID)
	if err != nil {
		return httpapi.Blob{}, err
	}
	w := s.words(ctx)
	var all []sheet.Sheet
	for _, r := range rounds {
		if r.State == models.RoundPlanned || r.DrawID == nil {
			continue
		}
		title := r.Division.Name + " " + w.t("contest.round."+string(r.Kind))
		one := sheet.Sheet{Name: title, Title: c.Title + " " + title + " " + w.frame.FullSpan(r.Slot.StartsAt, r.Slot.EndsAt) + " " + r.Slot.Place, Zone: s.zone,
			Head: []string{w.t("contest.col_place"), w.t("contest.col_group"), w.t("contest.number"), w.t("contest.team"), w.t("contest.piece"), w.t("contest.home"), w.t("contest.state_word")},
			Wide: []int{8, 8, 12, 28, 28, 28, 12}}
		for _, a := range r.Appearances {
			if a.Place == 0 {
				continue
			}
			e := models.ContestEntry{ContestID: c.ID, Number: a.Number}
			row := []any{a.Place, "", e.DrawID(), a.Team, a.Piece, a.Org, ""}
			if a.Part > 0 {
				row[1] = a.Part
			}
			if a.Out() {
				row[6] = w.t("contest.out")
			}
			one.Rows = append(one.Rows, row)
		}
		all = append(all, one)
	}
	if len(all) == 0 {
		return httpapi.Blob{}, ErrNotDrawn.With("title", c.Title)
	}
	body, err := sheet.Write(all...)
	return httpapi.Blob{Body: body, ContentType: sheet.ContentType, Filename: w.t("contest.order_title", "title", c.Title) + ".xlsx"}, err
}
