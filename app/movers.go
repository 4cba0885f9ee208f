package app

import (
	"context"

	"youyue/app/activity"
	"youyue/app/auth"
	"youyue/app/room"
	"youyue/app/screening"
	"youyue/models"
)

// roomMover moves bookings of rooms on the calendar.
type roomMover struct{ rooms *room.Service }

func (m roomMover) CheckMove(ctx context.Context, who auth.Actor, id int64, to models.Relocation) error {
	w := roomMove(to)
	w.Only = true
	return m.rooms.Relocate(ctx, who, id, w)
}

func (m roomMover) Move(ctx context.Context, who auth.Actor, id int64, to models.Relocation) error {
	return m.rooms.Relocate(ctx, who, id, roomMove(to))
}

func roomMove(to models.Relocation) room.Moving {
	return room.Moving{Another: room.Another{Span: to.Span, RoomID: to.ResourceID, Reason: to.Reason}}
}

// screeningMover moves screenings on the calendar.
type screeningMover struct{ screenings *screening.Service }

func (m screeningMover) CheckMove(ctx context.Context, who auth.Actor, id int64, to models.Relocation) error {
	_, err := m.screenings.Move(ctx, who, id, screening.Moving{Relocation: to, Only: true})
	return err
}

func (m screeningMover) Move(ctx context.Context, who auth.Actor, id int64, to models.Relocation) error {
	_, err := m.screenings.Move(ctx, who, id, screening.Moving{Relocation: to})
	return err
}

// closureMover moves closures of rooms on the calendar.
type closureMover struct{ rooms *room.Service }

func (m closureMover) CheckMove(ctx context.Context, who auth.Actor, id int64, to models.Relocation) error {
	return m.rooms.CheckMoveClosure(ctx, who, id, to)
}

func (m closureMover) Move(ctx context.Context, who auth.Actor, id int64, to models.Relocation) error {
	return m.rooms.MoveClosure(ctx, who, id, to)
}

// sessionMover moves sessions of activities on the calendar.
type sessionMover struct{ activities *activity.Service }

func (m sessionMover) CheckMove(ctx context.Context, who auth.Actor, id int64, to models.Relocation) error {
	return m.activities.CheckMove(ctx, who, id, to)
}

func (m sessionMover) Move(ctx context.Context, who auth.Actor, id int64, to models.Relocation) error {
	return m.activities.Relocate(ctx, who, id, to)
}
