package room

import (
	"youyue/app/auth"
	"youyue/app/db"
	"youyue/models"
)

// MoveIn is Move in a transaction of the test's, which stays open as long as the test
// needs somebody to wait for it.
func (s *Service) MoveIn(tx *db.Tx, a auth.Actor, uid string, m Moving) error {
	_, err := s.move(tx, a, uid, m)
	return err
}

// CancelIn is Cancel in such a transaction.
func (s *Service) CancelIn(tx *db.Tx, a auth.Actor, uid string) error {
	b, _, err := s.locked(tx, a, uid)
	if err != nil {
		return err
	}
	return s.cancel(tx, a, b, "", models.ChannelOnline)
}

// SaveRoomIn is SaveRoom in such a transaction.
func (s *Service) SaveRoomIn(tx *db.Tx, a auth.Actor, e Entry) (Room, error) {
	return s.saveRoom(tx, a, 0, e)
}

// RetireIn is Retire in such a transaction.
func (s *Service) RetireIn(tx *db.Tx, a auth.Actor, t Target) error {
	return s.retire(tx, a, t, "")
}

// RestoreIn is Restore in such a transaction.
func (s *Service) RestoreIn(tx *db.Tx, a auth.Actor, t Target) error {
	return s.restore(tx, a, t)
}
