package account

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"youyue/app/audit"
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/app/errs"
	"youyue/app/secret"
	"youyue/models"
)

const (
	maxPeople  = 10 // kept under one account, besides oneself
	self       = "self"
	maxName    = 40
	maxFound   = 20   // people a desk search shows
	maxScanned = 5000 // desk people whose numbers a search by tail opens
)

// PersonEntry is what is told about somebody.
type PersonEntry struct {
	Name     string
	Relation string
	Phone    string           // as people write it; may be empty
	Notify   models.NotifyWho // empty is the helper
}

// Person is a row with its number opened, for who may see it.
type Person struct {
	models.Person
	Phone string // E.164, "" when none is known
}

// Masked is the person's name as lists and logs show it.
func (p Person) Masked() string { return secret.MaskName(p.Name) }

// People lists who the actor keeps, oneself first.
func (s *Service) People(ctx context.Context, a auth.Actor) ([]Person, error) {
	var out []Person
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		rows, err := peopleOf(tx, a.AccountID)
		if err != nil {
			return err
		}
		out, err = s.openAll(rows)
		return err
	})
	return out, err
}

// AddPerson keeps somebody under the actor's account; ErrTooMany at ten.
func (s *Service) AddPerson(ctx context.Context, a auth.Actor, in PersonEntry) (Person, error) {
	p, err := s.personOf(in)
	if err != nil {
		return Person{}, err
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		// The account's row makes two additions at once count one another.
		if _, err := accountByID(tx, a.AccountID, tx.ForUpdate()); err != nil {
			return err
		}
		kept, err := peopleOf(tx, a.AccountID)
		if err != nil {
			return err
		}
		n := 0
		for _, k := range kept {
			if k.Relation != self {
				n++
			}
		}
		if n >= maxPeople {
			return ErrTooMany.With("max", maxPeople)
		}
		p.ID, p.AccountID, p.CreatedBy, p.CreatedAt = 0, &a.AccountID, &a.AccountID, tx.Now()
		if err := insertPerson(tx, &p.Person); err != nil {
			return err
		}
		if err := agreed(tx, a, &p.Person, models.ChannelOnline); err != nil {
			return err
		}
		return s.recordPerson(tx, a, "person.add", p, "")
	})
	return p, err
}

// ChangePerson changes somebody the actor keeps; errs.ErrNotFound for others'.
// Of oneself only the number and who is told can be changed here.
func (s *Service) ChangePerson(ctx context.Context, a auth.Actor, id int64, in PersonEntry) (Person, error) {
	p, err := s.personOf(in)
	if err != nil {
		return Person{}, err
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		old, err := keptPerson(tx, a.AccountID, id)
		if err != nil {
			return err
		}
		before, err := s.open(old)
		if err != nil {
			return err
		}
		n := p.Person
		p.Person = old
		p.PhoneEnc, p.PhoneIndex, p.Notify = n.PhoneEnc, n.PhoneIndex, n.Notify
		if old.Relation != self {
			p.Name, p.Relation = n.Name, n.Relation
		}
		if err := setPerson(tx, p.Person); err != nil {
			return err
		}
		return s.recordPerson(tx, a, "person.change", p, before.words())
	})
	return p, err
}

// ArchivePerson lets somebody go; bookings for them stay. Oneself stays too.
func (s *Service) ArchivePerson(ctx context.Context, a auth.Actor, id int64) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		old, err := keptPerson(tx, a.AccountID, id)
		if err != nil {
			return err
		}
		if old.Relation == self {
			return errs.ErrForbidden
		}
		if err := archivePerson(tx, id); err != nil {
			return err
		}
		return s.recordPerson(tx, a, "person.archive", Person{Person: old}, "")
	})
}

// EnsureSelf returns the person that stands for the actor, made when first asked for.
func EnsureSelf(tx *db.Tx, a auth.Actor) (models.Person, error) {
	return ensureSelf(tx, a.AccountID, a.Name)
}

