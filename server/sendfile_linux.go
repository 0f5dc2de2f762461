package server

import (
	"cmp"
	"io"
	"net"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// inMemory is a file with body for sendFile; or nil.
func inMemory(body []byte) *os.File {
	fd, err := unix.MemfdCreate("page", unix.MFD_CLOEXEC)
	if err != nil {
		return nil
	}
	f := os.NewFile(uintptr(fd), "page")
	if _, err := f.Write(body); err != nil {
		f.Close()
		return nil
	}
	return f
}

// sendFile sends head and the file of a size, and tells how many bytes.
func sendFile(c *net.TCPConn, head []byte, f *os.File, size int) (int64, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, err
	}
	defer runtime.KeepAlive(f)
	sent, at, in := 0, int64(0), int(f.Fd())
	var failed error
	err = raw.Write(func(fd uintptr) bool {
		for failed = nil; failed == nil && int(at) < size; {
			n := 0
			if sent < len(head) {
				n, failed = unix.SendmsgN(int(fd), head[sent:], nil, nil, unix.MSG_MORE)
				sent += max(0, n)
			} else if n, failed = unix.Sendfile(int(fd), in, &at, size-int(at)); n == 0 && failed == nil {
				failed = io.ErrUnexpectedEOF
			}
			if failed == unix.EINTR {
				failed = nil
			}
		}
		return failed != unix.EAGAIN
	})
	return int64(sent) + at, cmp.Or(err, failed)
}
