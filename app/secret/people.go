package secret

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
)

// What can be wrong with a phone number.
var (
	ErrNoPhone  = errors.New("not a phone number")
	ErrNoMobile = errors.New("not a mobile number")
)

// Phone reads a number as people write it, Chinese unless it names a country,
// and returns it as E.164: "139 3510 8826" is "+8613935108826". ErrNoPhone when
// no such number can exist.
func Phone(raw string) (string, error) {
	n, err := phonenumbers.Parse(raw, "CN")
	if err != nil || !phonenumbers.IsValidNumber(n) {
		return "", ErrNoPhone
	}
	return phonenumbers.Format(n, phonenumbers.E164), nil
}

// Mobile is Phone for a number that can receive a text message; ErrNoMobile
// when it cannot.
func Mobile(raw string) (string, error) {
	n, err := phonenumbers.Parse(raw, "CN")
	if err != nil || !phonenumbers.IsValidNumber(n) {
		return "", ErrNoPhone
	}
	switch phonenumbers.GetNumberType(n) {
	case phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE:
		return phonenumbers.Format(n, phonenumbers.E164), nil
	}
	return "", ErrNoMobile
}

// PhoneIndex is the blind index under which an E.164 number is found.
func (b *Box) PhoneIndex(e164 string) string { return b.Index("phone", e164) }

// MaskPhone shows an E.164 number as the district does: 139****8826.
func MaskPhone(e164 string) string {
	n := strings.TrimPrefix(e164, "+86")
	switch {
	case n == "":
		return ""
	case len(n) < 8:
		return "****"
	}
	return n[:3] + "****" + n[len(n)-4:]
}

// MaskName keeps the first character and, from three on, the last: 刘*, 张*华.
func MaskName(name string) string {
	r := []rune(strings.TrimSpace(name))
	switch n := utf8.RuneCountInString(string(r)); {
	case n == 0:
		return ""
	case n <= 2:
		return string(r[:1]) + "*"
	default:
		return string(r[:1]) + strings.Repeat("*", min(n-2, 4)) + string(r[n-1:])
	}
}
