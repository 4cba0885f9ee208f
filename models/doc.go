// Package models holds the rows of the database and the rules that need
// nothing but values: time, spans, seat plans, seat choice, states and their
// legal moves. It imports no database, no HTTP and no clock.
package models
