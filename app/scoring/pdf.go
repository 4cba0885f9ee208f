package scoring

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"codeberg.org/go-pdf/fpdf"
)

// usualFonts are where Debian's fonts-droid-fallback and installations by hand
// put a TrueType font with Chinese signs. Collections and OpenType outlines, such
// as Noto CJK, cannot be put into a PDF by the library; the page to print can.
var usualFonts = []string{
	"/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
	"/usr/share/fonts/truetype/droid/DroidSansFallback.ttf",
	"/usr/local/share/fonts/youyue.ttf",
}

// font is the first font that is there; ErrNoFont with the places looked at.
func (s *Service) font() ([]byte, error) {
	for _, path := range s.Fonts {
		b, err := os.ReadFile(path) //nolint:gosec // the places are ours, or the operator's
		if err == nil {
			return b, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, ErrNoFont.With("places", path).Because(err)
		}
	}
	return nil, ErrNoFont.With("places", strings.Join(s.Fonts, ", "))
}

// paper is what stands on a certificate.
type paper struct{ Head, Team, Text, Word, Place, Date, Foot string }

// pdf is a certificate on A4, across. It returns ErrNoFont.
func (s *Service) pdf(p paper) ([]byte, error) {
	font, err := s.font()
	if err != nil {
		return nil, err
	}
	const family, wide, high = "youyue", 297.0, 210.0
	f := fpdf.New("L", "mm", "A4", "")
	f.SetAutoPageBreak(false, 0)
	f.AddUTF8FontFromBytes(family, "", font)
	f.SetTitle(p.Head+" "+p.Team, true)
	f.AddPage()
	f.SetDrawColor(179, 18, 29)
	f.SetLineWidth(1.2)
	f.Rect(12, 12, wide-24, high-24, "D")
	f.SetLineWidth(0.3)
	f.Rect(15, 15, wide-30, high-30, "D")
	line := func(y, size float64, text, align string) {
		f.SetFont(family, "", size)
		f.SetXY(30, y)
		f.MultiCell(wide-60, size*0.55, text, "", align, false)
	}
	f.SetTextColor(179, 18, 29)
	line(30, 40, p.Head, "C")
	f.SetTextColor(31, 35, 40)
	line(66, 24, p.Team, "C")
	line(86, 16, p.Text, "C")
	f.SetTextColor(179, 18, 29)
	line(114, 34, p.Word, "C")
	f.SetTextColor(31, 35, 40)
	line(148, 14, p.Place, "R")
	line(160, 14, p.Date, "R")
	line(182, 9, p.Foot, "L")
	var b bytes.Buffer
	if err := f.Output(&b); err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	return b.Bytes(), nil
}
