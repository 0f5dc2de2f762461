package postgrestest

import "syscall"

// diesWith makes a process quit, with its children, when this one is killed.
func diesWith(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGQUIT }
