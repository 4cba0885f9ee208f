package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"youyue/app"
	"youyue/app/auth"
	"youyue/jobs"
)

type userCmd struct {
	Add      userAddCmd      `cmd:"" help:"Add an account without a password."`
	Grant    userGrantCmd    `cmd:"" help:"Give a role for an organisation and all below it."`
	Revoke   userRevokeCmd   `cmd:"" help:"Take a role back."`
	Password userPasswordCmd `cmd:"" help:"Set the password, read from standard input."`
	Token    userTokenCmd    `cmd:"" help:"Print a new API bearer token and nothing else."`
}

type userAddCmd struct {
	Login string `arg:""`
	Name  string `required:"" help:"As people are to read it."`
}

// Run adds an account; a password comes by a command of its own.
func (u userAddCmd) Run(ctx context.Context, c *cli) error {
	return c.with(ctx, func(a *app.App, _ *jobs.Runner) error {
		_, err := a.Accounts.AddAccount(ctx, u.Login, u.Name, "")
		return err
	})
}

type userGrantCmd struct {
	Login   string `arg:""`
	Role    string `arg:"" help:"branch, clerk, scheduler, cinema, leader, judge, admin or auditor."`
	OrgCode string `arg:"" help:"Code of the organisation."`
}

// Run grants.
func (u userGrantCmd) Run(ctx context.Context, c *cli) error {
	return c.with(ctx, func(a *app.App, _ *jobs.Runner) error {
		return a.Accounts.GrantByCode(ctx, u.Login, auth.Role(u.Role), u.OrgCode)
	})
}

type userRevokeCmd struct {
	Login   string `arg:""`
	Role    string `arg:""`
	OrgCode string `arg:""`
}

// Run revokes; it holds from the account's next request on.
func (u userRevokeCmd) Run(ctx context.Context, c *cli) error {
	return c.with(ctx, func(a *app.App, _ *jobs.Runner) error {
		return a.Accounts.RevokeByCode(ctx, u.Login, auth.Role(u.Role), u.OrgCode)
	})
}

type userPasswordCmd struct {
	Login string `arg:""`
}

// Run reads one line, so that the password stands in no list of processes.
func (u userPasswordCmd) Run(ctx context.Context, c *cli) error {
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil && line == "" {
		return errors.New("a password is wanted on standard input")
	}
	return c.with(ctx, func(a *app.App, _ *jobs.Runner) error {
		return a.Accounts.ResetPassword(ctx, u.Login, strings.TrimRight(line, "\r\n"))
	})
}

type userTokenCmd struct {
	Login string `arg:""`
	Label string `default:"command line" help:"What the token is for."`
}

// Run prints the token; it is shown this once.
func (u userTokenCmd) Run(ctx context.Context, c *cli) error {
	return c.with(ctx, func(a *app.App, _ *jobs.Runner) error {
		token, err := a.Accounts.IssueToken(ctx, u.Login, u.Label)
		if err == nil {
			fmt.Println(token)
		}
		return err
	})
}
