// Package notifier tells registered users what the log says they must know. It
// follows the log with a cursor of its own, owes each person one delivery of a
// notice, sends what is owed, and keeps a ledger that balances at every commit:
//
//	due = open + accepted + failed + excluded + covered
//
// A delivery is accepted when our relay says that it has the message; what
// happens behind it is the relay's to report. Nobody is lost, and nobody is
// mailed twice on purpose: a second copy, under the same Message-ID, goes only
// to those whose attempt was in doubt, which after a crash is at most one for
// each open connection.
package notifier
