package audit

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"youyue/app/web"
	"youyue/app/web/locales"
	"youyue/models"
)

// teller puts what the log keeps into the words of a reader. The log itself stays as
// it was written: codes, numbers and moments in UTC, the same for whoever reads it.
type teller struct {
	lang  locales.Lang
	zone  *time.Location
	frame web.Frame
}

func newTeller(lang locales.Lang, zone *time.Location, now models.Instant) teller {
	return teller{lang, zone, web.Frame{Lang: lang, Zone: zone, Now: now}}
}

var (
	moment  = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z`)
	counted = regexp.MustCompile(`\b(\d+) (seats a person|with a seat|of another kind|walk-ins|checked in|hours before|[a-z]+\b)`)
	named   = regexp.MustCompile(`\b(rule version|[a-z]+) (\d+)\b`)
	code    = regexp.MustCompile(`holds true|holds false|free again|from before|[a-z][a-z_]+`)
	place   = regexp.MustCompile(`\b(\d+) at (\S)`)
	path    = regexp.MustCompile(` (?:/\d+)+/`)
	member  = regexp.MustCompile(`(?:^|[ {])([A-Z][A-Za-z]+):`)
	opening = regexp.MustCompile(`\{\d+ \d+ (?:<nil>|\S+) (\d) (\d+) (\d+)\}`)
)

// say is a part of a line in words: moments as dates, numbers with what they count,
// codes as the pages call them. What it does not know it leaves as it is.
func (t teller) say(text string) string {
	if hours := opening.FindAllStringSubmatch(text, -1); hours != nil {
		return t.hours(hours)
	}
	if at := member.FindAllStringSubmatchIndex(text, -1); len(at) > 1 && strings.Contains(text, "{") {
		return t.members(text, at)
	}
	text = moment.ReplaceAllStringFunc(text, t.moment)
	text = path.ReplaceAllString(text, "")
	text = place.ReplaceAllStringFunc(text, func(m string) string {
		x := place.FindStringSubmatch(m)
		return t.with("audit.count.at", x[1]) + x[2]
	})
	text = counted.ReplaceAllStringFunc(text, func(m string) string {
		x := counted.FindStringSubmatch(m)
		return t.or("audit.count."+strings.NewReplacer(" ", "_", "-", "_").Replace(x[2]), x[1], m)
	})
	text = named.ReplaceAllStringFunc(text, func(m string) string {
		x := named.FindStringSubmatch(m)
		return t.or("audit.nth."+strings.ReplaceAll(x[1], " ", "_"), x[2], m)
	})
	text = code.ReplaceAllStringFunc(text, t.word)
	if t.lang == locales.ZhCN {
		text = strings.NewReplacer(" ，", "，", ", ", "，", ": ", "：").Replace(text)
	}
	return text
}

func (t teller) moment(text string) string {
	var at models.Instant
	if err := at.UnmarshalText([]byte(text)); err != nil {
		return text
	}
	return t.frame.DateTime(at)
}

func (t teller) with(key, n string) string {
	return locales.T(t.lang, key, map[string]any{"n": n})
}

// or is a text with a number, or what stood there when there is no such text.
func (t teller) or(key, n, otherwise string) string {
	if !locales.Has(t.lang, key) {
		return otherwise
	}
	return t.with(key, n)
}

// word is a code as pages call it: a state, a role, who is told.
func (t teller) word(code string) string {
	for _, prefix := range []string{"audit.word.", "role."} {
		if key := prefix + strings.ReplaceAll(code, " ", "_"); locales.Has(t.lang, key) {
			return locales.T(t.lang, key, nil)
		}
	}
	return code
}

// hours are opening hours: the day of the week, from and to in minutes.
func (t teller) hours(rows [][]string) string {
	out := make([]string, len(rows))
	for i, x := range rows {
		from, _ := strconv.Atoi(x[2]) // digits, by the expression
		to, _ := strconv.Atoi(x[3])
		out[i] = t.word("day_"+x[1]) + fmt.Sprintf(" %d:%02d–%d:%02d", from/60, from%60, to/60, to%60)
	}
	return strings.Join(out, t.word("semicolon"))
}

// members are the parts of an entry, "{Name:… Phone:…}", by their names; those that
// say nothing to people, numbers of rows and what was left empty, are left out.
func (t teller) members(text string, at [][]int) string {
	var out []string
	for i, x := range at {
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		key, value := "audit.part."+text[x[2]:x[3]], strings.Trim(text[x[1]:end], " {}")
		if value == "" || value == "<nil>" || strings.HasPrefix(value, "0x") || !locales.Has(t.lang, key) {
			continue
		}
		out = append(out, locales.T(t.lang, key, nil)+t.word("colon")+t.word(value))
	}
	return strings.Join(out, t.word("semicolon"))
}
