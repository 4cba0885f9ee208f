package models

// NoticeChannel is a way to reach a person.
type NoticeChannel string

// Call means that nothing else reaches them: a clerk phones from the call sheet.
const (
	NoticeInbox NoticeChannel = "inbox"
	NoticeSMS   NoticeChannel = "sms"
	NoticeMail  NoticeChannel = "mail"
	NoticeCall  NoticeChannel = "call"
)

// OutboxState is where a message stands.
type OutboxState string

// A message waits, is sent, or is given up; a call is done by a clerk. Void
// means that what it speaks of is gone.
const (
	OutboxWaiting OutboxState = "waiting"
	OutboxSent    OutboxState = "sent"
	OutboxFailed  OutboxState = "failed"
	OutboxVoid    OutboxState = "void"
)

// Outbox is one message to one recipient by one channel. Recipient is
// "account:5" or "person:7", Subject "booking:0192…"; Vars is JSON for the
// template of Kind.
type Outbox struct {
	ID           int64
	Recipient    string
	Channel      NoticeChannel
	Kind         string
	Subject      string
	DueAt        Instant
	Vars         string
	State        OutboxState
	Attempts     int
	ClaimedBy    string
	ClaimedUntil Instant
	NextAt       Instant
	SentAt       Instant
	Error        string
	CreatedAt    Instant
}

// TableName keeps the word the field uses.
func (Outbox) TableName() string { return "outbox" }

// Inbox is a message inside the product.
type Inbox struct {
	ID        int64
	OutboxID  int64
	AccountID int64
	Kind      string
	Subject   string
	Vars      string
	CreatedAt Instant
	ReadAt    Instant
}

// TableName keeps the word the field uses.
func (Inbox) TableName() string { return "inbox" }
