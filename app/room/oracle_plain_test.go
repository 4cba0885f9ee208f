//go:build !race

package room_test

const ordinarySpans = 50_000
