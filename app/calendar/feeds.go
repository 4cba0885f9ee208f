package calendar

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/booking"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/ical"
	"youyue/app/web/locales"
	"youyue/models"
)

// FeedKind says what a feed shows.
type FeedKind string

// Mine is the bookings that an account keeps, the target being the account;
// Branch those of a branch; Place all of a hall, a room or a team; Venue and Org
// all of the places there, or below.
const (
	FeedMine   FeedKind = "mine"
	FeedBranch FeedKind = "branch"
	FeedPlace  FeedKind = "hall"
	FeedVenue  FeedKind = "venue"
	FeedOrg    FeedKind = "org"
)

// What feeds refuse.
var (
	ErrManyFeeds  = errs.New(errs.Conflict, "calendar.many_feeds") // "max" living ones
	ErrFeedTarget = errs.New(errs.Invalid, "calendar.feed_target") // nothing of the owner's
)

// The bounds of feeds; ours.
const (
	maxFeeds  = 10                   // living ones of an account
	feedPast  = 31 * 24 * time.Hour  // how far back a feed goes
	feedAhead = 400 * 24 * time.Hour // as far as the hall is planned
	wideAhead = 92 * 24 * time.Hour  // of many places at once
	readEvery = time.Hour            // how often a reading is noted
)

// Targets lists what the actor can make a feed of.
func (s *Service) Targets(ctx context.Context, a auth.Actor) (branches []models.Org, all []Place, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		if branches, err = branchesOf(tx, a); err == nil {
			all, err = places(tx, a)
		}
		return err
	})
	return branches, all, err
}

// nameOf is the name of what a feed shows; ErrFeedTarget when its owner may not
// see it, or no longer.
func nameOf(tx *db.Tx, owner auth.Actor, kind FeedKind, target int64) (string, error) {
	switch kind {
	case FeedMine:
		if target == owner.AccountID {
			return "", nil
		}
	case FeedBranch:
		all, err := branchesOf(tx, owner)
		for _, o := range all {
			if o.ID == target {
				return o.Name, nil
			}
		}
		if err != nil {
			return "", err
		}
	case FeedPlace, FeedVenue, FeedOrg:
		all, err := places(tx, owner)
		if err != nil {
			return "", err
		}
		if at := fedBy(all, kind, target); len(at) > 0 {
			return map[FeedKind]string{FeedPlace: at[0].Title(), FeedVenue: at[0].Venue, FeedOrg: at[0].Org}[kind], nil
		}
	}
	return "", ErrFeedTarget.At(errs.Field{Name: "what", Code: "unknown"})
}

// fedBy picks the places that a feed shows; the first is its own, or stands for it.
func fedBy(all []Place, kind FeedKind, target int64) []Place {
	var out []Place
	for _, p := range all {
		if kind == FeedPlace && p.ID == target || kind == FeedVenue && p.VenueID == target || kind == FeedOrg && p.OrgID == target {
			out = append(out, p)
		}
	}
	return out
}

// Subscribe makes a feed; the same again is the same feed. It returns
// ErrFeedTarget or ErrManyFeeds.
func (s *Service) Subscribe(ctx context.Context, a auth.Actor, kind FeedKind, target int64) (f Feed, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		name, err := nameOf(tx, a, kind, target)
		if err != nil {
			return err
		}
		if err := lockFeeds(tx, a.AccountID); err != nil {
			return err
		}
		all, err := feedsOf(tx, a.AccountID)
		if err != nil {
			return err
		}
		for _, x := range all {
			if x.Kind == kind && x.TargetID == target {
				f, err = s.shown(x, name)
				return err
			}
		}
		if len(all) >= maxFeeds {
			return ErrManyFeeds.With("max", maxFeeds)
		}
		secret := make([]byte, 24) // 192 bits
		_, _ = rand.Read(secret)
		token := base64.RawURLEncoding.EncodeToString(secret)
		f = Feed{AccountID: a.AccountID, Kind: kind, TargetID: target, TokenHash: hashOf(token), TokenEnc: s.box.Seal(token), CreatedAt: tx.Now()}
		if err := insertFeed(tx, &f); err != nil {
			return err
		}
		if err := note(tx, a, "calendar.subscribe", f); err != nil {
			return err
		}
		f, err = s.shown(f, name)
		return err
	})
	return f, err
}

func hashOf(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}

func (s *Service) shown(f Feed, name string) (Feed, error) {
	token, err := s.box.Open(f.TokenEnc)
	f.Name, f.URL = name, s.baseURL+"/calendar/"+token+".ics"
	return f, err
}

func note(tx *db.Tx, a auth.Actor, action string, f Feed) error {
	line := audit.By(tx, a, models.ChannelOnline)
	line.Action, line.SubjectKind, line.SubjectID, line.After = action, "feed", strconv.FormatInt(f.ID, 10), string(f.Kind)+" "+strconv.FormatInt(f.TargetID, 10)
	return audit.Write(tx, line)
}

// Feeds lists the actor's living feeds. One whose role is gone is listed with
// no name: it shows nothing.
func (s *Service) Feeds(ctx context.Context, a auth.Actor) (out []Feed, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		all, err := feedsOf(tx, a.AccountID)
		if err != nil {
			return err
		}
		out = nil
		for _, f := range all {
			name, err := nameOf(tx, a, f.Kind, f.TargetID)
			if err != nil && !errors.Is(err, ErrFeedTarget) {
				return err
			}
			if f, err = s.shown(f, name); err != nil {
				return err
			}
			out = append(out, f)
		}
		return nil
	})
	return out, err
}

