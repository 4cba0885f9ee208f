package lecture

import (
	"fmt"
	"slices"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/models"
)

// Team is a team as it is read.
type Team struct {
	models.LectureTeam
	Name     string
	OrgPath  string
	AreaName string
	AreaPath string
	Topics   []int64
	Hours    []models.LectureTeamHours
	Off      []models.LectureTeamOff // from today on
	Members  []models.LectureMember
}

const teamQuery = `SELECT t.*, r.name, o.path AS org_path, COALESCE(a.name, '') AS area_name, COALESCE(a.path, '') AS area_path
	FROM lecture_teams t JOIN resources r ON r.id = t.id JOIN orgs o ON o.id = t.org_id LEFT JOIN orgs a ON a.id = t.area_id`

type teamRow struct {
	models.LectureTeam
	Name     string
	OrgPath  string
	AreaName string
	AreaPath string
}

// teams reads teams with their topics, hours and days off from a date on.
func teams(tx *db.Tx, today models.Day, where string, args ...any) ([]Team, error) {
	var rows []teamRow
	if err := tx.Scan(&rows, teamQuery+" WHERE "+where, args...); err != nil || len(rows) == 0 {
		return nil, err
	}
	ids := make([]int64, len(rows))
	out := make([]Team, len(rows))
	at := map[int64]*Team{}
	for i, r := range rows {
		ids[i] = r.ID
		out[i] = Team{LectureTeam: r.LectureTeam, Name: r.Name, OrgPath: r.OrgPath, AreaName: r.AreaName, AreaPath: r.AreaPath}
		at[r.ID] = &out[i]
	}
	var topics []struct{ TopicID, TeamID int64 }
	var hours []models.LectureTeamHours
	var off []models.LectureTeamOff
	var members []models.LectureMember
	for _, q := range []struct {
		dest  any
		query string
		args  []any
	}{
		{&topics, `SELECT topic_id, team_id FROM lecture_topic_teams WHERE team_id IN ? ORDER BY topic_id`, nil},
		{&hours, `SELECT * FROM lecture_team_hours WHERE team_id IN ? ORDER BY day, opens`, nil},
		{&off, `SELECT * FROM lecture_team_off WHERE team_id IN ? AND until_day >= ? ORDER BY from_day`, []any{today}},
		{&members, `SELECT * FROM lecture_members WHERE team_id IN ? AND archived_at IS NULL ORDER BY leads DESC, id`, nil},
	} {
		if err := tx.Scan(q.dest, q.query, append([]any{ids}, q.args...)...); err != nil {
			return nil, fmt.Errorf("teams: %w", err)
		}
	}
	for _, t := range topics {
		at[t.TeamID].Topics = append(at[t.TeamID].Topics, t.TopicID)
	}
	for _, h := range hours {
		at[h.TeamID].Hours = append(at[h.TeamID].Hours, h)
	}
	for _, o := range off {
		at[o.TeamID].Off = append(at[o.TeamID].Off, o)
	}
	for _, m := range members {
		at[m.TeamID].Members = append(at[m.TeamID].Members, m)
	}
	return out, nil
}

func oneTeam(tx *db.Tx, today models.Day, id int64) (Team, error) {
	all, err := teams(tx, today, "t.id = ? AND t.archived_at IS NULL", id)
	if err == nil && len(all) == 0 {
		err = errs.ErrNotFound
	}
	if err != nil {
		return Team{}, err
	}
	return all[0], nil
}

// inTeam reports whether the actor leads a team or is a member with an account.
func inTeam(tx *db.Tx, a auth.Actor, team, org int64) (bool, error) {
	if slices.Contains(a.OrgsWith(auth.LectureServe), org) {
		return true, nil
	}
	var n int
	err := tx.Scan(&n, `SELECT COUNT(*) FROM lecture_members WHERE team_id = ? AND account_id = ? AND archived_at IS NULL`, team, a.AccountID)
	return n > 0, err
}

// busy are the claims on some teams between two moments, by team.
func busy(tx *db.Tx, ids []int64, from, until models.Instant) (map[int64][]models.Span, error) {
	var rows []struct {
		ResourceID int64
		StartsAt   models.Instant
		EndsAt     models.Instant
	}
	err := tx.Scan(&rows, `SELECT resource_id, starts_at, ends_at FROM occupancies WHERE resource_id IN ? AND starts_at < ? AND ends_at > ? ORDER BY starts_at`, ids, until, from)
	out := map[int64][]models.Span{}
	for _, r := range rows {
		out[r.ResourceID] = append(out[r.ResourceID], models.Span{Start: r.StartsAt, End: r.EndsAt})
	}
	return out, err
}

