package lesson_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"sync"
	"testing"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/lesson"
	"youyue/app/photo"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// corners is a picture with a colour in each corner: red at the top left, green
// at the top right, blue at the bottom left, white elsewhere.
func corners(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{255, 255, 255, 255}
			switch {
			case x < w/2 && y < h/2:
				c = color.RGBA{255, 0, 0, 255}
			case x >= w/2 && y < h/2:
				c = color.RGBA{0, 255, 0, 255}
			case x < w/2:
				c = color.RGBA{0, 0, 255, 255}
			}
			m.SetRGBA(x, y, c)
		}
	}
	return m
}

func asJPEG(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}))
	return b.Bytes()
}

func asPNG(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, m))
	return b.Bytes()
}

// A latitude as a phone notes it, and the maker's name, to look for afterwards.
const (
	planted = "37/1 51/1 5231/100"
	maker   = "PLANTED-CAMERA"
)

// withExif puts an Exif segment behind the start of a JPEG: the orientation, a
// maker and a directory of GPS.
func withExif(file []byte, order binary.AppendByteOrder, orientation uint16) []byte {
	tiff := []byte("II*\x00")
	if order.String() == binary.BigEndian.String() {
		tiff = []byte("MM\x00*")
	}
	entry := func(tag, kind uint16, n, value uint32) []byte {
		b := order.AppendUint16(nil, tag)
		b = order.AppendUint16(b, kind)
		b = order.AppendUint32(b, n)
		if kind == 3 {
			return append(order.AppendUint16(b, uint16(value)), 0, 0)
		}
		return order.AppendUint32(b, value)
	}
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 3)
	tiff = append(tiff, entry(0x010f, 2, uint32(len(maker)), 200)...)
	tiff = append(tiff, entry(0x0112, 3, 1, uint32(orientation))...)
	tiff = append(tiff, entry(0x8825, 4, 1, 50)...)
	tiff = append(tiff, make([]byte, 50-len(tiff))...)
	tiff = order.AppendUint16(tiff, 1)
	tiff = append(tiff, entry(0x0002, 2, uint32(len(planted)), 220)...)
	tiff = append(tiff, make([]byte, 200-len(tiff))...)
	tiff = append(tiff, append([]byte(maker), make([]byte, 20-len(maker))...)...)
	tiff = append(tiff, planted...)
	segment := append([]byte("Exif\x00\x00"), tiff...)
	out := append([]byte{0xff, 0xd8, 0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(segment)+2))...)
	return append(append(out, segment...), file[2:]...)
}

func (w *world) add(t *testing.T, file []byte) (lesson.Record, error) {
	t.Helper()
	return w.Lessons.AddPhoto(t.Context(), w.Secretary, w.Booking.ID, file)
}

// kept adds a photo and returns what is kept of it.
func (w *world) kept(t *testing.T, file []byte) []byte {
	t.Helper()
	r, err := w.add(t, file)
	require.NoError(t, err)
	last := r.Photos[len(r.Photos)-1]
	body, hash, err := w.Lessons.Photo(t.Context(), w.Secretary, w.Booking.ID, last.ID)
	require.NoError(t, err)
	require.Equal(t, last.Hash, hash)
	_, err = w.Lessons.RemovePhoto(t.Context(), w.Secretary, w.Booking.ID, last.ID)
	require.NoError(t, err)
	return body
}

func TestAPhotoTellsNothingButWhatItShows(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.begin()
		for name, order := range map[string]binary.AppendByteOrder{"little": binary.LittleEndian, "big": binary.BigEndian} {
			file := withExif(asJPEG(t, corners(40, 20)), order, 6)
			require.Contains(t, string(file), planted, "the place is in what was sent")
			body := w.kept(t, append(file, "trailing "+planted...))
			for _, secret := range []string{planted, maker, "Exif", "GPS"} {
				require.NotContains(t, string(body), secret, name)
			}
			require.NotContains(t, string(body), "\xff\xe1", "no segment of the camera's")
			m, err := jpeg.Decode(bytes.NewReader(body))
			require.NoError(t, err)
			require.Equal(t, image.Pt(20, 40), m.Bounds().Size(), "held upright")
			// Turned a quarter to the right: blue comes to the top left, red to the top right.
			require.True(t, like(m.At(3, 3), 0, 0, 255), "%v", m.At(3, 3))
			require.True(t, like(m.At(16, 3), 255, 0, 0), "%v", m.At(16, 3))
			require.True(t, like(m.At(16, 36), 0, 255, 0), "%v", m.At(16, 36))
		}
	})
}

func like(c color.Color, r, g, b uint32) bool {
	cr, cg, cb, _ := c.RGBA()
	near := func(a, b uint32) bool { return max(a>>8, b)-min(a>>8, b) < 60 }
	return near(cr, r) && near(cg, g) && near(cb, b)
}

func TestEveryWayToHoldAPhone(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.begin()
		// Where red (top left of what the camera stored) belongs: x and y from the
		// left and the top, 0 near and 1 far; and whether the picture stands.
		for turned, want := range map[uint16]struct{ x, y, stands int }{
			0: {0, 0, 0}, 1: {0, 0, 0}, 2: {1, 0, 0}, 3: {1, 1, 0}, 4: {0, 1, 0}, 5: {0, 0, 1}, 6: {1, 0, 1}, 7: {1, 1, 1}, 8: {0, 1, 1}, 9: {0, 0, 0},
		} {
			m, err := jpeg.Decode(bytes.NewReader(w.kept(t, withExif(asJPEG(t, corners(40, 20)), binary.BigEndian, turned))))
			require.NoError(t, err)
			size := m.Bounds().Size()
			require.Equal(t, want.stands == 1, size == image.Pt(20, 40), "%d: %v", turned, size)
			at := image.Pt(3+want.x*(size.X-7), 3+want.y*(size.Y-7))
			require.True(t, like(m.At(at.X, at.Y), 255, 0, 0), "%d: %v at %v", turned, m.At(at.X, at.Y), at)
		}
	})
}

