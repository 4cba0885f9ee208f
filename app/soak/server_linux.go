package soak

import "syscall"

// dieWithParent sees to it that no server outlives a test that was killed.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
