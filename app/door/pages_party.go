package door

import (
	"youyue/app/booking"
	"youyue/app/screening"
	"youyue/app/web"
	"youyue/models"
)

// doorLine is one person or seat of a party, with a box to tick.
type doorLine struct {
	Field string // "attendees" or "seats"
	ID    int64
	Text  string
	Seat  string // of a person, the seat given to them
	In    bool
	Late  bool
	At    models.Instant
	Came  models.Came
	Door  string
}

// doorParty is a booking at the door.
type doorParty struct {
	Entry
	Show     string // the code in two groups
	Lines    []doorLine
	Here     []booking.Arrival // who may be taken back
	Left     int               // how many are missing
	Late     int
	Ticked   bool // the boxes come ticked: it is likely that all are here
	Fold     bool // too long to be shown at once
	All      bool // everybody is in
	Released string
	NoShow   bool // nobody came and all seats were let go
}

// doorParty lists the members of a party, then the seats that are nobody's.
func (s *Service) doorParty(w web.Words, e Entry) doorParty {
	p := doorParty{Entry: e, Show: booking.ShowCode(e.Code), Here: e.Who.Already, Left: e.Missing(), NoShow: len(e.Seats) == 0}
	p.All = p.Left == 0 && !p.NoShow
	p.Fold = len(e.Seats) > bigParty
	p.Ticked = !p.Fold && len(e.Who.Attendees) == 0
	if len(e.Who.Released) > 0 {
		p.Released = screening.SeatWords(w, e.Who.Released)
	}
	here := map[int64]booking.Arrival{}
	for _, x := range e.Who.Already {
		here[x.SeatID] = x
		if x.Late {
			p.Late++
		}
	}
	named := map[int64]bool{} // seats that a member has
	floating := 0             // members who take any
	for _, c := range e.Who.Attendees {
		l := doorLine{Field: "attendees", ID: c.ID, Text: c.Name}
		if c.Seat != nil {
			_, head := here[c.Seat.ID] // somebody came, and nobody knows who: a line of its own
			named[c.Seat.ID], l.Seat = c.Here != nil || !head, c.Seat.Label
		} else {
			floating++
		}
		if c.Here != nil {
			l = l.here(*c.Here)
		}
		p.Lines = append(p.Lines, l)
	}
	for _, seat := range e.Seats {
		x, in := here[seat.ID]
		switch {
		case named[seat.ID]:
			continue
		case !in && floating > 0: // it is for a member who has no seat yet
			floating--
			continue
		}
		l := doorLine{Field: "seats", ID: seat.ID, Text: screening.SeatList(w, []booking.SeatRef{seat})}
		if in {
			l = l.here(x)
		}
		p.Lines = append(p.Lines, l)
	}
	return p
}

func (l doorLine) here(x booking.Arrival) doorLine {
	l.In, l.Late, l.At, l.Came, l.Door = true, x.Late, x.At, x.Came, x.Door
	return l
}
