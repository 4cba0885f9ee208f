package lecture

import (
	"context"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/models"
)

// album is the photos of a session on a page.
type album struct {
	Base   string // of the addresses that add and remove
	Photos []photoCard
	May    bool // add and remove
	Room   int  // for so many photos more
}

type photoCard struct {
	Href, Alt, Remove string
	Width, Height     int
}

func (w words) album(base string, all []Photo, may bool) album {
	out := album{Base: base + "/photos", May: may, Room: models.MaxLecturePhotos - len(all)}
	for i, x := range all {
		c := photoCard{Href: out.Base + "/" + itoa(x.ID), Alt: w.T("lecture.photo", "n", i+1), Width: x.Width, Height: x.Height}
		if may {
			c.Remove = c.Href + "/remove"
		}
		out.Photos = append(out.Photos, c)
	}
	return out
}

// blob is a photo for its readers; a browser keeps it, and asks each time whether
// it may still show it.
func blob(jpeg []byte, hash string) httpapi.Blob {
	return httpapi.Blob{Body: jpeg, ContentType: "image/jpeg", ETag: `"` + hash + `"`, CacheControl: "private, no-cache"}
}

type pathPhoto struct {
	pathID
	Photo int64 `path:"photo"`
}

func (s *Service) photoFile(ctx context.Context, a auth.Actor, in pathPhoto) (httpapi.Blob, error) {
	jpeg, hash, err := s.Photo(ctx, a, in.ID, in.Photo)
	return blob(jpeg, hash), err
}

type addPhotoEntry struct {
	pathID
	File httpapi.Upload `form:"photo"`
}

func (s *Service) addPhotoForm(ctx context.Context, a auth.Actor, in addPhotoEntry, bad *errs.Error) (httpapi.Answer, error) {
	err := chosen(in.File, bad)
	if err == nil {
		_, err = s.AddPhoto(ctx, a, in.ID, in.File.Body)
	}
	return s.photoAnswer(ctx, a, in.ID, "lecture.done.photo", err)
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
		return httpapi.SeeOther(orderPath(id)+"#photos", flash, nil), nil
	}
	bad, again := shownAgain(err)
	if !again {
		return httpapi.Answer{}, err
	}
	page, err := s.orderShown(ctx, a, id, bad, nil)
	return httpapi.Show(page), err
}

// chosen is what is wrong with a form before its file is looked at.
func chosen(file httpapi.Upload, bad *errs.Error) error {
	switch {
	case bad != nil:
		return bad
	case file.IsZero():
		return errs.FieldFault("photo", "required")
	}
	return nil
}

type tokenPhoto struct {
	byToken
	Photo int64 `path:"photo"`
}

func (s *Service) linkPhotoFile(ctx context.Context, _ auth.Actor, in tokenPhoto) (httpapi.Blob, error) {
	jpeg, hash, err := s.LinkPhoto(ctx, in.Token, in.Photo)
	return blob(jpeg, hash), err
}

type linkPhotoEntry struct {
	byToken
	File httpapi.Upload `form:"photo"`
}

func (s *Service) linkPhotoForm(ctx context.Context, _ auth.Actor, in linkPhotoEntry, bad *errs.Error) (httpapi.Answer, error) {
	err := chosen(in.File, bad)
	if err == nil {
		_, err = s.AddPhotoLink(ctx, in.Token, in.File.Body)
	}
	return s.linkAnswer(ctx, in.Token, "#photos", "lecture.done.photo", err, nil)
}

func (s *Service) linkPhotoRemoveForm(ctx context.Context, _ auth.Actor, in tokenPhoto, bad *errs.Error) (httpapi.Answer, error) {
	if bad != nil {
		return httpapi.Answer{}, bad
	}
	_, err := s.RemovePhotoLink(ctx, in.Token, in.Photo)
	return s.linkAnswer(ctx, in.Token, "#photos", "lecture.done.photo_removed", err, nil)
}
