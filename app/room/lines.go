package room

import (
	"fmt"
	"strings"

	"youyue/models"
)

// The lines below are what the log says of a setting: key=value, hours as 08:00-22:00,
// and nothing of what is empty.

func pairs(values ...any) string {
	var out []string
	for i := 0; i+1 < len(values); i += 2 {
		if text := fmt.Sprint(values[i+1]); text != "" {
			out = append(out, fmt.Sprintf("%s=%s", values[i], text))
		}
	}
	return strings.Join(out, ", ")
}

func (e VenueEntry) line() string {
	owner := ""
	if e.OwnerID != nil {
		owner = fmt.Sprint(*e.OwnerID)
	}
	return pairs("code", e.Code, "name", e.Name, "org", e.OrgID, "owner", owner, "address", e.Address, "phone", e.Phone, "route", e.Route)
}

// dayWords are the days of opening hours.
var dayWords = [...]string{"", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "holidays", "make-up workdays"}

func hoursLine(all []models.OpeningHours) string {
	out := make([]string, len(all))
	for i, h := range all {
		out[i] = dayWords[h.Day] + "=" + minutesLine(models.Minutes{From: h.Opens, To: h.Closes})
	}
	if len(out) == 0 {
		return "none of its own"
	}
	return strings.Join(out, ", ")
}

func minutesLine(m models.Minutes) string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", m.From/60, m.From%60, m.To/60, m.To%60)
}

func (x Exception) line() string {
	hours := "closed"
	if len(x.Hours) > 0 {
		open := make([]string, len(x.Hours))
		for i, m := range x.Hours {
			open[i] = minutesLine(m)
		}
		hours = strings.Join(open, " ")
	}
	return pairs("day", x.Day, "hours", hours, "reason", x.Reason)
}

func ruleLine(r models.RoomRule) string {
	room := ""
	if r.RoomID != nil {
		room = fmt.Sprint(*r.RoomID)
	}
	return pairs("who", r.Who, "room", room, "ahead_days", r.AheadDays, "ahead_min", r.AheadMin, "longest_min", r.LongestMin, "per_week", r.PerWeek,
		"approve", r.Approve, "desk_percent", r.DeskPercent, "cancel_min", r.CancelMin, "grace_min", r.GraceMin,
		"strikes", r.Strikes, "strike_days", r.StrikeDays, "pause_days", r.PauseDays)
}
