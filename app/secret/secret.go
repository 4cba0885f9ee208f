// Package secret seals what must not lie open in the database, finds it again
// by a blind index, signs links and tickets, and masks people for logs and
// lists. Every key is derived from the installation's one secret.
package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// MinSecret is the fewest bytes a secret may have.
const MinSecret = 32

// ErrUnreadable: the text was sealed with another secret, or is damaged.
var ErrUnreadable = errors.New("sealed text cannot be opened")

// tagBytes is how much of an HMAC a signature carries: 128 bits keep a QR code small.
const tagBytes = 16

var b64 = base64.RawURLEncoding

// Box holds the derived keys. It is safe for concurrent use.
type Box struct {
	id    string
	aead  cipher.AEAD
	index []byte
	sign  []byte
}

// New derives the keys; a secret shorter than MinSecret is refused.
func New(secret []byte) (*Box, error) {
	if len(secret) < MinSecret {
		return nil, fmt.Errorf("secret: %d bytes, want at least %d", len(secret), MinSecret)
	}
	var keys [4][]byte
	for i, purpose := range []string{"key id", "seal", "blind index", "sign"} {
		k, err := hkdf.Key(sha256.New, secret, nil, "youyue "+purpose, 32)
		if err != nil {
			return nil, fmt.Errorf("secret: %w", err)
		}
		keys[i] = k
	}
	block, err := aes.NewCipher(keys[1])
	if err != nil {
		return nil, fmt.Errorf("secret: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("secret: %w", err)
	}
	return &Box{id: hex.EncodeToString(keys[0][:4]), aead: aead, index: keys[2], sign: keys[3]}, nil
}

// Seal encrypts a text with AES-256-GCM under a fresh nonce. The result begins
// with the id of the key, so that a change of secret is seen and not guessed at.
// Nothing seals to nothing.
func (b *Box) Seal(text string) string {
	if text == "" {
		return ""
	}
	nonce := make([]byte, b.aead.NonceSize())
	_, _ = rand.Read(nonce) // never fails, by its contract
	return b.id + "." + b64.EncodeToString(b.aead.Seal(nonce, nonce, []byte(text), []byte(b.id)))
}

// Open reads what Seal wrote; ErrUnreadable when it was another secret or the
// text is damaged.
func (b *Box) Open(sealed string) (string, error) {
	if sealed == "" {
		return "", nil
	}
	id, body, _ := strings.Cut(sealed, ".")
	raw, err := b64.DecodeString(body)
	if err != nil || id != b.id || len(raw) < b.aead.NonceSize() {
		return "", ErrUnreadable
	}
	text, err := b.aead.Open(nil, raw[:b.aead.NonceSize()], raw[b.aead.NonceSize():], []byte(id))
	if err != nil {
		return "", ErrUnreadable
	}
	return string(text), nil
}

// Index is the keyed blind index of a value: equal values of one domain have
// equal indexes, and without the secret nothing can be tried against them.
func (b *Box) Index(domain, value string) string {
	return b64.EncodeToString(mac(b.index, domain, value)[:24])
}

// Sign makes payload into one short, URL-safe word that only Verify with the
// same purpose accepts. It is readable by anyone: sign ids, never secrets.
func (b *Box) Sign(purpose, payload string) string {
	return b64.EncodeToString(append(mac(b.sign, purpose, payload)[:tagBytes], payload...))
}

// Verify returns the payload of a word that Sign made for this purpose.
func (b *Box) Verify(purpose, word string) (payload string, ok bool) {
	raw, err := b64.Strict().DecodeString(word)
	if err != nil || len(raw) < tagBytes {
		return "", false
	}
	payload = string(raw[tagBytes:])
	if !hmac.Equal(raw[:tagBytes], mac(b.sign, purpose, payload)[:tagBytes]) {
		return "", false
	}
	return payload, true
}

// mac keeps domain and value apart by the domain's length.
func mac(key []byte, domain, value string) []byte {
	h := hmac.New(sha256.New, key)
	fmt.Fprintf(h, "%d:%s:%s", len(domain), domain, value)
	return h.Sum(nil)
}