func TestPhotosAreMadeSmallAndFlat(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.begin()
		m, err := jpeg.Decode(bytes.NewReader(w.kept(t, asJPEG(t, corners(3200, 1800)))))
		require.NoError(t, err)
		require.Equal(t, image.Pt(1600, 900), m.Bounds().Size())
		m, err = jpeg.Decode(bytes.NewReader(w.kept(t, asPNG(t, image.NewNRGBA(image.Rect(0, 0, 30, 10))))))
		require.NoError(t, err)
		require.Equal(t, image.Pt(30, 10), m.Bounds().Size(), "never enlarged")
		require.True(t, like(m.At(5, 5), 255, 255, 255), "what shows through is white")
	})
}

// header is a PNG that promises a size and holds next to nothing.
func header(w, h uint32, kind, depth byte) []byte {
	ihdr := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	ihdr = append(binary.BigEndian.AppendUint32(ihdr, h), depth, kind, 0, 0, 0)
	out := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	return binary.BigEndian.AppendUint32(append(out, ihdr...), crc32.ChecksumIEEE(ihdr))
}

func TestFilesThatAreNoPhoto(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.begin()
		good := asJPEG(t, corners(40, 20))
		wide := bytes.Clone(good) // a JPEG whose frame claims 65,500 × 65,500
		at := bytes.Index(wide, []byte{0xff, 0xc0})
		binary.BigEndian.PutUint16(wide[at+5:], 65500)
		binary.BigEndian.PutUint16(wide[at+7:], 65500)
		for name, c := range map[string]struct {
			file []byte
			want *errs.Error
		}{
			"nothing":           {nil, photo.ErrKind},
			"text":              {[]byte("GPS 37.8"), photo.ErrKind},
			"a page":            {[]byte("<html><script>alert(1)</script>"), photo.ErrKind},
			"gif":               {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), photo.ErrKind},
			"svg":               {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), photo.ErrKind},
			"half a jpeg":       {good[:len(good)/2], photo.ErrKind},
			"three bytes":       {good[:3], photo.ErrKind},
			"a bomb of a png":   {header(50_000, 50_000, 6, 8), photo.ErrPixels},
			"a deep png":        {header(4_500, 4_500, 6, 16), photo.ErrPixels},
			"a bomb of a jpeg":  {wide, photo.ErrPixels},
			"over 8 MB":         {append(bytes.Clone(good), make([]byte, 8<<20)...), photo.ErrSize},
			"a png with no end": {header(10, 10, 6, 8), photo.ErrKind},
		} {
			_, err := w.add(t, c.file)
			require.ErrorIs(t, err, c.want, name)
		}
		require.Empty(t, w.read(t, w.Secretary).Photos)
	})
}

func TestSixPhotosHoweverManyComeAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.begin()
		file := asJPEG(t, corners(8, 8))
		var mu sync.Mutex
		var in, full int
		var all sync.WaitGroup
		for range 14 {
			all.Go(func() {
				_, err := w.Lessons.AddPhoto(context.WithoutCancel(t.Context()), w.Clerk, w.Booking.ID, file)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					in++
				case errors.Is(err, lesson.ErrPhotosFull):
					full++
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		require.Equal(t, []int{models.MaxLessonPhotos, 8}, []int{in, full})
		err := w.DB.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO lesson_photos (booking_id, slot, width, height, hash, body, created_by, created_at)
				SELECT booking_id, 7, width, height, hash, body, created_by, created_at FROM lesson_photos WHERE slot = 1`)
			return err
		})
		require.Equal(t, "lesson_photos_slot", db.Constraint(err), "there is no seventh")
	})
}

func TestPhotosStayOnceTheRecordIsSigned(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.end()
		r, err := w.add(t, asJPEG(t, corners(8, 8)))
		require.NoError(t, err)
		photo := r.Photos[0].ID
		w.save(t, w.Secretary, full(0))
		w.sign(t)
		_, err = w.Lessons.RemovePhoto(ctx, w.Secretary, w.Booking.ID, photo)
		require.ErrorIs(t, err, lesson.ErrSigned)
		_, err = w.add(t, asJPEG(t, corners(8, 8)))
		require.ErrorIs(t, err, lesson.ErrSigned)
		require.Len(t, w.read(t, w.Secretary).Photos, 1)

		// Who may see the record sees its photos, and nobody else; nor does the
		// photo answer under another booking.
		for name, c := range map[string]struct {
			a    auth.Actor
			seen bool
		}{"secretary": {w.Secretary, true}, "clerk": {w.Clerk, true}, "scheduler": {w.Staff, true}, "resident": {w.Account(t), false}, "visitor": {auth.Actor{}, false}} {
			_, _, err := w.Lessons.Photo(ctx, c.a, w.Booking.ID, photo)
			if c.seen {
				require.NoError(t, err, name)
			} else {
				require.ErrorIs(t, err, errs.ErrNotFound, name)
			}
		}
		other := w.MustBook(t, w.order(w.Event2(t), 2))
		_, _, err = w.Lessons.Photo(ctx, w.Secretary, other.ID, photo)
		require.ErrorIs(t, err, errs.ErrNotFound)
	})
}
