package lecture

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
)

// What links are signed for.
const (
	linkOffer  = "lecture offer"
	linkRating = "lecture rating"
)

// newToken is 128 random bits.
func newToken() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// draw is a random number from 0 to 1, below 1.
func draw() float64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return float64(binary.LittleEndian.Uint64(b[:])>>11) / (1 << 53)
}

// link makes a signed word for a purpose, and the hash that is kept of it.
func (s *Service) link(purpose string) (word, hash string) {
	word = s.Box.Sign(purpose, s.NewToken())
	return word, hashOf(word)
}

// genuine returns the hash of a word that we signed for a purpose. A forged one
// costs no question to the database.
func (s *Service) genuine(purpose, word string) (hash string, ok bool) {
	if _, ok := s.Box.Verify(purpose, word); !ok {
		return "", false
	}
	return hashOf(word), true
}

func hashOf(word string) string {
	sum := sha256.Sum256([]byte(word))
	return hex.EncodeToString(sum[:])
}
