package secret

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func box(t require.TestingT, fill byte) *Box {
	b, err := New(bytes.Repeat([]byte{fill}, MinSecret))
	require.NoError(t, err)
	return b
}

func TestShortSecretIsRefused(t *testing.T) {
	t.Parallel()
	_, err := New(make([]byte, MinSecret-1))
	require.Error(t, err)
}

func TestWhatIsSealedOpensAgain(t *testing.T) {
	t.Parallel()
	b := box(t, 1)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		got, err := b.Open(b.Seal(text))
		require.NoError(t, err)
		require.Equal(t, text, got)
	})
}

func TestSealedTextTellsNothing(t *testing.T) {
	t.Parallel()
	b := box(t, 1)
	one, two := b.Seal("+8613935108826"), b.Seal("+8613935108826")
	require.NotEqual(t, one, two, "a fresh nonce each time")
	require.NotContains(t, one, "8826")
	id, _, _ := strings.Cut(one, ".")
	require.Len(t, id, 8, "the id of the key stands in front")
}

func TestADamagedOrForeignSealIsRefused(t *testing.T) {
	t.Parallel()
	b := box(t, 1)
	s := b.Seal("刘洋")
	for name, bad := range map[string]string{
		"Flipped":       s[:len(s)-2] + "AA",
		"Short":         s[:12],
		"NoKeyID":       s[9:],
		"OtherSecret":   box(t, 2).Seal("刘洋"),
		"OtherKeysName": strings.Split(box(t, 2).Seal("x"), ".")[0] + s[8:],
		"Plain":         "刘洋",
	} {
		_, err := b.Open(bad)
		require.ErrorIs(t, err, ErrUnreadable, name)
	}
}

func TestBlindIndex(t *testing.T) {
	t.Parallel()
	a, b := box(t, 1), box(t, 2)
	again := box(t, 1) // another process with the same secret
	require.Equal(t, a.Index("phone", "+8613935108826"), again.Index("phone", "+8613935108826"))
	require.NotEqual(t, a.Index("phone", "+8613935108826"), a.Index("phone", "+8613935108827"))
	require.NotEqual(t, a.Index("phone", "+8613935108826"), a.Index("code", "+8613935108826"), "domains are apart")
	require.NotEqual(t, a.Index("ab", "c"), a.Index("a", "bc"))
	require.NotEqual(t, a.Index("phone", "+8613935108826"), b.Index("phone", "+8613935108826"), "secrets are apart")
}

func TestSignedWords(t *testing.T) {
	t.Parallel()
	b := box(t, 1)
	w := b.Sign("ticket", "6K2M9QXA")
	require.Len(t, w, 32, "small enough for a coarse QR code")
	got, ok := b.Verify("ticket", w)
	require.True(t, ok)
	require.Equal(t, "6K2M9QXA", got)
	for name, bad := range map[string]string{
		"OtherPurpose": b.Sign("cancel", "6K2M9QXA"),
		"OtherSecret":  box(t, 2).Sign("ticket", "6K2M9QXA"),
		"Changed":      w[:len(w)-1] + "C",
		"Cut":          w[:16],
		"Empty":        "",
		"NotURLSafe":   w + "+",
	} {
		_, ok := b.Verify("ticket", bad)
		require.False(t, ok, name)
	}
}

func TestPhone(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"13935108826": "+8613935108826", "139 3510 8826": "+8613935108826", "+86-139-3510-8826": "+8613935108826",
		"0086 13935108826": "+8613935108826", "0351-6061234": "+863516061234", "+44 20 7946 0958": "+442079460958",
		"１３９３５１０８８２６": "+8613935108826",
	} {
		got, err := Phone(raw)
		require.NoError(t, err, raw)
		require.Equal(t, want, got, raw)
	}
	for _, raw := range []string{"", "123", "13935", "abc", "99999999999999999", "1393510882612", "'; DROP TABLE people"} {
		_, err := Phone(raw)
		require.ErrorIs(t, err, ErrNoPhone, raw)
	}
	_, err := Mobile("0351-6061234")
	require.ErrorIs(t, err, ErrNoMobile)
	_, err = Mobile("13935108826")
	require.NoError(t, err)
}

func TestMasks(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"": "", "刘": "刘*", "刘洋": "刘*", "张建华": "张*华", "欧阳建华": "欧**华", "Anna Maria Bella": "A****a"} {
		require.Equal(t, want, MaskName(name))
	}
	for phone, want := range map[string]string{"": "", "+8613935108826": "139****8826", "+863516061234": "351****1234", "12345": "****"} {
		require.Equal(t, want, MaskPhone(phone))
	}
}
