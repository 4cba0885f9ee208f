package models

// CellState is where a month of a service stands.
type CellState string

// A cell is planned until its month has come, due in its month, slipping when that
// has passed undone.
const (
	CellPlanned  CellState = "planned"
	CellDue      CellState = "due"
	CellDone     CellState = "done"
	CellSlipping CellState = "slipping"
)

// ServiceList is a station's services (一老一小服务清单) of a year. One is current;
// an import replaces it, and a roll-back brings the one before to life again.
type ServiceList struct {
	ID        int64
	OrgID     int64
	Year      int
	State     string // "current", "replaced"
	Note      string
	CreatedBy int64
	CreatedAt Instant
	EndedAt   Instant
}

// ServiceCell is what a service does in a month. Ord is the row, from 1.
type ServiceCell struct {
	ID      int64
	ListID  int64
	Ord     int
	Service string
	Kind    ActivityKind
	Month   int
	What    string
	Times   int
	DoneAt  Instant
	DoneBy  *int64
}

// MaxServices is how many services a list has at most: the station's list has 20.
const MaxServices = 40

// State says where a cell stands on a day. held is how often it has been done: as
// often as planned is done, whether or not somebody says so.
func (c ServiceCell) State(year int, today Day, held int) CellState {
	switch {
	case !c.DoneAt.IsZero() || held >= c.Times:
		return CellDone
	case today.Year < year, today.Year == year && int(today.Month) < c.Month:
		return CellPlanned
	case today.Year == year && int(today.Month) == c.Month:
		return CellDue
	}
	return CellSlipping
}
