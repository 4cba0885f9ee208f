// Package photo develops photos that people send: decoded by their content,
// turned upright, made small, and written anew, so that of what a camera noted
// besides, the place for one, nothing is left.
package photo

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
	"slices"

	"youyue/app/errs"

	"golang.org/x/image/draw"
)

// What can be wrong with a file.
var (
	// ErrKind: by its content it is no JPEG and no PNG, or it is broken.
	ErrKind = errs.New(errs.Invalid, "photo.kind")
	// ErrSize: the file is larger than "max" megabytes.
	ErrSize = errs.New(errs.Invalid, "photo.size")
	// ErrPixels: the picture is larger than "max" million pixels.
	ErrPixels = errs.New(errs.Invalid, "photo.pixels")
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

// Picture is a photo as it is kept: a JPEG with nothing but its pixels.
type Picture struct {
	JPEG          []byte
	Width, Height int
	Hash          string
}

// Darkroom develops one photo at a time: each takes memory by the megapixel.
type Darkroom struct{ turn chan struct{} }

// New returns a darkroom; the features of a process may share one.
func New() Darkroom { return Darkroom{make(chan struct{}, 1)} }

// Develop decodes a file by its content, turns it upright, shrinks it and writes
// it anew: of what the camera noted besides, the place for one, nothing is left.
// It returns ErrSize, ErrKind or ErrPixels.
func (d Darkroom) Develop(ctx context.Context, file []byte) (Picture, error) {
	if len(file) > maxPhotoMB<<20 {
		return Picture{}, ErrSize.With("max", maxPhotoMB)
	}
	// The size first: a small file can unfold to more than there is memory.
	config, decode := jpeg.DecodeConfig, jpeg.Decode
	switch {
	case bytes.HasPrefix(file, []byte("\xff\xd8\xff")):
	case bytes.HasPrefix(file, []byte("\x89PNG\r\n\x1a\n")):
		config, decode = png.DecodeConfig, png.Decode
	default:
		return Picture{}, ErrKind
	}
	c, err := config(bytes.NewReader(file))
	if err != nil || c.Width < 1 || c.Height < 1 {
		return Picture{}, ErrKind.Because(err)
	}
	if pixels := int64(c.Width) * int64(c.Height); pixels > maxPixels || pixels*depth(c.ColorModel) > maxMemory {
		return Picture{}, ErrPixels.With("max", maxPixels/1_000_000).With("width", c.Width).With("height", c.Height)
	}
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return Picture{}, ctx.Err()
	}
	img, err := decode(bytes.NewReader(file))
	if err != nil {
		return Picture{}, ErrKind.Because(err)
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
func reduce(img image.Image, turned int) (Picture, error) {
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
		return Picture{}, fmt.Errorf("photo: %w", err)
	}
	sum := sha256.Sum256(out.Bytes())
	return Picture{out.Bytes(), flat.Bounds().Dx(), flat.Bounds().Dy(), hex.EncodeToString(sum[:16])}, nil
}

// FreeSlot is the first place, from 1 to most, that none of the taken ones is; 0 when
// there is none.
func FreeSlot(taken []int, most int) int {
	for slot := 1; slot <= most; slot++ {
		if !slices.Contains(taken, slot) {
			return slot
		}
	}
	return 0
}
