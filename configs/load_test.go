package configs_test

import (
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"youyue/configs"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func goodSecret(t *testing.T) string {
	t.Helper()
	return write(t, strings.Repeat("k9Zq2mX7", 4)+"\n")
}

func TestDemoNeedsNoSettings(t *testing.T) {
	t.Parallel()
	c, err := configs.Load("", []string{"YOUYUE_DEMO=on", "PATH=/bin"})
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1:8080", c.Listen)
	require.Equal(t, "http://127.0.0.1:8080", c.BaseURL)
	require.Equal(t, "sqlite:data/youyue.db", c.DatabaseURL)
	require.Equal(t, "Asia/Shanghai", c.Timezone.String())
	require.Equal(t, configs.On, c.RateLimit)
	require.Equal(t, configs.On, c.GroupCommit)
	require.Equal(t, 5*time.Minute, c.OTP.TTL)
	require.Equal(t, 6, c.OTP.Length)
	require.Nil(t, c.SMS.Body)
	require.GreaterOrEqual(t, len(c.Secret()), 32)
}

func TestTheExampleIsValidAndNamesEveryKey(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("youyue.example.yaml")
	require.NoError(t, err)
	text := strings.Replace(string(b), "/etc/youyue/secret", goodSecret(t), 1)
	example, err := configs.Load(write(t, text), nil)
	require.NoError(t, err)

	// A default added to the table and not to the example shows as a difference.
	defaults, err := configs.Load("", []string{"YOUYUE_SECRET_FILE=" + goodSecret(t)})
	require.NoError(t, err)
	require.Equal(t, defaults, example)
	for _, key := range configs.Keys() {
		last := key[strings.LastIndex(key, ".")+1:]
		require.Contains(t, string(b), last+":", "the example does not name %s", key)
	}
}

func TestEnvironmentWinsOverTheFile(t *testing.T) {
	t.Parallel()
	file := write(t, `
listen: 127.0.0.1:1000
demo: true
timezone: UTC
trusted_proxies: [10.1.2.3/8, "::1"]
log_level: warn
smtp:
sms:
  url: https://sms.example/send
  headers: {authorization: Bearer key, X-Number: 7}
  body: '{"to": {{json .Phone}}, "text": {{json .Text}}}'
  success: {status: [200, 202], contains: '"code":0', matches: 'id":\d+'}
otp: {ttl: 10m}
`)
	password := write(t, "from a file\n")
	c, err := configs.Load("", []string{
		"YOUYUE_CONFIG=" + file, "YOUYUE_LISTEN=127.0.0.1:2000", "YOUYUE_BASE_URL=https://youyue.example/",
		"YOUYUE_SMTP_HOST=mail.example", "YOUYUE_SMTP_FROM=文明有约 <a@example.org>", "YOUYUE_SMTP_PASSWORD_FILE=" + password,
		"YOUYUE_SMS_PER_DAY=9", "YOUYUE_TEST_POSTGRES=ignored", "YOUYUE_DATABASE_URL=postgres://u:p@db/youyue",
	})
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1:2000", c.Listen)
	require.Equal(t, "https://youyue.example", c.BaseURL)
	require.Equal(t, configs.On, c.Demo)
	require.Equal(t, []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}, c.TrustedProxies)
	require.Equal(t, slog.LevelWarn, c.LogLevel)
	require.Equal(t, "mail.example", c.SMTP.Host)
	require.Equal(t, "from a file", c.SMTP.Password)
	require.Equal(t, map[string]string{"Authorization": "Bearer key", "X-Number": "7"}, c.SMS.Headers)
	require.Equal(t, 9, c.SMS.PerDay)
	require.Equal(t, 10*time.Minute, c.OTP.TTL)
	require.Equal(t, "postgres://u:p@db/youyue", c.DatabaseURL)

	var body strings.Builder
	require.NoError(t, c.SMS.Body.Execute(&body, configs.Message{Phone: "+86139", Text: `say "hi"`}))
	require.JSONEq(t, `{"to": "+86139", "text": "say \"hi\""}`, body.String())

	require.True(t, c.SMS.Success.Accepts(202, []byte(`{"code":0,"id":12}`)))
	require.False(t, c.SMS.Success.Accepts(500, []byte(`{"code":0,"id":12}`)))
	require.False(t, c.SMS.Success.Accepts(200, []byte(`{"code":7,"id":12}`)))
	require.False(t, c.SMS.Success.Accepts(200, []byte(`{"code":0}`)))
}

func TestListsAndHeadersFromTheEnvironment(t *testing.T) {
	t.Parallel()
	c, err := configs.Load("", []string{
		"YOUYUE_DEMO=on", "YOUYUE_TRUSTED_PROXIES=10.0.0.1, 192.168.0.0/16", "YOUYUE_SMS_URL=http://127.0.0.1:1/x",
		"YOUYUE_SMS_BODY=p={{urlquery .Phone}}", "YOUYUE_SMS_HEADERS=Authorization: Basic a:b\nX-App: 1\n", "YOUYUE_SMS_SUCCESS_STATUS=200,204",
	})
	require.NoError(t, err)
	require.Len(t, c.TrustedProxies, 2)
	require.Equal(t, map[string]string{"Authorization": "Basic a:b", "X-App": "1"}, c.SMS.Headers)
	require.Equal(t, []int{200, 204}, c.SMS.Success.Status)
}

func TestEveryProblemIsReportedAtOnce(t *testing.T) {
	t.Parallel()
	file := write(t, `
lisen: 127.0.0.1:1000
listen: nowhere
metrics_listen: ":http"
database_url: mysql://root:hunter2@db/x
base_url: youyue.example
timezone: Mars/Olympus
demo: maybe
trusted_proxies: [10.0.0.0/99, everyone]
rate_limit: 1
group_commit: [on]
log_level: loud
log_format: xml
station_phone: call us
smtp: {host: mail.example, port: 0, from: nobody, tls: sometimes, pasword: x}
sms: {method: BREW, url: ftp://x, headers: {"bad name": x}, body: "{{.Fone}}", success: {status: [99], matches: "("}, per_day: none}
otp: {ttl: 1s, length: 40}
`)
	_, err := configs.Load(file, []string{"YOUYUE_LISTN=x", "YOUYUE_SMTP_PASSWORD=a", "YOUYUE_SMTP_PASSWORD_FILE=b", "YOUYUE_SMS_PER_NUMBER_HOUR=-1"})
	require.Error(t, err)
	for _, part := range []string{
		`unknown key "lisen"`, "listen (", "metrics_listen (", "database_url (", "base_url (", "timezone (", "demo (",
		"10.0.0.0/99", "everyone", "rate_limit (", "group_commit (", "log_level (", "log_format (", "station_phone (",
		"smtp.port (", "smtp.from (", "smtp.tls (", `unknown key "smtp.pasword"`,
		"sms.method (", "sms.url (", "sms.headers (", "sms.body (", "sms.success.status (", "sms.success.matches (", "sms.per_day (",
		"otp.ttl (", "otp.length (", "unknown variable YOUYUE_LISTN",
		"YOUYUE_SMTP_PASSWORD and YOUYUE_SMTP_PASSWORD_FILE are both set", "sms.per_number_hour (YOUYUE_SMS_PER_NUMBER_HOUR)",
	} {
		require.ErrorContains(t, err, part)
	}
	require.NotContains(t, err.Error(), "hunter2")
	require.NotContains(t, err.Error(), "smtp.from: needed", "one fault is reported once")
}

func TestSettingsThatDoNotGoTogether(t *testing.T) {
	t.Parallel()
	short, dev := write(t, "short"), write(t, configs.DevelopmentSecret)
	for name, c := range map[string]struct {
		env  []string
		want string
	}{
		"no secret":                     {nil, "secret_file: needed outside demo mode; create one with: head -c 32 /dev/urandom | base64 > FILE"},
		"short secret":                  {[]string{"YOUYUE_SECRET_FILE=" + short}, "holds 5 bytes and 32 are the least"},
		"short secret in demo":          {[]string{"YOUYUE_DEMO=on", "YOUYUE_SECRET_FILE=" + short}, "32 are the least"},
		"a secret of one letter":        {[]string{"YOUYUE_SECRET_FILE=" + write(t, strings.Repeat("a", 44))}, "holds only 1 different bytes"},
		"a secret of seven letters":     {[]string{"YOUYUE_SECRET_FILE=" + write(t, strings.Repeat("abcdefg", 7))}, "holds only 7 different bytes"},
		"absent secret file":            {[]string{"YOUYUE_SECRET_FILE=/nowhere/secret"}, "no such file"},
		"development secret":            {[]string{"YOUYUE_SECRET_FILE=" + dev}, "holds the development secret"},
		"absent configuration file":     {[]string{"YOUYUE_DEMO=on", "YOUYUE_CONFIG=/nowhere/c.yaml"}, "configuration file: open /nowhere/c.yaml"},
		"mail without a sender":         {[]string{"YOUYUE_DEMO=on", "YOUYUE_SMTP_HOST=m"}, "smtp.from: needed"},
		"a password in the clear":       {[]string{"YOUYUE_DEMO=on", "YOUYUE_SMTP_HOST=m", "YOUYUE_SMTP_FROM=a@b.org", "YOUYUE_SMTP_USERNAME=u", "YOUYUE_SMTP_TLS=off"}, "in the clear"},
		"messages without a body":       {[]string{"YOUYUE_DEMO=on", "YOUYUE_SMS_URL=http://x/"}, "sms.body: needed"},
		"headers that lead nowhere":     {[]string{"YOUYUE_DEMO=on", "YOUYUE_SMS_HEADERS=A: b"}, "sms.url: needed"},
		"sqlite without a file":         {[]string{"YOUYUE_DEMO=on", "YOUYUE_DATABASE_URL=sqlite:"}, "must name a file"},
		"postgres without a database":   {[]string{"YOUYUE_DEMO=on", "YOUYUE_DATABASE_URL=postgres://h"}, "must be sqlite:PATH or postgres://"},
		"a secret file that is missing": {[]string{"YOUYUE_DEMO=on", "YOUYUE_DATABASE_URL_FILE=/nowhere/url"}, "YOUYUE_DATABASE_URL_FILE: open"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := configs.Load("", c.env)
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), "\n", "one fault is one line")
		})
	}
}

func TestLogsBetrayNothing(t *testing.T) {
	t.Parallel()
	c, err := configs.Load("", []string{"YOUYUE_DEMO=on", "YOUYUE_DATABASE_URL=postgres://u:hunter2@db/youyue", "YOUYUE_SMTP_PASSWORD=hunter2"})
	require.NoError(t, err)
	var out strings.Builder
	slog.New(slog.NewTextHandler(&out, nil)).Info("configuration", "config", c)
	require.Contains(t, out.String(), "Asia/Shanghai")
	require.NotContains(t, out.String(), "hunter2")
	require.NotContains(t, fmt.Sprint(c.LogValue()), "hunter2")
}
