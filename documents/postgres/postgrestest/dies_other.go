//go:build !linux

package postgrestest

import "syscall"

func diesWith(*syscall.SysProcAttr) {}
