package room

import (
	"strconv"

	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/notify"
	"youyue/models"
)

func askSubject(id int64) string { return "owner_ask:" + strconv.FormatInt(id, 10) }

func askPath(id int64) string { return "/room-asks/" + strconv.FormatInt(id, 10) }

// askNotice is one about times of an ask: the first of them, and how many. The id of
// that time tells it from others about the same ask.
func askNotice(k Ask, kind string, times []AskTime) notify.Notice {
	first := times[0]
	return notify.Notice{Kind: kind, Subject: askSubject(k.ID), Vars: map[string]string{"title": k.Title, "start": first.StartsAt.String(),
		"place": k.Venue + " " + first.Title(), "org": k.Org, "n": strconv.Itoa(len(times)), "deadline": k.Deadline.String(), "path": askPath(k.ID)}}
}

// tellAsked tells the partner what is wanted, and until when.
func (s *Service) tellAsked(tx *db.Tx, k Ask) error {
	return s.notices.TellRole(tx, auth.Partner, k.OwnerPath, askNotice(k, notify.OwnerAsked, k.Times))
}

// tellWithdrawn tells the partner of times that are not wanted any more; of those that
// it had refused it need not hear.
func (s *Service) tellWithdrawn(tx *db.Tx, a auth.Actor, k Ask, gone []AskTime) error {
	if len(k.Waiting(models.Instant{})) == 0 {
		if err := s.notices.Void(tx, askSubject(k.ID), notify.OwnerAsked); err != nil {
			return err
		}
	}
	var theirs []AskTime
	for _, t := range gone {
		if t.State == models.AskWanted || t.State == models.AskGiven {
			theirs = append(theirs, t)
		}
	}
	if len(theirs) == 0 || k.mayAnswer(a) {
		return nil
	}
	n := askNotice(k, notify.OwnerWithdrawn, theirs)
	n.Subject += ":" + strconv.FormatInt(theirs[0].ID, 10)
	return s.notices.TellRole(tx, auth.Partner, k.OwnerPath, n)
}

// tellAnswered tells whoever asked what came of it, for which dates and why.
func (s *Service) tellAnswered(tx *db.Tx, k Ask, state models.AskState, times []AskTime, reason string) error {
	n := askNotice(k, map[models.AskState]string{models.AskGiven: notify.OwnerAgreed, models.AskRefused: notify.OwnerRefused, models.AskLapsed: notify.OwnerLapsed}[state], times)
	n.Subject += ":" + strconv.FormatInt(times[0].ID, 10)
	n.Account, n.Important = k.CreatedBy, notify.Important
	n.Vars["path"], n.Vars["reason"], n.Vars["org"] = k.Path, reason, k.Owner
	n.Vars["list"] = s.dates(times)
	return s.notices.Enqueue(tx, n)
}

// dates names times by day and hour, as both languages read them: 12-03 19:00.
func (s *Service) dates(times []AskTime) string {
	out := ""
	for i, t := range times {
		if i > 0 {
			out += "、"
		}
		out += t.StartsAt.In(s.zone).Format("01-02 15:04")
	}
	return out
}
