package lesson

import (
	"context"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
)

type pathPhoto struct {
	pathID
	Photo int64 `path:"photo"`
}

// photoFile is a photo for the readers of its record; a browser keeps it, and
// asks each time whether it may still show it.
func (s *Service) photoFile(ctx context.Context, a auth.Actor, in pathPhoto) (httpapi.Blob, error) {
	jpeg, hash, err := s.Photo(ctx, a, in.ID, in.Photo)
	return httpapi.Blob{Body: jpeg, ContentType: "image/jpeg", ETag: `"` + hash + `"`, CacheControl: "private, no-cache"}, err
}

type addPhotoEntry struct {
	pathID
	File httpapi.Upload `form:"photo"`
}

func (s *Service) addPhotoForm(ctx context.Context, a auth.Actor, in addPhotoEntry, bad *errs.Error) (httpapi.Answer, error) {
	if bad == nil && in.File.IsZero() {
		bad = errs.FieldFault("photo", "lesson_photo").Worded("lesson.photo_none")
	}
	if bad == nil {
		_, err := s.AddPhoto(ctx, a, in.ID, in.File.Body)
		return s.pictured(ctx, a, in.ID, "lesson.photo_added", err)
	}
	return s.pictured(ctx, a, in.ID, "", bad)
}

func (s *Service) removePhotoForm(ctx context.Context, a auth.Actor, in pathPhoto, bad *errs.Error) (httpapi.Answer, error) {
	if bad != nil {
		return httpapi.Answer{}, bad
	}
	_, err := s.RemovePhoto(ctx, a, in.ID, in.Photo)
	return s.pictured(ctx, a, in.ID, "lesson.photo_removed", err)
}

func (s *Service) pictured(ctx context.Context, a auth.Actor, id, flash string, err error) (httpapi.Answer, error) {
	if err == nil {
		return httpapi.SeeOther(recordPath(id)+"#photos", flash, nil), nil
	}
	bad := errs.As(err)
	if !httpapi.ShownAgain(bad) || bad.Kind == errs.Forbidden {
		return httpapi.Answer{}, bad
	}
	r, err := s.Record(ctx, a, id, 0)
	if err != nil {
		return httpapi.Answer{}, err
	}
	return httpapi.Show(s.shown(ctx, r, bad)), nil
}
