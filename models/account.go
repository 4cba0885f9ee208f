package models

// Account signs in: residents by mobile number, staff by login and password.
// PhoneEnc is the sealed number; PhoneIndex its keyed blind index, unique.
type Account struct {
	ID           int64
	Login        *string
	Name         string
	PhoneEnc     string
	PhoneIndex   *string
	Email        string
	PasswordHash string
	PasswordOnce bool // somebody else knows it: it is good for setting another
	Lang         string
	Demo         bool
	CreatedAt    Instant
	DisabledAt   Instant
}

// NotifyWho says who is told about a dependant's bookings.
type NotifyWho string

// The helper is the account that keeps the person.
const (
	NotifyHolder NotifyWho = "holder" // the person's own number
	NotifyHelper NotifyWho = "helper"
	NotifyBoth   NotifyWho = "both"
)

// Person is somebody a place is booked for: kept under an account, or known to
// a desk (OrgID) and without one.
type Person struct {
	ID         int64
	AccountID  *int64
	OrgID      *int64
	Name       string
	Relation   string // "self", "mother", "child" …; free text of the keeper
	PhoneEnc   string
	PhoneIndex *string
	Notify     NotifyWho
	CreatedBy  *int64
	CreatedAt  Instant
	ArchivedAt Instant
}

// Grant gives an account a role for an organisation and all below it.
type Grant struct {
	ID        int64
	AccountID int64
	Role      string
	OrgID     int64
	GrantedBy *int64
	CreatedAt Instant
	RevokedAt Instant
	StartsAt  Instant // both zero: until it is taken back
	EndsAt    Instant
}

// NoticeVersion is the notice on personal data that people agree to now, the page
// /privacy. Another text is another version: whoever signs in agrees anew.
const NoticeVersion = "2026-12"

// NoticeConsent says that somebody agreed to a version of the notice on personal data: an
// account for itself, or a person of whom the account By told.
type NoticeConsent struct {
	ID        int64
	AccountID *int64
	PersonID  *int64
	Version   string
	Channel   Channel
	ByAccount int64
	CreatedAt Instant
}
