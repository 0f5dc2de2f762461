package postgrestest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// patience bounds every wait for a process.
const patience = 30 * time.Second

// Run starts the server and waits until it answers.
func (c *Cluster) Run() {
	c.t.Helper()
	log, started := &bytes.Buffer{}, make(chan error)
	cmd, gone := c.command("postgres", "-D", c.Data), make(chan struct{})
	cmd.Stdout, cmd.Stderr = log, log
	diesWith(cmd.SysProcAttr)
	go func() {
		// The signal at death is about the thread that started the process: this one
		// stays until the process has ended.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
		close(gone)
	}()
	if err := <-started; err != nil {
		c.t.Fatal(err)
	}
	c.cmd, c.gone, c.log = cmd, gone, log
	c.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGQUIT) // at once: the data are thrown away
		<-gone
	})
	c.answers()
}

// answers waits until the server lets somebody in.
func (c *Cluster) answers() {
	c.t.Helper()
	c.until("PostgreSQL does not answer", func() bool {
		select {
		case <-c.gone:
			c.t.Fatalf("PostgreSQL ended:\n%s", c.log)
		default:
		}
		conn, err := pgx.Connect(context.Background(), c.URL())
		if err != nil {
			return false
		}
		_ = conn.Close(context.Background())
		return true
	})
}

// until asks again and again, and fails the test if the answer stays no.
func (c *Cluster) until(otherwise string, is func() bool) {
	c.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !is(); <-tick.C {
		if time.Now().After(deadline) {
			c.t.Fatal(otherwise)
		}
	}
}

// Kill ends all of its processes at once with kill -9, so that nothing can be
// said to anybody. Connections are reset.
func (c *Cluster) Kill() {
	c.t.Helper()
	server := c.cmd.Process
	_ = server.Signal(syscall.SIGSTOP) // no new children
	children := c.children(server.Pid)
	_ = server.Kill()
	for _, pid := range children {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	<-c.gone
	c.until("PostgreSQL does not die", func() bool {
		for _, pid := range children {
			if alive(pid) {
				return false
			}
		}
		return true
	})
	_ = os.Remove(filepath.Join(c.Data, "postmaster.pid"))
}

// Stop ends the server as an administrator would, by cutting off whoever is
// connected. It can Run again.
func (c *Cluster) Stop() {
	c.t.Helper()
	_ = c.cmd.Process.Signal(syscall.SIGINT)
	select {
	case <-c.gone:
	case <-time.After(patience):
		c.t.Fatal("PostgreSQL does not stop")
	}
}

// children are the processes that pid started.
func (c *Cluster) children(pid int) (pids []int) {
	c.t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*")
	if err != nil || len(all) == 0 {
		c.t.Fatal("the processes of PostgreSQL cannot be found: there is no /proc")
	}
	for _, dir := range all {
		n, _ := strconv.Atoi(filepath.Base(dir))
		if _, parent := process(n); parent == pid {
			pids = append(pids, n)
		}
	}
	return pids
}

// alive: a process that nobody has waited for yet is not.
func alive(pid int) bool {
	state, _ := process(pid)
	return state != "" && state != "Z" && state != "X"
}

// process is the state and the parent of one, "" if there is none.
func process(pid int) (state string, parent int) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", 0
	}
	_, rest, _ := strings.Cut(string(stat), ") ") // the name of a program of PostgreSQL's has none
	fields := strings.Fields(rest)
	if len(fields) < 2 {
		return "", 0
	}
	parent, _ = strconv.Atoi(fields[1])
	return fields[0], parent
}
