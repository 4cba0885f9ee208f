package models

// Occupant tells what a resource is taken for. A feature gives one for each of
// its sources in the kernel's occupancies; calendars and refusals read it.
type Occupant struct {
	ID     int64  // of the source: a screening, a room booking, a lecture
	Span   Span   // the time of the thing itself; the occupancy has the buffers around it
	Title  string // a film, a purpose, a topic
	Who    string // for whom; never told to the public
	State  string // the feature's own word: "booked", "pending"
	Path   string // page of it for staff, "" none
	Taken  int    // places taken, where it has places
	Places int

	Version int64 // grows with every change, for calendars that are subscribed to
}

// QueuedOccupant is a wish for a resource that holds none of its time: it queues behind
// who does.
type QueuedOccupant struct {
	Occupant
	ResourceID int64
}

// Relocation is a wish to have something at another time, or in another place.
type Relocation struct {
	ResourceID int64
	Span       Span
	Reason     string
}
