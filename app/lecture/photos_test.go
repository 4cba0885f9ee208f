package lecture_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"testing"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/lecture"
	"youyue/app/photo"
	"youyue/models"

	"github.com/stretchr/testify/require"
)

// taken with a telephone: a JPEG that says where.
func snapshot(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30)), nil))
	exif := append([]byte{0xff, 0xe1, 0, 24}, "Exif\x00\x00GPS 37.85 112.5\x00"...)
	return append(append(append([]byte{}, b.Bytes()[:2]...), exif...), b.Bytes()[2:]...)
}

// A team adds photos by its link, from the begin until the order is closed; what
// the camera noted is gone, and nobody sees them whom they do not concern.
func TestPhotosComeByLinkAndArePrivate(t *testing.T) {
	t.Parallel()
	each(t, 2, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.Lectures
		o := w.sent(t, lecture.Dispatching{Mode: models.DispatchOpen})
		words := w.links(t, "lecture_offer", "/lecture-offers/")
		_, err := s.AcceptLink(ctx, words[0])
		require.NoError(t, err)
		file := snapshot(t)
		require.Contains(t, string(file), "GPS")
		_, err = s.AddPhotoLink(ctx, words[0], file)
		require.ErrorIs(t, err, lecture.ErrNotNow, "nothing has begun")
		w.Clock.Set(w.get(t, o.ID).StartsAt.Time())
		_, err = s.StartLink(ctx, words[0])
		require.NoError(t, err)
		for word, want := range map[string]error{words[1]: lecture.ErrOfferOver, words[0] + "A": errs.ErrNotFound} {
			_, err = s.AddPhotoLink(ctx, word, file)
			require.ErrorIs(t, err, want)
		}
		_, err = s.AddPhotoLink(ctx, words[0], []byte("not a picture"))
		require.ErrorIs(t, err, photo.ErrKind)
		for range models.MaxLecturePhotos {
			_, err = s.AddPhotoLink(ctx, words[0], file)
			require.NoError(t, err)
		}
		_, err = s.AddPhotoLink(ctx, words[0], file)
		require.ErrorIs(t, err, lecture.ErrPhotosFull)
		l, err := s.Behind(ctx, words[0])
		require.NoError(t, err)
		all, err := s.LinkPhotos(ctx, l)
		require.NoError(t, err)
		require.Len(t, all, models.MaxLecturePhotos)
		kept, _, err := s.LinkPhoto(ctx, words[0], all[0].ID)
		require.NoError(t, err)
		require.NotContains(t, string(kept), "GPS")
		_, _, err = s.LinkPhoto(ctx, words[1], all[0].ID)
		require.ErrorIs(t, err, errs.ErrNotFound)
		_, err = s.RemovePhotoLink(ctx, words[0], all[1].ID)
		require.NoError(t, err)

		_, err = s.FinishLink(ctx, words[0], lecture.Delivered{Heads: 20})
		require.NoError(t, err)
		leader := w.leaderOf(t, o.ID)
		for who, see := range map[string]struct {
			a  auth.Actor
			ok bool
		}{"who ordered": {w.Resident, true}, "clerk": {w.Clerk, true}, "scheduler": {w.Upper, true}, "the team": {leader, true},
			"auditor": {w.with(t, auth.Auditor, w.Centre), false}, "stranger": {w.Account(t), false}, "visitor": {auth.Actor{}, false}} {
			_, _, err := s.Photo(ctx, see.a, o.ID, all[0].ID)
			if see.ok {
				require.NoError(t, err, who)
			} else {
				require.ErrorIs(t, err, errs.ErrNotFound, who)
			}
		}
		_, err = s.Rate(ctx, w.Resident, o.ID, lecture.Opinion{Face: 3})
		require.NoError(t, err)
		_, _, err = s.LinkPhoto(ctx, words[0], all[0].ID)
		require.ErrorIs(t, err, errs.ErrNotFound, "the link's time is over")
		_, err = s.AddPhotoLink(ctx, words[0], file)
		require.ErrorIs(t, err, lecture.ErrNotNow)
	})
}