// EnsureDeskPerson returns the caller whom a desk of orgID knows by this name
// and number, made when first asked for; without a number it is always a new
// person, because two people may share a name: search first, and book for the
// one that was found. The clerk has read the notice on personal data out, by the
// channel on which the caller is. The actor needs BookForOthers at the organisation.
func (s *Service) EnsureDeskPerson(tx *db.Tx, a auth.Actor, orgID int64, name, phone string, ch models.Channel) (Person, error) {
	p, err := s.ensureAt(tx, a, auth.BookForOthers, orgID, name, phone)
	if err != nil {
		return p, err
	}
	return p, agreed(tx, a, &p.Person, ch)
}

// EnsureContact is EnsureDeskPerson for somebody at work there: a projectionist
// whom the cinema names. The actor needs HallConfirm at the organisation.
func (s *Service) EnsureContact(tx *db.Tx, a auth.Actor, orgID int64, name, phone string) (Person, error) {
	return s.ensureAt(tx, a, auth.HallConfirm, orgID, name, phone)
}

// EnsureMember returns who is meant by a name and a number in a team: the account
// that has the number, or else somebody whom the team knows, as EnsureDeskPerson.
// Without a number it is neither. The actor keeps the menu for the team or leads it.
func (s *Service) EnsureMember(tx *db.Tx, a auth.Actor, orgID int64, name, phone string) (account, person *int64, err error) {
	if strings.TrimSpace(phone) == "" {
		return nil, nil, nil
	}
	needs := auth.LectureServe
	if a.Can(auth.LectureMenu) {
		needs = auth.LectureMenu
	}
	p, err := s.ensureAt(tx, a, needs, orgID, name, phone)
	if err != nil {
		return nil, nil, err
	}
	acc, err := accountByPhone(tx, *p.PhoneIndex)
	switch {
	case errors.Is(err, errs.ErrNotFound):
		return nil, &p.ID, nil
	case err != nil:
		return nil, nil, err
	}
	return &acc.ID, &p.ID, nil
}

func (s *Service) ensureAt(tx *db.Tx, a auth.Actor, needs auth.Permission, orgID int64, name, phone string) (Person, error) {
	p, err := s.personOf(PersonEntry{Name: name, Phone: phone, Notify: models.NotifyHolder})
	if err != nil {
		return p, err
	}
	path, err := orgPath(tx, orgID)
	if err != nil {
		return p, err
	}
	if !a.CanAt(needs, path) {
		return p, errs.ErrForbidden
	}
	if p.PhoneIndex != nil {
		if err := lockWord(tx, "desk person "+*p.PhoneIndex); err != nil {
			return p, err
		}
		known, found, err := deskPerson(tx, orgID, *p.PhoneIndex, p.Name)
		if err != nil {
			return p, err
		}
		if found {
			p.Person = known
			return p, nil
		}
	}
	p.OrgID, p.CreatedBy, p.CreatedAt = &orgID, &a.AccountID, tx.Now()
	if err := insertPerson(tx, &p.Person); err != nil {
		return p, err
	}
	return p, s.recordPerson(tx, a, "person.desk", p, "")
}

// AddDeskPerson is EnsureDeskPerson in a transaction of its own.
func (s *Service) AddDeskPerson(ctx context.Context, a auth.Actor, orgID int64, name, phone string, ch models.Channel) (Person, error) {
	var p Person
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) { p, err = s.EnsureDeskPerson(tx, a, orgID, name, phone, ch); return })
	return p, err
}

