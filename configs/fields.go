package configs

import (
	"errors"
	"net/http"
	"strings"
	"time"
)

// field is one setting: its key in the file, its default, and how a value is
// read. The table in fields is the only list of settings there is.
type field struct {
	key    string
	def    any
	read   func(v any) error
	secret bool // may come from a file that YOUYUE_…_FILE names
	open   bool // a map with keys of the operator's own
}

// env is the name of the variable that sets the field.
func (f field) env() string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(f.key, ".", "_"))
}

func (f field) holds(key string) bool {
	return key == f.key || f.open && strings.HasPrefix(key, f.key+".")
}

func (c *Config) fields() []field {
	sms, smtp := &c.SMS, &c.SMTP
	return []field{
		{key: "listen", def: "127.0.0.1:8080", read: text(&c.Listen, address)},
		{key: "metrics_listen", def: "", read: text(&c.MetricsListen, optional(address))},
		{key: "database_url", def: "sqlite:data/youyue.db", secret: true, read: text(&c.DatabaseURL, databaseURL)},
		{key: "base_url", def: "", read: text(&c.BaseURL, optional(httpURL))},
		{key: "timezone", def: "Asia/Shanghai", read: parsed(&c.Timezone, zone)},
		{key: "demo", def: "off", read: parsed(&c.Demo, position)},
		{key: "secret_file", def: "", read: parsed(&c.secret, secretFile)},
		{key: "trusted_proxies", def: "", read: list(&c.TrustedProxies, network)},
		{key: "rate_limit", def: "on", read: parsed(&c.RateLimit, position)},
		{key: "group_commit", def: "on", read: parsed(&c.GroupCommit, position)},
		{key: "log_level", def: "info", read: parsed(&c.LogLevel, level)},
		{key: "log_format", def: "json", read: parsed(&c.LogFormat, oneOf(LogJSON, LogText))},
		{key: "station_phone", def: "", read: text(&c.StationPhone, optional(phone))},
		{key: "smtp.host", def: "", read: text(&smtp.Host)},
		{key: "smtp.port", def: 587, read: number(&smtp.Port, 1, 65535)},
		{key: "smtp.username", def: "", read: text(&smtp.Username)},
		{key: "smtp.password", def: "", secret: true, read: text(&smtp.Password)},
		{key: "smtp.from", def: "", read: text(&smtp.From, optional(mailAddress))},
		{key: "smtp.tls", def: "starttls", read: parsed(&smtp.TLS, oneOf(MailStartTLS, MailImplicit, MailPlain))},
		{key: "sms.method", def: "POST", read: parsed(&sms.Method, oneOf(http.MethodPost, http.MethodGet, http.MethodPut))},
		{key: "sms.url", def: "", secret: true, read: text(&sms.URL, optional(httpURL))},
		{key: "sms.headers", def: "", secret: true, open: true, read: headers(&sms.Headers)},
		{key: "sms.body", def: "", secret: true, read: parsed(&sms.Body, body)},
		{key: "sms.success.status", def: "200", read: list(&sms.Success.Status, status)},
		{key: "sms.success.contains", def: "", read: text(&sms.Success.Contains)},
		{key: "sms.success.matches", def: "", read: parsed(&sms.Success.Matches, pattern)},
		{key: "sms.per_number_hour", def: 5, read: number(&sms.PerNumberHour, 1, 1000)},
		{key: "sms.per_address_hour", def: 20, read: number(&sms.PerAddressHour, 1, 1_000_000)},
		{key: "sms.per_day", def: 5000, read: number(&sms.PerDay, 1, 10_000_000)},
		{key: "otp.ttl", def: "5m", read: duration(&c.OTP.TTL, time.Minute, time.Hour)},
		{key: "otp.length", def: 6, read: number(&c.OTP.Length, 4, 10)},
	}
}

// together fills in what follows from other settings, and checks what only
// several have in common; faulty holds the keys that are already reported.
func (c *Config) together(faulty map[string]bool) (problems []error) {
	if c.BaseURL == "" {
		c.BaseURL = "http://" + c.Listen
	}
	c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	if c.SMTP.Host != "" && c.SMTP.From == "" && !faulty["smtp.from"] {
		problems = append(problems, errors.New("smtp.from: needed when smtp.host is set"))
	}
	if c.SMTP.Host != "" && c.SMTP.Username != "" && c.SMTP.TLS == MailPlain {
		problems = append(problems, errors.New("smtp.tls: off would send the password in the clear"))
	}
	if c.SMS.URL != "" && c.SMS.Body == nil && !faulty["sms.body"] {
		problems = append(problems, errors.New("sms.body: needed when sms.url is set"))
	}
	if c.SMS.URL == "" && !faulty["sms.url"] && len(c.SMS.Headers) > 0 {
		problems = append(problems, errors.New("sms.url: needed when sms.headers are set"))
	}
	switch {
	case faulty["secret_file"] || faulty["demo"]:
	case c.Demo == Off && string(c.secret) == developmentSecret:
		problems = append(problems, errors.New("secret_file: holds the development secret, which demo mode alone accepts; "+createSecret))
	case c.Demo == On && c.secret == nil:
		c.secret = []byte(developmentSecret)
	case c.secret == nil:
		problems = append(problems, errors.New("secret_file: needed outside demo mode; "+createSecret))
	}
	if c.Demo == On && c.StationPhone == "" {
		c.StationPhone = demoPhone
	}
	return problems
}

// demoPhone shows where the help line stands; nobody has this number.
const demoPhone = "0351-0000000"

// developmentSecret signs in demo mode when no secret file is named. It is
// public, so it is refused everywhere else.
const developmentSecret = "youyue development secret: public, refused outside demo mode"

// createSecret is the cure that every refusal of a secret names.
const createSecret = "create one with: head -c 32 /dev/urandom | base64 > FILE"
