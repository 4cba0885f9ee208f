package pgtest

import (
	"errors"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// errNoPostgres says what to install; a missing server is never a skip.
var errNoPostgres = errors.New("pgtest: no PostgreSQL server binaries (initdb, pg_ctl, postgres) found: " +
	"install the server (Debian: apt-get install postgresql; macOS: brew install postgresql), " +
	"put its bin directory on PATH, or set YOUYUE_TEST_POSTGRES to the URL of a superuser of a running server")

// BinDir returns the directory of the newest PostgreSQL server binaries on
// this machine: those of Debian's packages, of pg_config, or of PATH. The
// error says what to install.
func BinDir() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	best, newest := "", -1
	for _, dir := range found {
		version, err := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
		if err == nil && version > newest && complete(dir) {
			best, newest = dir, version
		}
	}
	if best != "" {
		return best, nil
	}
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil && complete(strings.TrimSpace(string(out))) { //nolint:noctx // prints a line and ends
		return strings.TrimSpace(string(out)), nil
	}
	if initdb, err := exec.LookPath("initdb"); err == nil && complete(filepath.Dir(initdb)) {
		return filepath.Dir(initdb), nil
	}
	return "", errNoPostgres
}

func complete(dir string) bool {
	for _, name := range []string{"initdb", "pg_ctl", "postgres"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.IsDir() {
			return false
		}
	}
	return true
}

// serverUser returns whom the server runs as when we are root, which
// PostgreSQL refuses to be; nil when we are somebody else already.
func serverUser() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
		if uidErr == nil && gidErr == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, errors.New("pgtest: PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")
}
