package draw

import (
	"context"
	"net/http"

	"youyue/app/auth"
	"youyue/app/errs"
	"youyue/app/httpapi"
	"youyue/models"
)

// FileVersion names the rule that a file is replayed by.
const FileVersion = "youyue-draw-v1"

// File is a draw with all that a replay needs, as the API and the download give
// it and "youyue draw verify" reads it.
type File struct {
	Version     string          `json:"version"` // FileVersion
	ID          int64           `json:"id"`
	Title       string          `json:"title"`
	SubjectKind string          `json:"subject_kind"` // "contest_round", "activity"
	SubjectID   int64           `json:"subject_id"`
	Purpose     string          `json:"purpose"` // order, groups, tie, places
	State       string          `json:"state"`   // open, drawn, void
	Number      int             `json:"number"`
	Reason      string          `json:"reason,omitempty"`
	List        []FileEntry     `json:"list"` // sorted bytewise by id
	Count       int             `json:"count"`
	ListHash    string          `json:"list_hash"`
	Commitment  string          `json:"commitment"`
	Apart       []string        `json:"apart"`  // of "community", "team": not directly one after the other
	Groups      int             `json:"groups"` // into how many the order is cut, 1 for none
	ValueKind   string          `json:"value_kind"`
	ValueNote   string          `json:"value_note,omitempty"`
	ValueDue    models.Instant  `json:"value_due"`
	CommittedAt models.Instant  `json:"committed_at"`
	Witnesses   []FileWitness   `json:"witnesses,omitempty"`
	Beacon      string          `json:"beacon,omitempty"`
	Secret      string          `json:"secret,omitempty"`
	K           int             `json:"k"`
	Seed        string          `json:"seed,omitempty"`
	Order       []string        `json:"order"`
	Grouped     [][]string      `json:"grouped,omitempty"`
	EndedAt     *models.Instant `json:"ended_at,omitempty"`
	VoidReason  string          `json:"void_reason,omitempty"` // late, exhausted
	Draws       []FileDraw      `json:"draws"`                 // all draws of the same thing
}

// FileEntry is a line of the list.
type FileEntry struct {
	ID        string `json:"id"`
	Label     string `json:"label"`
	Community string `json:"community,omitempty"`
	Team      string `json:"team,omitempty"`
}

// FileWitness read a part of the value out.
type FileWitness struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// FileDraw is one of the draws of a thing.
type FileDraw struct {
	ID     int64  `json:"id"`
	Number int    `json:"number"`
	State  string `json:"state"`
	Reason string `json:"reason,omitempty"`
}

type fileIn struct {
	ID int64 `path:"id"`
}

// Routes declares the API.
func (s *Service) Routes(r *httpapi.Router) {
	httpapi.API(r, http.MethodGet, "/api/v1/draws/:id", auth.Public,
		httpapi.Op{Summary: "A draw with all that a replay needs; before the value is read out without secret and order", Tag: "draws", Errors: []*errs.Error{errs.ErrNotFound}},
		func(ctx context.Context, _ auth.Actor, in fileIn) (File, error) {
			d, err := s.Get(ctx, in.ID)
			return d.File(), err
		})
}

// File is the draw for a replay.
func (d Draw) File() File {
	f := File{Version: FileVersion, ID: d.ID, Title: d.Title, SubjectKind: d.SubjectKind, SubjectID: d.SubjectID, Purpose: string(d.Purpose),
		State: string(d.State), Number: d.Number, Reason: d.Reason, List: []FileEntry{}, Count: d.Entries, ListHash: d.ListHash, Commitment: d.Commitment,
		Apart: []string{}, Groups: d.Parts, ValueKind: string(d.ValueKind), ValueNote: d.ValueNote, ValueDue: d.ValueDue, CommittedAt: d.CommittedAt,
		Beacon: d.Beacon, Secret: d.Secret, K: d.K, Order: []string{}, VoidReason: d.VoidReason, Draws: []FileDraw{}}
	for _, e := range d.List {
		f.List = append(f.List, FileEntry{e.EntryID, e.Label, e.Community, e.Team})
	}
	if d.ApartCommunity {
		f.Apart = append(f.Apart, "community")
	}
	if d.ApartTeam {
		f.Apart = append(f.Apart, "team")
	}
	for _, w := range d.Witnesses {
		f.Witnesses = append(f.Witnesses, FileWitness{w.Name, w.Value})
	}
	if !d.EndedAt.IsZero() {
		f.EndedAt = &d.EndedAt
	}
	if d.State == models.DrawDrawn {
		f.Seed = models.DrawSeed(d.ListHash, d.Secret, d.Beacon, d.K)
	}
	for _, group := range d.Groups() {
		var ids []string
		for _, e := range group {
			ids = append(ids, e.EntryID)
		}
		f.Order = append(f.Order, ids...)
		if d.Parts > 1 {
			f.Grouped = append(f.Grouped, ids)
		}
	}
	for _, x := range d.Siblings {
		f.Draws = append(f.Draws, FileDraw{x.ID, x.Number, string(x.State), x.Reason})
	}
	return f
}
