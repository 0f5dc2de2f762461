package postgres

import (
	"net"
	"syscall"
	"testing"

	"vestnik/documents/postgres/postgrestest"
)

// TestVanishedMachine: both sides ask the network to tell them, within half a
// minute.
func TestVanishedMachine(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	db, err := Open(t.Context(), c.Schema(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	raw, err := conn.Conn().PgConn().Conn().(*line).Conn.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]struct{ level, option, want int }{
		"TCP_USER_TIMEOUT": {syscall.IPPROTO_TCP, tcpUserTimeout, 20000}, "SO_KEEPALIVE": {syscall.SOL_SOCKET, syscall.SO_KEEPALIVE, 1},
		"TCP_KEEPIDLE": {syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE, 10}, "TCP_KEEPINTVL": {syscall.IPPROTO_TCP, syscall.TCP_KEEPINTVL, 5}, "TCP_KEEPCNT": {syscall.IPPROTO_TCP, syscall.TCP_KEEPCNT, 3},
	} {
		if e := raw.Control(func(fd uintptr) {
			if got, err := syscall.GetsockoptInt(int(fd), o.level, o.option); got != o.want || err != nil {
				t.Errorf("%s is %d (%v), want %d", name, got, err, o.want)
			}
		}); e != nil {
			t.Fatal(e)
		}
	}
	for name, want := range map[string]string{"tcp_keepalives_idle": "10", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3", "tcp_user_timeout": "20000"} {
		var got string
		if err := conn.QueryRow(t.Context(), "SHOW "+name).Scan(&got); err != nil || got != want {
			t.Errorf("%s of the server is %s (%v), want %s", name, got, err, want)
		}
	}
}
