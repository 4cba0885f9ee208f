// Command pg runs a command with a throw-away PostgreSQL server:
//
//	go run ./scripts/pg [-durable] COMMAND [ARGUMENT …]
//
// The command finds the server's superuser URL in YOUYUE_TEST_POSTGRES. Server
// and files are gone when it ends, and its exit status is passed on.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"youyue/app/db/pgtest"
)

func main() {
	durable := flag.Bool("durable", false, "keep commits safe as in production, for measurements")
	flag.Parse()
	os.Exit(run(*durable, flag.Args()))
}

func run(durable bool, args []string) int {
	if len(args) == 0 {
		flag.Usage()
		return 2
	}
	options := pgtest.Options{Durability: pgtest.Fast}
	if durable {
		options.Durability = pgtest.Durable
	}
	cluster, err := pgtest.Start(options)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	cmd := exec.Command(args[0], args[1:]...) //nolint:gosec,noctx // what our caller asks for, until it ends
	cmd.Env = append(os.Environ(), pgtest.EnvURL+"="+cluster.URL())
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err = cmd.Start(); err == nil {
		// We outlive the command, to stop the server after it.
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
		go func() {
			for s := range signals {
				_ = cmd.Process.Signal(s) // fails when it has just ended
			}
		}()
		err = cmd.Wait()
	}
	if stopErr := cluster.Stop(); stopErr != nil {
		fmt.Fprintln(os.Stderr, stopErr)
	}
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		return max(exit.ExitCode(), 1)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
