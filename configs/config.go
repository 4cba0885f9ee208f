// Package configs reads the configuration: a YAML file, over it YOUYUE_…
// environment variables, and for secrets the files that YOUYUE_…_FILE names.
// Everything is parsed once, here; the rest of the program sees typed values.
package configs

import (
	"bytes"
	"log/slog"
	"net/netip"
	"regexp"
	"slices"
	"text/template"
	"time"
)

// Switch is a setting that is on or off.
type Switch bool

// The two positions of a Switch.
const (
	On  Switch = true
	Off Switch = false
)

// String is the word that the file and the environment use.
func (s Switch) String() string {
	if s {
		return "on"
	}
	return "off"
}

// Config is the whole configuration, checked. Load builds it.
type Config struct {
	Listen         string         // host:port of pages and API
	MetricsListen  string         // host:port of /metrics on a listener of its own; empty: on the listener of pages and API
	DatabaseURL    string         // sqlite:PATH or postgres://…; holds a password, never log it
	BaseURL        string         // public address without a trailing slash, for links in messages
	Timezone       *time.Location // the zone people read times in
	Demo           Switch         // demo district, demo accounts, codes on a development page
	TrustedProxies []netip.Prefix // whose X-Forwarded-… headers are believed; empty: nobody's
	RateLimit      Switch         // off for load tests only
	GroupCommit    Switch         // one transaction for the bookings of an event that wait at the same moment
	LogLevel       slog.Level
	LogFormat      LogFormat
	StationPhone   string // shown in the same place on every page; empty: no help line
	SMTP           SMTP
	SMS            SMS
	OTP            OTP

	secret []byte
}

// LogFormat says how log records are written.
type LogFormat string

// The log formats.
const (
	LogJSON LogFormat = "json"
	LogText LogFormat = "text"
)

// SMTP is the mail server; an empty Host means that no mail is sent.
type SMTP struct {
	Host     string
	Port     int
	Username string // empty: no log-in
	Password string
	From     string // RFC 5322 address, may carry a name
	TLS      MailTLS
}

// MailTLS says how a mail connection is protected.
type MailTLS string

// The protections of a mail connection.
const (
	MailStartTLS MailTLS = "starttls" // refused when the server does not offer it
	MailImplicit MailTLS = "implicit" // TLS from the first byte, usually port 465
	MailPlain    MailTLS = "off"      // a relay on the same machine
)

// SMS is the one HTTP channel for text messages; an empty URL means that none
// are sent.
type SMS struct {
	Method         string
	URL            string
	Headers        map[string]string  // hold keys, never log them
	Body           *template.Template // executed with Message; knows the function json
	Success        Success
	PerNumberHour  int // messages to one number in an hour
	PerAddressHour int // codes asked for from one network address in an hour
	PerDay         int // messages of the whole installation in a day
}

// Message is what the body template of the SMS channel is executed with.
type Message struct {
	Phone string // E.164 without spaces: +8613900000000
	Text  string
}

// Success is the test that tells an accepted text message from a refused one:
// many gateways answer 200 and put the refusal into the body.
type Success struct {
	Status   []int          // accepted status codes
	Contains string         // text the body must contain; empty: any
	Matches  *regexp.Regexp // pattern the body must match; nil: any
}

// Accepts reports whether an answer of the gateway means "accepted".
func (s Success) Accepts(status int, body []byte) bool {
	return slices.Contains(s.Status, status) &&
		bytes.Contains(body, []byte(s.Contains)) &&
		(s.Matches == nil || s.Matches.Match(body))
}

// OTP is the one-time code that residents log in with.
type OTP struct {
	TTL    time.Duration
	Length int // digits
}

// Secret returns the key that signs tickets and links and blinds phone
// numbers: at least 32 bytes. The caller derives one key per purpose from it
// and must not change the slice.
func (c Config) Secret() []byte { return c.secret }

// LogValue implements slog.LogValuer: what helps an operator and betrays nothing.
func (c Config) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("listen", c.Listen),
		slog.String("metrics_listen", c.MetricsListen),
		slog.String("base_url", c.BaseURL),
		slog.String("timezone", c.Timezone.String()),
		slog.String("demo", c.Demo.String()),
		slog.String("rate_limit", c.RateLimit.String()),
		slog.String("group_commit", c.GroupCommit.String()),
		slog.Bool("mail", c.SMTP.Host != ""),
		slog.Bool("sms", c.SMS.URL != ""),
	)
}
