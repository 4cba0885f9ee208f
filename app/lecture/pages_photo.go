package lecture

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

// photoCard is a photo on the page of an order.
type photoCard struct {
	Href, Alt, Remove string
	Width, Height     int
}

// photoFile is a photo for those who may see its order; a browser keeps it, and
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
		bad = errs.FieldFault("photo", "required")
	}
	if bad == nil {
		_, err := s.AddPhoto(ctx, a, in.ID, in.File.Body)
		return s.photoAnswer(ctx, a, in.ID, "lecture.done.photo", err)
	}
	return s.photoAnswer(ctx, a, in.ID, "", bad)
}

func (s *Service) removePhotoForm(ctx context.Context, a auth.Actor, in pathPhoto, bad *errs.Error) (httpapi.Answer, error) {
	if bad != nil {
		return httpapi.Answer{}, bad
	}
	_, err := s.RemovePhoto(ctx, a, in.ID, in.Photo)
	return s.photoAnswer(ctx, a, in.ID, "lecture.done.photo_removed", err)
}

func (s *Service) photoAnswer(ctx context.Context, a auth.Actor, id, flash string, err error) (httpapi.Answer, error) {
	if err == nil {
		return httpapi.SeeOther(orderPath(id), flash, nil), nil
	}
	bad, again := shownAgain(err)
	if !again {
		return httpapi.Answer{}, err
	}
	page, err := s.orderShown(ctx, a, id, bad, nil)
	return httpapi.Show(page), err
}
