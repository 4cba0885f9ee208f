package app

import (
	"youyue/app/activity"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/lecture"
	"youyue/models"
)

// talks are the lectures that a station's service list orders.
type talks struct{ lectures *lecture.Service }

func (t talks) Order(tx *db.Tx, a auth.Actor, w activity.Talk) (string, error) {
	return t.lectures.PlaceIn(tx, a, lecture.Ask{OrgID: w.OrgID, Wish: w.Title, Audience: models.AudienceResident, Heads: w.Heads,
		Times: lecture.Times{From: w.From, Until: w.Until}, PlaceKind: models.PlaceOwn, Note: w.Note})
}

func (t talks) Standing(tx *db.Tx, ids []string) ([]activity.Talked, error) {
	all, err := t.lectures.ListedOrders(tx, ids)
	out := make([]activity.Talked, len(all))
	for i, o := range all {
		out[i] = activity.Talked{ID: o.ID, Title: o.Title, State: "lecture.state." + string(o.State),
			Held: o.State == models.LectureToRate || o.State == models.LectureClosed, Off: o.State == models.LectureCancelled}
	}
	return out, err
}
