package lesson

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"

	"golang.org/x/image/draw"
)

// The bounds of a photo. What comes in may be large, as phones make them; what
// is kept is enough for a sheet of paper.
const (
	maxPhotoMB = 8
	maxPixels  = 25_000_000
	maxMemory  = 100 << 20 // bytes of the decoded picture
	keptEdge   = 1600      // pixels of the longer side
	keptLook   = 82        // JPEG quality
)

// picture is a photo as it is kept: a JPEG with nothing but its pixels.
type picture struct {
	jpeg          []byte
	width, height int
	hash          string
}

// darkroom develops one photo at a time: each takes memory by the megapixel.
type darkroom struct{ turn chan struct{} }

func newDarkroom() darkroom { return darkroom{make(chan struct{}, 1)} }

// develop decodes a file by its content, turns it upright, shrinks it and writes
// it anew: of what the camera noted besides, the place for one, nothing is left.
// It returns ErrPhotoSize, ErrPhotoKind or ErrPhotoPixels.
func (d darkroom) develop(ctx context.Context, file []byte) (picture, error) {
	if len(file) > maxPhotoMB<<20 {
		return picture{}, ErrPhotoSize.With("max", maxPhotoMB)
	}
	// The size first: a small file can unfold to more than there is memory.
	config, decode := jpeg.DecodeConfig, jpeg.Decode
	switch {
	case bytes.HasPrefix(file, []byte("\xff\xd8\xff")):
	case bytes.HasPrefix(file, []byte("\x89PNG\r\n\x1a\n")):
		config, decode = png.DecodeConfig, png.Decode
	default:
		return picture{}, ErrPhotoKind
	}
	c, err := config(bytes.NewReader(file))
	if err != nil || c.Width < 1 || c.Height < 1 {
		return picture{}, ErrPhotoKind.Because(err)
	}
	if pixels := int64(c.Width) * int64(c.Height); pixels > maxPixels || pixels*depth(c.ColorModel) > maxMemory {
		return picture{}, ErrPhotoPixels.With("max", maxPixels/1_000_000).With("width", c.Width).With("height", c.Height)
	}
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return picture{}, ctx.Err()
	}
	img, err := decode(bytes.NewReader(file))
	if err != nil {
		return picture{}, ErrPhotoKind.Because(err)
	}
	return reduce(img, orientation(file))
}

// depth is how many bytes a pixel takes when decoded.
func depth(m color.Model) int64 {
	switch m {
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	case color.GrayModel:
		return 1
	}
	return 4
}

// reduce draws the picture upright on white, at most keptEdge long and never larger
// than it was.
func reduce(img image.Image, turned int) (picture, error) {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	if long := max(w, h); long > keptEdge {
		w, h = max(1, w*keptEdge/long), max(1, h*keptEdge/long)
	}
	flat := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(flat, flat.Bounds(), image.White, image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(flat, flat.Bounds(), img, b, draw.Over, nil)
	flat = upright(flat, turned)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, flat, &jpeg.Options{Quality: keptLook}); err != nil {
		return picture{}, fmt.Errorf("photo: %w", err)
	}
	sum := sha256.Sum256(out.Bytes())
	return picture{out.Bytes(), flat.Bounds().Dx(), flat.Bounds().Dy(), hex.EncodeToString(sum[:16])}, nil
}

// AddPhoto keeps a photo with the record until it is signed. It returns what
// develop does, and ErrPhotosFull, ErrNotBegun, ErrCancelled, ErrSigned.
func (s *Service) AddPhoto(ctx context.Context, a auth.Actor, id string, file []byte) (Record, error) {
	r, err := s.Record(ctx, a, id, 0) // nobody else's file is worth the work
	if err == nil && r.MayWrite {
		var p picture
		if p, err = s.develop(ctx, file); err == nil {
			return s.photo(ctx, a, id, "lesson.add_photo", func(tx *db.Tx) error { return keep(tx, id, p, a.AccountID) })
		}
	}
	if err != nil {
		return r, err
	}
	return s.photo(ctx, a, id, "", func(*db.Tx) error { return errs.ErrForbidden })
}

// RemovePhoto takes a photo away until the record is signed; errs.ErrNotFound
// when there is none of that id.
func (s *Service) RemovePhoto(ctx context.Context, a auth.Actor, id string, photo int64) (Record, error) {
	return s.photo(ctx, a, id, "lesson.remove_photo", func(tx *db.Tx) error {
		ok, err := drop(tx, id, photo)
		if err == nil && !ok {
			err = errs.ErrNotFound
		}
		return err
	})
}

// photo changes the photos while the record may be written.
func (s *Service) photo(ctx context.Context, a auth.Actor, id, action string, fn func(tx *db.Tx) error) (Record, error) {
	return s.change(ctx, a, id, func(tx *db.Tx, b booked, cur models.LessonRecord) error {
		if !a.CanAt(auth.LessonWrite, b.BranchPath) {
			return errs.ErrForbidden
		}
		if err := b.ready(tx.Now()); err != nil {
			return err
		}
		if cur.State.Sealed() {
			return ErrSigned.With("who", cur.SignedName).With("at", cur.SignedAt)
		}
		if err := fn(tx); err != nil {
			return err
		}
		l := audit.By(tx, a, models.ChannelOnline)
		l.Action, l.SubjectKind, l.SubjectID, l.OrgID = action, "booking", id, &b.OrgID
		return audit.Write(tx, l)
	})
}

// Photo returns the bytes of a photo of a record that the actor may see, and
// their hash.
func (s *Service) Photo(ctx context.Context, a auth.Actor, id string, photo int64) (jpeg []byte, hash string, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if _, err := find(tx, a, id); err != nil {
			return err
		}
		jpeg, hash, err = body(tx, id, photo)
		return err
	})
	return jpeg, hash, err
}