// agreed are the starts of the sessions of some teams from a moment on.
func agreed(tx *db.Tx, ids []int64, from models.Instant) (map[int64][]models.Instant, error) {
	var rows []struct {
		TeamID   int64
		StartsAt models.Instant
	}
	err := tx.Scan(&rows, `SELECT team_id, starts_at FROM lecture_sessions WHERE team_id IN ? AND starts_at >= ? AND state <> ?`, ids, from, models.LectureDropped)
	out := map[int64][]models.Instant{}
	for _, r := range rows {
		out[r.TeamID] = append(out[r.TeamID], r.StartsAt)
	}
	return out, err
}

// answered counts the offers of some teams since a moment: those that the team
// answered or let lapse, and of these the accepted.
func answered(tx *db.Tx, ids []int64, since models.Instant) (map[int64][2]int, error) {
	var rows []struct {
		TeamID   int64
		Asked    int
		Accepted int
	}
	err := tx.Scan(&rows, `SELECT team_id, COUNT(*) AS asked, SUM(CASE WHEN state IN ('accepted', 'served') THEN 1 ELSE 0 END) AS accepted
		FROM lecture_offers WHERE team_id IN ? AND created_at >= ? AND state IN ('accepted', 'served', 'declined', 'lapsed') GROUP BY team_id`, ids, since)
	out := map[int64][2]int{}
	for _, r := range rows {
		out[r.TeamID] = [2]int{r.Asked, r.Accepted}
	}
	return out, err
}

func insertTeam(tx *db.Tx, t *models.LectureTeam, name string) error {
	if err := tx.Scan(&t.ID, `INSERT INTO resources (kind, org_id, name, created_at) VALUES ('team', ?, ?, ?) RETURNING id`, t.OrgID, name, tx.Now()); err != nil {
		return fmt.Errorf("team: %w", err)
	}
	t.CreatedAt = tx.Now()
	if err := tx.Insert(t); err != nil {
		return fmt.Errorf("team: %w", err)
	}
	return nil
}

func updateTeam(tx *db.Tx, t models.LectureTeam) error {
	_, err := tx.Exec(`UPDATE lecture_teams SET category = ?, intro = ?, audiences = ?, area_id = ?, travel_min = ?, per_week = ? WHERE id = ?`,
		t.Category, t.Intro, t.Audiences, t.AreaID, t.TravelMin, t.PerWeek, t.ID)
	return err
}

func replaceHours(tx *db.Tx, team int64, hours []models.LectureTeamHours) error {
	if _, err := tx.Exec(`DELETE FROM lecture_team_hours WHERE team_id = ?`, team); err != nil {
		return err
	}
	for _, h := range hours {
		h.ID, h.TeamID = 0, team
		if err := tx.Insert(&h); err != nil {
			return fmt.Errorf("hours of a team: %w", err)
		}
	}
	return nil
}

func replaceTopics(tx *db.Tx, topic int64, teams []int64) error {
	if _, err := tx.Exec(`DELETE FROM lecture_topic_teams WHERE topic_id = ?`, topic); err != nil {
		return err
	}
	for _, t := range teams {
		if _, err := tx.Exec(`INSERT INTO lecture_topic_teams (topic_id, team_id) VALUES (?, ?) ON CONFLICT DO NOTHING`, topic, t); err != nil {
			return err
		}
	}
	return nil
}

// replaceOffered sets what a team offers, of the menu.
func replaceOffered(tx *db.Tx, team int64, topics []int64) error {
	if _, err := tx.Exec(`DELETE FROM lecture_topic_teams WHERE team_id = ?`, team); err != nil {
		return err
	}
	for _, t := range topics {
		if _, err := tx.Exec(`INSERT INTO lecture_topic_teams (topic_id, team_id) SELECT id, ? FROM lecture_topics WHERE id = ? ON CONFLICT DO NOTHING`, team, t); err != nil {
			return err
		}
	}
	return nil
}

// before counts the sessions and offers that a team has before it.
func before(tx *db.Tx, team int64) (n int, err error) {
	err = tx.Scan(&n, `SELECT (SELECT COUNT(*) FROM lecture_sessions WHERE team_id = ? AND state IN ('planned', 'running'))
		+ (SELECT COUNT(*) FROM lecture_offers WHERE team_id = ? AND state = 'waiting')`, team, team)
	return n, err
}