// FindPeople is the desk's search by name, by the last digits of a number (four
// at least) or by a whole number. It finds the desk people of the actor's
// scope; a whole number finds the account holder who has it too. At most
// twenty, the latest first.
func (s *Service) FindPeople(ctx context.Context, a auth.Actor, text string) ([]Person, error) {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) < 1 || utf8.RuneCountInString(text) > maxName {
		return nil, nil
	}
	scope := a.Scope(auth.BookForOthers)
	if len(scope) == 0 {
		return nil, nil
	}
	var out []Person
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		if digits := plainCode(text); isDigits(digits) && len(digits) >= 4 {
			return s.findByNumber(tx, scope, digits, &out)
		}
		rows, err := deskPeopleByName(tx, scope, text, maxFound)
		if err != nil {
			return err
		}
		out, err = s.openAll(rows)
		return err
	})
	return out, err
}

func (s *Service) findByNumber(tx *db.Tx, scope []string, digits string, out *[]Person) error {
	if phone, err := secret.Phone(digits); err == nil {
		rows, err := peopleByPhone(tx, scope, s.box.PhoneIndex(phone), maxFound)
		if err != nil {
			return err
		}
		*out, err = s.openAll(rows)
		return err
	}
	rows, err := deskPeopleWithPhone(tx, scope, maxScanned)
	if err != nil {
		return err
	}
	for _, r := range rows {
		p, err := s.open(r)
		if err != nil {
			return err
		}
		if strings.HasSuffix(p.Phone, digits) && len(*out) < maxFound {
			*out = append(*out, p)
		}
	}
	return nil
}

func isDigits(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// personOf checks an entry and seals its number.
func (s *Service) personOf(in PersonEntry) (Person, error) {
	name, faults := plainName("name", in.Name)
	relation, odd := in.Relation, []errs.Field(nil)
	if relation = strings.TrimSpace(relation); relation != "" {
		relation, odd = plainName("relation", relation)
	}
	faults = append(faults, odd...)
	p := Person{Person: models.Person{Name: name, Relation: relation, Notify: in.Notify}}
	if p.Notify == "" {
		p.Notify = models.NotifyHelper
	}
	if p.Relation == self {
		faults = append(faults, errs.Field{Name: "relation", Code: "relation"})
	}
	if strings.TrimSpace(in.Phone) != "" {
		phone, err := secret.Phone(in.Phone)
		if err != nil {
			faults = append(faults, errs.Field{Name: "phone", Code: "phone"})
		} else {
			index := s.box.PhoneIndex(phone)
			p.Phone, p.PhoneEnc, p.PhoneIndex = phone, s.box.Seal(phone), &index
		}
	}
	if len(faults) > 0 {
		return p, errs.ErrInvalid.At(faults...)
	}
	return p, nil
}

// plainName is a name as it is kept, or what is wrong with it.
func plainName(field, name string) (string, []errs.Field) {
	clean, ok := models.PlainText(name)
	switch {
	case strings.TrimSpace(name) == "":
		return "", []errs.Field{{Name: field, Code: "required"}}
	case !ok:
		return "", []errs.Field{{Name: field, Code: "plain"}}
	case utf8.RuneCountInString(clean) > maxName:
		return "", []errs.Field{{Name: field, Code: "max", Args: map[string]any{"param": maxName}}}
	}
	return clean, nil
}

func (s *Service) open(row models.Person) (Person, error) {
	phone, err := s.box.Open(row.PhoneEnc)
	return Person{Person: row, Phone: phone}, err
}

func (s *Service) openAll(rows []models.Person) ([]Person, error) {
	out := make([]Person, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = s.open(r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// words is the person masked, for the log.
func (p Person) words() string {
	return strings.TrimSpace(p.Masked() + " " + secret.MaskPhone(p.Phone) + " " + string(p.Notify))
}

func (s *Service) recordPerson(tx *db.Tx, a auth.Actor, action string, p Person, before string) error {
	l := audit.By(tx, a, channelOf(a))
	l.Action, l.SubjectKind, l.SubjectID = action, "person", strconv.FormatInt(p.ID, 10)
	l.PersonID, l.OrgID, l.Before, l.After = &p.ID, p.OrgID, before, p.words()
	return audit.Write(tx, l)
}
