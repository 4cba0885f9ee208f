package scoring

import (
	"os"
	"path/filepath"

	"youyue/app/db"
)

// RecomputeIn is Recompute inside a transaction, to see what it says of what the
// transaction spoils.
func RecomputeIn(tx *db.Tx, s *Service, contestID int64) ([]Checked, error) {
	return s.recompute(tx, contestID)
}

// PDF is a certificate set in a font, or in none.
func PDF(s *Service, font []byte) ([]byte, error) {
	dir, err := os.MkdirTemp("", "youyue-font-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "font.ttf")
	if font != nil {
		if err := os.WriteFile(path, font, 0o600); err != nil {
			return nil, err
		}
	}
	c := *s
	c.Fonts = []string{path}
	return c.pdf(paper{Head: "Certificate", Team: "Team", Text: "for a piece", Word: "1", Place: "here", Date: "today", Foot: "No. 1"})
}
