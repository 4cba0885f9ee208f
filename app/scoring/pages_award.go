package scoring

import (
	"context"
	"html/template"
	"net/url"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/app/web"
)

func (s *Service) awardPages(r *httpapi.Router) {
	httpapi.Page(r, "/certificates", auth.Public, s.checkPage)
	httpapi.Page(r, "/certificates/:number", auth.Public, s.certificatePage)
	httpapi.Page(r, "/certificates/:number/print", auth.Public, s.certificatePrint)
	httpapi.PageFile(r, "/certificates/:number/certificate.pdf", auth.Public, s.certificateFile)
	httpapi.Page(r, "/rounds/:id/certificates", auth.Public, s.certificatesPage)
}

type numberIn struct {
	Number string `path:"number"`
}

type checkIn struct {
	Number string `query:"number"`
}

type checkData struct {
	Number string
	Wrong  bool
}

// checkPage asks for a number; with one in its address it is the answer to it.
func (s *Service) checkPage(ctx context.Context, a auth.Actor, in checkIn) (web.Page, error) {
	if in.Number != "" {
		p, err := s.certificatePage(ctx, a, numberIn(in))
		if err == nil {
			return p, nil
		}
		if errs.As(err).Kind != errs.NotFound {
			return p, err
		}
	}
	return web.Page{Template: "scoring/check", Title: "scoring.award.check", Data: &checkData{in.Number, in.Number != ""}}, nil
}

// awardData is a certificate in words, on the screen and on paper.
type awardData struct {
	Award
	Path    string
	Word    string // 第1名
	Text    string
	Issued  string
	Outcome web.Outcome
	QR      template.HTML
	Check   string
}

func (s *Service) awarded(ctx context.Context, number string) (*awardData, error) {
	x, err := s.Award(ctx, number)
	if err != nil {
		return nil, err
	}
	w := s.words(ctx)
	d := &awardData{Award: x, Path: awardPath(x.Number), Issued: w.FullDate(x.IssuedAt), Word: w.T("scoring.award.place", "n", x.Place),
		Check: s.BaseURL + awardPath(x.Number)}
	d.Text = w.T("scoring.award.text", "contest", x.Round.Contest, "round", x.Round.Title, "team", x.Act.Team, "piece", x.Act.Piece)
	d.QR, err = web.QR(d.Check, w.T("scoring.award.qr"))
	return d, err
}

func awardPath(number string) string { return "/certificates/" + url.PathEscape(number) }

func (s *Service) certificatePage(ctx context.Context, _ auth.Actor, in numberIn) (web.Page, error) {
	d, err := s.awarded(ctx, in.Number)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d.Outcome = web.Outcome{Tone: web.ToneOK, Title: w.T("scoring.award.genuine"), Lead: d.Text, Facts: []web.Fact{
		{Label: w.T("scoring.col.team"), Text: d.Act.Team}, {Label: w.T("scoring.col.place"), Text: d.Word},
		{Label: w.T("scoring.award.number"), Text: d.Number}, {Label: w.T("scoring.award.issued"), Text: d.Issued}},
		Links: []web.Link{{Href: d.Path + "/print", Icon: "printer", Text: w.T("scoring.award.print")},
			{Href: d.Path + "/certificate.pdf", Icon: "download", Text: w.T("scoring.award.pdf")},
			{Href: roundPath(d.RoundID), Icon: "drum", Text: w.T("scoring.award.result")}}}
	if !d.Current {
		d.Outcome.Tone, d.Outcome.Title = web.ToneWarn, w.T("scoring.award.replaced")
	}
	return web.Page{Template: "scoring/certificate", Title: "scoring.award.title", TitleArgs: map[string]any{"number": d.Number}, Data: d}, nil
}

func (s *Service) certificatePrint(ctx context.Context, _ auth.Actor, in numberIn) (web.Page, error) {
	d, err := s.awarded(ctx, in.Number)
	return web.Page{Template: "scoring/certificate_print", Title: "scoring.award.title", TitleArgs: map[string]any{"number": in.Number}, Styles: []string{"scoring"},
		Scripts: []string{"print"}, Data: d}, err
}

func (s *Service) certificateFile(ctx context.Context, _ auth.Actor, in numberIn) (httpapi.Blob, error) {
	d, err := s.awarded(ctx, in.Number)
	if err != nil {
		return httpapi.Blob{}, err
	}
	w := s.words(ctx)
	body, err := s.pdf(paper{Head: w.T("scoring.award.head"), Team: d.Act.Team, Text: d.Text, Word: d.Word, Place: d.Round.Contest,
		Date: d.Issued, Foot: w.T("scoring.award.foot", "number", d.Number, "url", d.Check)})
	return httpapi.Blob{Body: body, ContentType: "application/pdf", Filename: d.Number + ".pdf"}, err
}

type certificatesData struct {
	Links []web.Link
	Title string
	Back  string
}

func (s *Service) certificatesPage(ctx context.Context, _ auth.Actor, in byID) (web.Page, error) {
	all, err := s.Awards(ctx, in.ID)
	if err != nil {
		return web.Page{}, err
	}
	w := s.words(ctx)
	d := certificatesData{Back: roundPath(in.ID)}
	for _, x := range all {
		d.Title = x.Round.Contest + " · " + x.Round.Title
		d.Links = append(d.Links, web.Link{Href: awardPath(x.Number), Icon: "flag", Text: w.T("scoring.award.place", "n", x.Place) + " · " + x.Act.Team})
	}
	return web.Page{Template: "scoring/certificates", Title: "scoring.award.all", Data: &d}, nil
}
