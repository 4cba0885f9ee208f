package app

import (
	"cmp"
	"slices"

	"youyue/app/contest"
	"youyue/app/db"
	"youyue/app/scoring"
	"youyue/models"
)

// jury hands the rounds of contests over to be judged, under the contest's ids.
type jury struct{ scoring *scoring.Service }

// Take numbers the acts through all groups, in the order in which they appear.
func (j jury) Take(tx *db.Tx, c contest.Contest, r models.ContestRound, line []contest.Appearance) error {
	line = slices.Clone(line)
	slices.SortStableFunc(line, func(a, b contest.Appearance) int {
		return cmp.Or(cmp.Compare(a.Part, b.Part), cmp.Compare(a.Place, b.Place))
	})
	division, _ := c.Division(r.DivisionID)
	acts := make([]scoring.Act, len(line))
	for i, x := range line {
		acts[i] = scoring.Act{EntryID: x.EntryID, Number: i + 1, Team: x.Team, Piece: x.Piece, Place: x.Org, OrgID: x.OrgID,
			Limit: division.MaxLength, Withdrawn: x.State == models.EntryWithdrawn}
		if x.LeaderID != nil {
			acts[i].LeaderID = *x.LeaderID
		}
	}
	return j.scoring.Hand(tx, scoring.Round{ID: r.ID, ContestID: c.ID, Contest: c.Title, Title: division.Name + " · " + r.Name,
		OrgID: c.OrgID, OrgPath: c.OrgPath, StartsAt: c.Slot(r.SlotID).StartsAt}, acts)
}
