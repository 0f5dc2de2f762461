// Package mail deals with one message: it composes it, hands it to the relay
// and understands the answer. It keeps nothing.
//
// A hand-over has two halves, because SMTP has one moment of doubt: Begin says
// everything up to the final dot, and until then a failure of any kind proves
// that the relay has not taken the message; Finish sends the dot, and from then
// on only the relay's answer tells. The caller puts its intent on disk between
// the two. A conversation is given up by closing the socket: nothing may be said
// inside DATA that the relay could take for the end of a message.
//
// The conversation is spoken here and not by a library's client, because it must
// know to the byte what was sent before the dot, greet with our own name before
// STARTTLS too, and refuse an answer that nobody asked for.
package mail

// Sign adds a signature (DKIM) to a composed message. It comes between Compose and
// Begin; the evidence is of the unsigned bytes.
type Sign func(message []byte) ([]byte, error)
