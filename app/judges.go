package app

import (
	"context"

	"youyue/app/account"
	"youyue/app/auth"
	"youyue/app/scoring"
)

// doors are the sessions of accounts, and beside them the private links of
// judges, whose tokens are bearer tokens too.
type doors struct {
	*account.Sessions
	judges *scoring.Service
}

// Bearer knows the tokens of judges and of programs.
func (d doors) Bearer(ctx context.Context, token string) (auth.Actor, bool, error) {
	if a, ok, err := d.judges.Bearer(ctx, token); ok || err != nil {
		return a, ok, err
	}
	return d.Sessions.Bearer(ctx, token)
}
