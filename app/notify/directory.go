package notify

import (
	"strconv"
	"strings"

	"youyue/models"
)

const (
	toAccount = "account:"
	toPerson  = "person:"
)

// address is one way to one recipient.
type address struct {
	recipient string
	channel   models.NoticeChannel
}

// entry is what is known of an account or a person; Account is the keeper of a
// person, Branch the branch that an account is secretary of.
type entry struct {
	Branch  int64
	Person  int64
	Account int64
	Notify  models.NotifyWho
	Phone   bool
	Mail    bool
}

// directory holds the recipients of a batch and what is configured.
type directory struct {
	accounts map[int64]entry
	people   map[int64]entry
	branches map[int64][]int64 // the secretaries of each branch
	sms      bool
	mail     bool
}

// addresses says who hears of a notice, and how. The inbox is for every
// account; a text message costs money, so it needs importance where there is an
// inbox and none where it is the only way. Whom nothing reaches is called.
func (d directory) addresses(n Notice) []address {
	if secretaries := d.branches[n.Branch]; len(secretaries) > 0 {
		var all []address
		for _, id := range secretaries {
			all = append(all, d.ofAccount(id, n.Important)...)
		}
		return all
	}
	p, known := d.people[n.Person]
	account := n.Account
	if account == 0 && known {
		account = p.Account
	}
	switch {
	case account == 0 && n.Person == 0:
		return nil
	case account == 0:
		return d.ofPerson(n.Person)
	case !known, p.Notify == models.NotifyHelper:
		return d.ofAccount(account, n.Important)
	case p.Notify == models.NotifyBoth && p.Phone:
		return append(d.ofAccount(account, n.Important), d.ofPerson(n.Person)...)
	case p.Notify == models.NotifyHolder && p.Phone:
		return d.ofPerson(n.Person)
	}
	return d.ofAccount(account, n.Important) // the wish names a number that is not there
}

func (d directory) ofAccount(id int64, important Importance) []address {
	to := toAccount + strconv.FormatInt(id, 10)
	a, living := d.accounts[id]
	if !living {
		return []address{{to, models.NoticeCall}}
	}
	out := []address{{to, models.NoticeInbox}}
	if a.Phone && d.sms && important == Important {
		out = append(out, address{to, models.NoticeSMS})
	}
	if a.Mail && d.mail {
		out = append(out, address{to, models.NoticeMail})
	}
	return out
}

func (d directory) ofPerson(id int64) []address {
	to := toPerson + strconv.FormatInt(id, 10)
	if d.people[id].Phone && d.sms {
		return []address{{to, models.NoticeSMS}}
	}
	return []address{{to, models.NoticeCall}}
}

// recipientID returns the id in "account:5" when it has that prefix, else 0.
func recipientID(recipient, prefix string) int64 {
	text, ok := strings.CutPrefix(recipient, prefix)
	if !ok {
		return 0
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return id
}