// Revoke ends one of the actor's feeds at once; errs.ErrNotFound for another's.
func (s *Service) Revoke(ctx context.Context, a auth.Actor, id int64) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		ok, err := revokeFeed(tx, a.AccountID, id)
		if err == nil && !ok {
			err = errs.ErrNotFound
		}
		if err != nil {
			return err
		}
		return note(tx, a, "calendar.revoke", Feed{ID: id})
	})
}

// Read returns the calendar of a secret; errs.ErrNotFound when it is unknown,
// revoked, or its owner has lost what it showed.
func (s *Service) Read(ctx context.Context, token string) (ical.Calendar, error) {
	var (
		f    Feed
		name string
		rows []feedRow
		now  models.Instant
	)
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		now = tx.Now()
		var ok bool
		if f, ok, err = feedByHash(tx, hashOf(token)); err != nil || !ok {
			return or(err, errs.ErrNotFound)
		}
		owner, err := ownerOf(tx, f.AccountID)
		if err != nil {
			return err
		}
		if name, err = nameOf(tx, owner, f.Kind, f.TargetID); errors.Is(err, ErrFeedTarget) {
			return errs.ErrNotFound
		} else if err != nil {
			return err
		}
		rows, err = s.feedRows(tx, owner, f, models.Span{Start: now.Add(-feedPast), End: now.Add(feedAhead)})
		return err
	})
	if err != nil {
		return ical.Calendar{}, err
	}
	if f.ReadAt.IsZero() || now.Sub(f.ReadAt) > readEvery {
		if err := s.db.Write(ctx, func(tx *db.Tx) error { return touchFeed(tx, f.ID, now.Add(-readEvery)) }); err != nil {
			return ical.Calendar{}, err
		}
	}
	title := locales.T(locales.ZhCN, "calendar.feed."+string(f.Kind), nil)
	if name != "" {
		title = name
	}
	c := ical.Calendar{Name: title}
	for _, r := range rows {
		c.Entries = append(c.Entries, s.entry(r))
	}
	return c, nil
}

func or(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

func (s *Service) feedRows(tx *db.Tx, owner auth.Actor, f Feed, span models.Span) ([]feedRow, error) {
	var rows, asked []feedRow
	var err error
	switch f.Kind {
	case FeedVenue, FeedOrg:
		span.End = span.Start.Add(feedPast + wideAhead)
		return s.placeRows(tx, owner, f, span)
	case FeedMine:
		return bookingRows(tx, span, "b.holder_id = ?", f.TargetID)
	case FeedBranch:
		if rows, err = bookingRows(tx, span, "b.org_id = ?", f.TargetID); err == nil {
			asked, err = requestRows(tx, span, "q.org_id = ? AND q.event_id IS NULL", f.TargetID)
		}
	case FeedPlace:
		if hall, err := isHall(tx, f.TargetID); err != nil || !hall {
			return s.placeRows(tx, owner, f, span)
		}
		if rows, err = eventRows(tx, f.TargetID, span); err == nil {
			asked, err = requestRows(tx, span, "q.hall_id = ? AND q.event_id IS NULL AND q.holds", f.TargetID)
		}
	}
	return append(rows, asked...), err
}

// placeRows is what stands on the calendar of some places. What is given up is
// gone from it: a program that subscribes takes an entry that is missing away.
func (s *Service) placeRows(tx *db.Tx, owner auth.Actor, f Feed, span models.Span) ([]feedRow, error) {
	all, err := places(tx, owner)
	if err != nil {
		return nil, err
	}
	at := fedBy(all, f.Kind, f.TargetID)
	entries, err := s.entries(tx, at, span)
	if err != nil {
		return nil, err
	}
	of := map[int64]Place{}
	for _, p := range at {
		of[p.ID] = p
	}
	out := make([]feedRow, len(entries))
	for i, e := range entries {
		p := of[e.PlaceID]
		r := feedRow{UID: fmt.Sprintf("%s-%d-%d@youyue", e.Kind, e.ID, e.PlaceID), Kind: e.Kind, Stamp: f.CreatedAt, StartsAt: e.Span.Start, EndsAt: e.Span.End,
			Title: e.Title, Who: e.Who, Place: p.Venue + " " + p.Title(), Seats: e.Taken, Path: e.Path, Seq: e.Version}
		if r.Title == "" {
			r.Title = kindWords(e.Kind)
		}
		if e.Stands == Pending || e.Stands == Queued {
			r.State = "pending"
		}
		out[i] = r
	}
	return out, nil
}

// kindWords names a kind in the language of feeds.
func kindWords(kind string) string {
	if key := "calendar.kind." + kind; locales.Has(locales.ZhCN, key) {
		return locales.T(locales.ZhCN, key, nil)
	}
	return locales.T(locales.ZhCN, "calendar.kind.other", nil)
}

func (s *Service) entry(r feedRow) ical.Entry {
	e := ical.Entry{UID: r.UID, Stamp: r.Stamp, Span: models.Span{Start: r.StartsAt, End: r.EndsAt}, Summary: r.Title,
		Place: strings.Trim(r.Place+"，"+r.Address, " ，"), URL: s.baseURL + r.Path, Status: ical.Confirmed, Sequence: r.Seq}
	if r.Who != "" {
		e.Summary += " · " + r.Who
	}
	var lines []string
	if r.Code != "" {
		lines = append(lines, booking.ShowCode(r.Code))
	}
	if r.Seats > 0 {
		lines = append(lines, locales.T(locales.ZhCN, "calendar.people", map[string]any{"n": r.Seats}))
	}
	e.Description = strings.Join(lines, "\n")
	switch r.State {
	case "cancelled":
		e.Status = ical.Cancelled
	case "pending", "held":
		e.Status = ical.Tentative
		e.Summary = locales.T(locales.ZhCN, "calendar.asked", map[string]any{"title": e.Summary})
	}
	return e
}
