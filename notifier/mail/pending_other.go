//go:build !unix

package mail

import "net"

// pending cannot be told here; a relay that has hung up is noticed by the next
// reply.
func pending(net.Conn) bool { return false }
