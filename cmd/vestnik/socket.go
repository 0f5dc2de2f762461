package main

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
)

// maxSocketPath is what every system lets a socket's address hold.
const maxSocketPath = 100

// Changing the working folder concerns the whole process.
var workingFolder sync.Mutex

// atSocket calls use with an address of the socket that is short enough: a long
// path is reached relative to its folder.
func atSocket(path string, use func(address string) error) error {
	if len(path) <= maxSocketPath {
		return use(path)
	}
	workingFolder.Lock()
	defer workingFolder.Unlock()
	was, err := os.Getwd()
	if err != nil {
		return err
	}
	if err := os.Chdir(filepath.Dir(path)); err != nil {
		return err
	}
	defer os.Chdir(was)
	return use(filepath.Base(path))
}

// listenSocket opens the socket with mode 0600. The caller holds the lock of the
// store, so a socket that is left over from a killed process is removed.
func listenSocket(path string) (l net.Listener, err error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	err = atSocket(path, func(address string) error {
		l, err = net.Listen("unix", address)
		if err != nil {
			return err
		}
		// The folder is 0700, so nobody comes in between.
		return os.Chmod(address, 0o600)
	})
	return l, err
}

func dialSocket(ctx context.Context, path string) (conn net.Conn, err error) {
	err = atSocket(path, func(address string) error {
		conn, err = (&net.Dialer{}).DialContext(ctx, "unix", address)
		return err
	})
	return conn, err
}
