package notify

import (
	"strings"

	"youyue/app/auth"
	"youyue/app/web"
	"youyue/app/web/locales"
	"youyue/models"
)

// Words are a notice in the reader's words.
type Words struct {
	Title string
	Text  string
	Path  string // where more is told, "" for nowhere
}

// seatJoin stands between seat labels in Vars["seats"].
const seatJoin = "、"

// shortSeats is how many seats a text message names one by one.
const shortSeats = 4

// Seats joins seat labels as Vars["seats"] wants them.
func Seats(labels []string) string { return strings.Join(labels, seatJoin) }

// Words are the message in the language and zone of the frame.
func (l Letter) Words(f *web.Frame) Words { return wordsFor(f, l.Kind, varsOf(l.Vars)) }

// Words are what is to be said, in the language and zone of the frame.
func (c Call) Words(f *web.Frame) Words { return wordsFor(f, c.Kind, varsOf(c.Vars)) }

// frameOf is what words for a program are made with.
func (s *Service) frameOf(a auth.Actor) *web.Frame {
	return &web.Frame{Lang: locales.Match("", a.Lang), Zone: s.Zone, Now: s.DB.Now()}
}

func (s *Service) words(l locales.Lang, kind string, v vars, now models.Instant) Words {
	return wordsFor(&web.Frame{Lang: l, Zone: s.Zone, Now: now}, kind, v)
}

// wordsFor puts a notice into the language and the zone of the frame.
func wordsFor(f *web.Frame, kind string, v vars) Words {
	moment := func(name string) string {
		at, err := models.ParseInstant(v[name])
		if err != nil {
			return ""
		}
		return f.DateTime(at)
	}
	or := func(name, key string) string {
		if text := v[name]; text != "" {
			return text
		}
		return locales.T(f.Lang, key, nil)
	}
	when := moment("start")
	if proposed := moment("proposed"); proposed != "" {
		when = proposed
	}
	var facts []string
	for _, fact := range []string{v["title"], when, seatWords(f.Lang, v["seats"]), v["place"]} {
		if fact != "" {
			facts = append(facts, fact)
		}
	}
	args := map[string]any{
		"title": v["title"], "facts": strings.Join(facts, locales.T(f.Lang, "notice.facts_join", nil)), "code": v["code"],
		"n": v["n"], "ahead": v["ahead"], "list": v["list"], "deadline": moment("deadline"), "was": moment("start"), "now": when, "reason": or("reason", "notice.no_reason"), "org": or("org", "notice.some_branch"),
	}
	key := "notice." + kind
	if own := key + "." + v[Of]; v[Of] != "" && locales.Has(f.Lang, own+".text") {
		key = own
	}
	return Words{
		Title: locales.T(f.Lang, key+".title", args),
		Text:  locales.T(f.Lang, key+".text", args),
		Path:  v["path"],
	}
}

// seatWords names few seats one by one and counts many.
func seatWords(l locales.Lang, joined string) string {
	labels := strings.Split(joined, seatJoin)
	if len(labels) > shortSeats {
		return locales.T(l, "notice.seats_many", map[string]any{"first": web.SeatList(l, labels[:1]), "n": len(labels)})
	}
	return web.SeatList(l, labels)
}
