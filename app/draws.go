package app

import (
	"youyue/app/activity"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/draw"
	"youyue/app/errs"
	"youyue/models"
)

// draws holds the public draws of activities.
type draws struct{ service *draw.Service }

func (d draws) Commit(tx *db.Tx, a auth.Actor, x activity.Drawing) (int64, error) {
	p := draw.Plan{Subject: draw.Subject{Kind: activity.Kind, ID: x.ActivityID}, Purpose: models.DrawPlaces, Title: x.Title, OrgID: x.OrgID,
		Reason: x.Reason, Value: models.DrawNamed, Note: x.Value, Due: x.Due}
	for _, e := range x.Entries {
		p.Entries = append(p.Entries, models.DrawEntry{EntryID: e.ID, Label: e.Label})
	}
	made, err := d.service.Commit(tx, a, p)
	return made.ID, err
}

func (d draws) Reveal(tx *db.Tx, a auth.Actor, id int64, value string) ([]string, error) {
	got, err := d.service.Reveal(tx, a, id, draw.Value{Text: value})
	if err != nil {
		return nil, err
	}
	if got.State != models.DrawDrawn {
		return nil, errs.ErrNotFound // void: no order met its conditions, and it has none
	}
	out := make([]string, 0, len(got.List))
	for _, e := range got.Order() {
		out = append(out, e.EntryID)
	}
	return out, nil
}

func (d draws) Due(tx *db.Tx, id int64) (models.Instant, bool, error) {
	got, err := d.service.Find(tx, id)
	return got.ValueDue, got.State == models.DrawOpen, err
}

func (d draws) Void(tx *db.Tx, id int64) (bool, error) {
	got, err := d.service.Find(tx, id)
	return got.State == models.DrawVoid, err
}
