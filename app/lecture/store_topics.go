package lecture

import (
	"fmt"
	"strings"

	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

const topicQuery = `SELECT t.*, o.name AS org_name, o.path AS org_path`

const topicFrom = ` FROM lecture_topics t JOIN orgs o ON o.id = t.org_id`

func topics(tx *db.Tx, m Menu, path string) ([]Topic, int64, error) {
	where, args := []string{"1 = 1"}, []any{}
	add := func(cond string, more ...any) { where, args = append(where, cond), append(args, more...) }
	if !m.Drafts {
		add("t.published_at IS NOT NULL")
	}
	if path != "" {
		add("SUBSTR(?, 1, LENGTH(o.path)) = o.path", path)
	}
	if m.Audience != "" {
		add("(t.audiences = '' OR ',' || t.audiences || ',' LIKE ?)", "%,"+string(m.Audience)+",%")
	}
	if m.Category != "" {
		add("t.category = ?", m.Category)
	}
	if q := strings.TrimSpace(m.Search); q != "" {
		like := contains(q)
		add(`(t.title LIKE ? ESCAPE '\' OR t.summary LIKE ? ESCAPE '\' OR t.initials LIKE ? ESCAPE '\')`, like, like, contains(strings.ToLower(strings.ReplaceAll(q, " ", ""))))
	}
	cond := " WHERE " + strings.Join(where, " AND ")
	var total int64
	if err := tx.Scan(&total, `SELECT COUNT(*)`+topicFrom+cond, args...); err != nil {
		return nil, 0, fmt.Errorf("topics: %w", err)
	}
	_, size, offset := m.Window()
	var out []Topic
	if err := tx.Scan(&out, topicQuery+topicFrom+cond+` ORDER BY t.title, t.id LIMIT ? OFFSET ?`, append(args, size, offset)...); err != nil {
		return nil, 0, fmt.Errorf("topics: %w", err)
	}
	return out, total, withTeams(tx, out)
}

// contains is a LIKE pattern for a text with nothing special in it.
func contains(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(text) + "%"
}

func withTeams(tx *db.Tx, all []Topic) error {
	if len(all) == 0 {
		return nil
	}
	ids, at := make([]int64, len(all)), map[int64]int{}
	for i, t := range all {
		ids[i], at[t.ID], all[i].Teams = t.ID, i, []Named{}
	}
	var rows []struct {
		TopicID int64
		ID      int64
		Name    string
	}
	err := tx.Scan(&rows, `SELECT tt.topic_id, r.id, r.name FROM lecture_topic_teams tt JOIN lecture_teams t ON t.id = tt.team_id JOIN resources r ON r.id = t.id
		WHERE tt.topic_id IN ? AND t.archived_at IS NULL ORDER BY r.name, r.id`, ids)
	for _, r := range rows {
		i := at[r.TopicID]
		all[i].Teams = append(all[i].Teams, Named{r.ID, r.Name})
	}
	return err
}

func oneTopic(tx *db.Tx, id int64) (Topic, error) {
	var all []Topic
	err := tx.Scan(&all, topicQuery+topicFrom+` WHERE t.id = ?`, id)
	if err == nil && len(all) == 0 {
		err = errs.ErrNotFound
	}
	if err != nil {
		return Topic{}, err
	}
	return all[0], withTeams(tx, all)
}

// onMenu returns a published topic that is on the menu of the organisation at
// path; ErrNoTopic otherwise.
func onMenu(tx *db.Tx, id int64, path string) (models.LectureTopic, error) {
	var t models.LectureTopic
	ok, err := tx.One(&t, `SELECT t.*`+topicFrom+` WHERE t.id = ? AND t.published_at IS NOT NULL AND SUBSTR(?, 1, LENGTH(o.path)) = o.path`, id, path)
	if err == nil && !ok {
		err = ErrNoTopic.At(errs.Field{Name: "topic_id", Code: "other"})
	}
	return t, err
}

func putTopic(tx *db.Tx, t *models.LectureTopic) error {
	if t.ID == 0 {
		return tx.Insert(t)
	}
	_, err := tx.Exec(`UPDATE lecture_topics SET title = ?, initials = ?, category = ?, summary = ?, material = ?, length_min = ?, audiences = ?, published_at = ? WHERE id = ?`,
		t.Title, t.Initials, t.Category, t.Summary, t.Material, t.LengthMin, t.Audiences, t.PublishedAt, t.ID)
	return err
}
