//go:build !linux

package server

import (
	"errors"
	"net"
	"os"
)

func inMemory([]byte) *os.File { return nil }

func sendFile(*net.TCPConn, []byte, *os.File, int) (int64, error) { return 0, errors.ErrUnsupported }
