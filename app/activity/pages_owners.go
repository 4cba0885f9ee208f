package activity

import (
	"youyue/app/web"
	"youyue/models"
)

// note is a line to be noticed, none when its text is empty.
type note struct {
	Tone web.Tone
	Text string
}

// ownerNotice tells residents why a session is not open yet: the partner who lends the
// place has not agreed.
func ownerNotice(w wordsIn, v View, m Meeting) note {
	x, waits := v.awaits(m)
	switch {
	case !waits || v.State != models.ActivityOpen:
		return note{}
	case x.Owner.State == models.AskWanted:
		return note{web.ToneInfo, w.t("activity.owner_waits_text", "owner", x.Owner.Owner, "until", x.Owner.Deadline)}
	}
	return note{web.ToneWarn, w.t("activity.owner_moves_text", "owner", x.Owner.Owner)}
}

// ownerState tells the organiser how the partner has answered for a session, and what
// can be done.
func ownerState(w wordsIn, m Meeting) note {
	if m.State != models.SessionPlanned {
		return note{}
	}
	switch m.Owner.State {
	case models.AskNone, models.AskWithdrawn:
		return note{}
	case models.AskWanted:
		return note{web.ToneInfo, w.t("activity.owner_wanted", "owner", m.Owner.Owner, "until", m.Owner.Deadline)}
	case models.AskGiven:
		return note{web.ToneOK, w.t("activity.owner_given", "owner", m.Owner.Owner)}
	case models.AskLapsed:
		return note{web.ToneWarn, w.t("activity.owner_lapsed", "owner", m.Owner.Owner)}
	case models.AskRefused:
	}
	return note{web.ToneWarn, w.t("activity.owner_refused", "owner", m.Owner.Owner, "reason", m.Owner.Reason)}
}
