package postgrestest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// prefix of the folders: short, for the path of a socket has little room.
const prefix = "vestnik-postgres-"

// folder is a temporary one that belongs to the user whom PostgreSQL runs as. It
// is locked for as long as this process lives, so that a later one can tell
// whose test was killed.
func folder(t testing.TB, as *syscall.Credential) string {
	t.Helper()
	sweep.Do(sweepFolders)
	dir, err := os.MkdirTemp("", prefix)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	lock, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = lock.Close() })
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_SH); err != nil {
		t.Fatal(err)
	}
	if as != nil {
		if err := os.Chown(dir, int(as.Uid), int(as.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var sweep sync.Once

// sweepFolders removes what killed tests left behind: folders that nobody holds
// the lock of, older than the moment between making one and locking it.
func sweepFolders() {
	found, _ := filepath.Glob(filepath.Join(os.TempDir(), prefix+"*"))
	for _, dir := range found {
		info, err := os.Stat(dir)
		if err != nil || time.Since(info.ModTime()) < time.Minute {
			continue
		}
		f, err := os.Open(dir)
		if err != nil {
			continue
		}
		if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			_ = os.RemoveAll(dir)
		}
		_ = f.Close()
	}
}

// freePort is one that stays free while its server is down: the system gives
// those below 32768 to nobody who does not ask for them.
func freePort(t testing.TB) int {
	t.Helper()
	for range 100 {
		port := 10240 + rand.IntN(20000)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = l.Close()
			return port
		}
	}
	t.Fatal("no free port")
	return 0
}
