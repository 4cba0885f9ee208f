package account

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"youyue/app/errs"

	"golang.org/x/crypto/argon2"
)

// HashCost is what one password check costs.
type HashCost struct {
	Memory  uint32 // KiB
	Passes  uint32
	Threads uint8
}

// DefaultCost is the second choice of RFC 9106, section 4, for machines whose
// memory is shared: 64 MiB, three passes.
var DefaultCost = HashCost{Memory: 64 << 10, Passes: 3, Threads: 4}

var demoCost = HashCost{Memory: 1 << 10, Passes: 1, Threads: 1}

const (
	maxHashes = 2               // at a time, so that log-ins cannot eat the memory
	hashWait  = 5 * time.Second // for one's turn, then ErrBusy
	hashBytes = 32

	minPassword = 10 // characters; length is what counts, NIST SP 800-63B 5.1.1
	maxPassword = 200
)

func checkPassword(p string) error {
	if n := utf8.RuneCountInString(p); n < minPassword || n > maxPassword {
		return errs.ErrInvalid.At(errs.Field{Name: "password", Code: "password", Args: map[string]any{"min": minPassword, "max": maxPassword}})
	}
	return nil
}

type hasher struct {
	cost   HashCost
	random io.Reader
	turns  chan struct{}
	dummy  string
}

func newHasher(cost HashCost, random io.Reader) *hasher {
	h := &hasher{cost: cost, random: random, turns: make(chan struct{}, maxHashes)}
	h.dummy = encode(cost, []byte("nobody's salt..."), make([]byte, hashBytes))
	return h
}

// turn waits for one of the few places; ErrBusy when none comes free in time.
func (h *hasher) turn(ctx context.Context) (release func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, hashWait)
	defer cancel()
	select {
	case h.turns <- struct{}{}:
		return func() { <-h.turns }, nil
	case <-ctx.Done():
		return nil, ErrBusy
	}
}

func (h *hasher) make(ctx context.Context, password string) (string, error) {
	release, err := h.turn(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	salt := make([]byte, 16)
	if _, err := io.ReadFull(h.random, salt); err != nil {
		return "", fmt.Errorf("password: %w", err)
	}
	return encode(h.cost, salt, derive(h.cost, salt, password, hashBytes)), nil
}

// check compares in constant time. An empty hash takes as long as any other and
// never fits, so that unknown log-ins cannot be told by the clock.
func (h *hasher) check(ctx context.Context, hash, password string) (bool, error) {
	known := hash != ""
	if !known {
		hash = h.dummy
	}
	cost, salt, want, err := decode(hash)
	if err != nil {
		return false, err
	}
	release, err := h.turn(ctx)
	if err != nil {
		return false, err
	}
	defer release()
	same := subtle.ConstantTimeCompare(want, derive(cost, salt, password, len(want))) == 1
	return same && known, nil
}

// stale reports a hash of another cost than today's.
func (h *hasher) stale(hash string) bool {
	cost, _, _, err := decode(hash)
	return err == nil && cost != h.cost
}

func derive(c HashCost, salt []byte, password string, n int) []byte {
	return argon2.IDKey([]byte(password), salt, c.Passes, c.Memory, c.Threads, uint32(n)) //nolint:gosec // a hash's length
}

var b64 = base64.RawStdEncoding

func encode(c HashCost, salt, key []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.Memory, c.Passes, c.Threads,
		b64.EncodeToString(salt), b64.EncodeToString(key))
}

func decode(hash string) (c HashCost, salt, key []byte, err error) {
	part := strings.Split(hash, "$")
	if len(part) != 6 || part[1] != "argon2id" || part[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, fmt.Errorf("password hash: unknown form")
	}
	if _, err = fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &c.Memory, &c.Passes, &c.Threads); err == nil {
		if salt, err = b64.DecodeString(part[4]); err == nil {
			key, err = b64.DecodeString(part[5])
		}
	}
	if err != nil || len(key) == 0 || c.Passes == 0 || c.Threads == 0 {
		return c, nil, nil, fmt.Errorf("password hash: damaged: %w", err)
	}
	return c, salt, key, nil
}
