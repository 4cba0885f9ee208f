package models

// Audit is one line of the log: who did what, on whose behalf, by which way,
// from what to what, and why. It holds ids and masked values only.
type Audit struct {
	ID          int64
	At          Instant
	ActorID     int64
	Actor       string // login or "job:NAME"
	PersonID    *int64
	Channel     Channel
	Action      string // "booking.book"
	SubjectKind string
	SubjectID   string
	OrgID       *int64
	Before      string
	After       string
	Reason      string
	RequestID   string
}

// TableName keeps the word the field uses.
func (Audit) TableName() string { return "audit_log" }
