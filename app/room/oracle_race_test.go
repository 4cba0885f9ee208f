//go:build race

package room_test

// Under the race detector, which makes each wish five times dearer, a tenth is enough.
const ordinarySpans = 5_000
