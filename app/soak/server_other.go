//go:build !linux

package soak

import "syscall"

// dieWithParent asks for nothing: other systems have no such signal.
func dieWithParent() *syscall.SysProcAttr { return nil }