func retireTeam(tx *db.Tx, team int64) error {
	_, err := tx.Exec(`UPDATE lecture_teams SET archived_at = ? WHERE id = ?`, tx.Now(), team)
	return err
}

func dischargeMember(tx *db.Tx, team, id int64) error {
	n, err := tx.Exec(`UPDATE lecture_members SET archived_at = ? WHERE team_id = ? AND id = ? AND archived_at IS NULL`, tx.Now(), team, id)
	if err == nil && n == 0 {
		err = errs.ErrNotFound
	}
	return err
}

// freeCode is a code for a new organisation, as near to a word as one is free.
func freeCode(tx *db.Tx, word string) (string, error) {
	if word = word[:min(len(word), 30)]; word == "" {
		word = "team"
	}
	var taken []string
	if err := tx.Scan(&taken, `SELECT code FROM orgs WHERE code = ? OR code LIKE ?`, word, word+"-%"); err != nil {
		return "", err
	}
	code := word
	for n := 2; slices.Contains(taken, code); n++ {
		code = fmt.Sprintf("%s-%d", word, n)
	}
	return code, nil
}

// stampAsked notes when teams were last asked, for whose turn it is.
func stampAsked(tx *db.Tx, ids []int64) error {
	_, err := tx.Exec(`UPDATE lecture_teams SET last_asked_at = ? WHERE id IN ?`, tx.Now(), ids)
	return err
}

// leaders are those who are told for a team: accounts that lead it, by their role or
// as members, and leading members who have no account.
func leaders(tx *db.Tx, team int64) (accounts, people []int64, err error) {
	inForce, now := tx.InForce("g")
	err = tx.Scan(&accounts, `SELECT a.id FROM accounts a WHERE a.disabled_at IS NULL AND (
		EXISTS (SELECT 1 FROM grants g JOIN lecture_teams t ON t.org_id = g.org_id WHERE t.id = ? AND g.account_id = a.id AND g.role = ? AND `+inForce+`)
		OR EXISTS (SELECT 1 FROM lecture_members m WHERE m.team_id = ? AND m.account_id = a.id AND m.leads AND m.archived_at IS NULL)) ORDER BY a.id`, append(append([]any{team, auth.Leader}, now...), team)...)
	if err != nil {
		return nil, nil, err
	}
	err = tx.Scan(&people, `SELECT person_id FROM lecture_members WHERE team_id = ? AND leads AND person_id IS NOT NULL AND account_id IS NULL AND archived_at IS NULL ORDER BY id`, team)
	return accounts, people, err
}

// nearest are the accounts that hold one of some roles at the organisation of a
// path, or else at the nearest one above it.
func nearest(tx *db.Tx, path string, roles ...auth.Role) ([]int64, error) {
	var rows []struct {
		AccountID int64
		Path      string
	}
	inForce, now := tx.InForce("g")
	err := tx.Scan(&rows, `SELECT DISTINCT g.account_id, o.path FROM grants g JOIN orgs o ON o.id = g.org_id JOIN accounts a ON a.id = g.account_id
		WHERE g.role IN ? AND a.disabled_at IS NULL AND SUBSTR(?, 1, LENGTH(o.path)) = o.path AND `+inForce+` ORDER BY o.path DESC, g.account_id`, append([]any{roles, path}, now...)...)
	var out []int64
	for _, r := range rows {
		if len(r.Path) == len(rows[0].Path) && !slices.Contains(out, r.AccountID) {
			out = append(out, r.AccountID)
		}
	}
	return out, err
}

func listTeams(tx *db.Tx, today models.Day, f TeamFilter) ([]Team, error) {
	where, args := "t.archived_at IS NULL", []any{}
	if f.Kind != "" {
		where, args = where+" AND t.kind = ?", append(args, f.Kind)
	}
	if f.Category != "" {
		where, args = where+" AND t.category = ?", append(args, f.Category)
	}
	if f.Topic != 0 {
		where, args = where+" AND EXISTS (SELECT 1 FROM lecture_topic_teams tt WHERE tt.team_id = t.id AND tt.topic_id = ?)", append(args, f.Topic)
	}
	return teams(tx, today, where+" ORDER BY t.kind, r.name, t.id", args...)
}

func deleteOff(tx *db.Tx, team, id int64) error {
	n, err := tx.Exec(`DELETE FROM lecture_team_off WHERE team_id = ? AND id = ?`, team, id)
	if err == nil && n == 0 {
		err = errs.ErrNotFound
	}
	return err
}
