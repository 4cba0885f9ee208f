package lecture

import (
	"context"
	"strings"
	"unicode"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/list"
	"youyue/models"

	"github.com/mozillazg/go-pinyin"
)

// Topic is a line of the menu as it is read.
type Topic struct {
	models.LectureTopic
	OrgName string
	OrgPath string
	Teams   []Named `gorm:"-"` // who offers it
}

// Named is a team or a place by id and name.
type Named struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// Menu narrows the list of topics.
type Menu struct {
	list.Query
	Search   string // Chinese, or initials in pinyin
	Audience models.LectureAudience
	OrgID    int64 // the menu of one community; 0: everything in the district
	Category string
	Drafts   bool // what is not published too
}

// Topics lists the menu, by title.
func (s *Service) Topics(ctx context.Context, m Menu) (out list.Of[Topic], err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		var path string
		if m.OrgID != 0 {
			org, err := orgOf(tx, m.OrgID)
			if err != nil {
				return err
			}
			path = org.Path
		}
		rows, total, err := topics(tx, m, path)
		out = list.New(m.Query, rows, total)
		return err
	})
	return out, err
}

// Topic returns one line of the menu, published or not.
func (s *Service) Topic(ctx context.Context, id int64) (t Topic, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error { t, err = oneTopic(tx, id); return err })
	return t, err
}

// TopicEntry is what staff tell about a topic.
type TopicEntry struct {
	ID        int64 // 0 is a new one
	OrgID     int64 // whose menu it is on
	Title     string
	Category  string
	Summary   string
	Material  string
	LengthMin int
	Audiences []models.LectureAudience
	Teams     []int64
	Publish   bool
}

// SaveTopic adds or changes a line of the menu. What was ordered keeps its length.
// errs.ErrForbidden for the menu of an organisation outside the actor's scope.
func (s *Service) SaveTopic(ctx context.Context, a auth.Actor, in TopicEntry) (t Topic, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error { t, err = SaveTopic(tx, a, in); return err })
	return t, err
}

// SaveTopic is Service.SaveTopic in a transaction of the caller's.
func SaveTopic(tx *db.Tx, a auth.Actor, in TopicEntry) (Topic, error) {
	row := models.LectureTopic{OrgID: in.OrgID, CreatedBy: a.AccountID, CreatedAt: tx.Now()}
	if in.ID != 0 {
		old, err := oneTopic(tx, in.ID)
		if err != nil {
			return Topic{}, err
		}
		row = old.LectureTopic
	}
	org, err := orgOf(tx, row.OrgID)
	switch {
	case err != nil:
		return Topic{}, err
	case !a.CanAt(auth.LectureMenu, org.Path):
		return Topic{}, errs.ErrForbidden
	}
	row.Title, row.Category = strings.TrimSpace(in.Title), strings.TrimSpace(in.Category)
	row.Initials, row.Summary, row.Material, row.LengthMin = Initials(row.Title), strings.TrimSpace(in.Summary), strings.TrimSpace(in.Material), in.LengthMin
	row.Audiences = models.JoinAudiences(in.Audiences)
	switch {
	case !in.Publish:
		row.PublishedAt = models.Instant{}
	case row.PublishedAt.IsZero():
		row.PublishedAt = tx.Now()
	}
	if err := putTopic(tx, &row); err != nil {
		return Topic{}, err
	}
	if err := replaceTopics(tx, row.ID, in.Teams); err != nil {
		return Topic{}, err
	}
	line := audit.By(tx, a, models.ChannelOnline)
	line.Action, line.SubjectKind, line.SubjectID, line.OrgID, line.After = "lecture.topic", "lecture_topic", itoa(row.ID), &row.OrgID, row.Title
	if err := audit.Write(tx, line); err != nil {
		return Topic{}, err
	}
	return oneTopic(tx, row.ID)
}

// Initials are the first letters of a text in pinyin, and its Latin letters and
// digits, in small letters: 反诈知识ABC is "fzzsabc".
func Initials(text string) string {
	args := pinyin.NewArgs()
	args.Style = pinyin.FirstLetter
	var b strings.Builder
	for _, r := range text {
		switch {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(unicode.ToLower(r))
		case unicode.Is(unicode.Han, r):
			if p := pinyin.SinglePinyin(r, args); len(p) > 0 {
				b.WriteString(p[0])
			}
		}
	}
	return b.String()
}
