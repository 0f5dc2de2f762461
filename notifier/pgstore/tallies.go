package pgstore

import "vestnik/notifier"

// slots is how many rows share a count. A sender works in one chunk, and chunks
// are leased in order, so that as many senders hardly ever meet; a notice is read
// by adding a few hundred small rows.
const slots = 32

func slotOf(recipient int64) int32 { return int32(chunkOf(recipient) % slots) }

// detail is what d is counted by beside its state.
func detail(d notifier.Delivery) []byte {
	switch d.State {
	case notifier.Accepted:
		return []byte(d.Language)
	case notifier.Failed, notifier.Excluded:
		return []byte(d.Reason)
	}
	return []byte{}
}

// addCount adds one count of a notice to its tallies.
func addCount(n *notifier.Notice, state notifier.DeliveryState, detail string, count int64) {
	if count == 0 {
		return
	}
	n.Figures.Due += count
	switch state {
	case notifier.Accepted:
		n.Figures.Accepted += count
		n.Languages = bump(n.Languages, detail, count)
	case notifier.Failed:
		n.Figures.Failed += count
		n.Reasons = bump(n.Reasons, detail, count)
	case notifier.Excluded:
		n.Figures.Excluded += count
		n.Reasons = bump(n.Reasons, detail, count)
	case notifier.Covered:
		n.Figures.Covered += count
	default:
		n.Figures.Open += count
	}
}

func bump(m map[string]int64, k string, by int64) map[string]int64 {
	if m == nil {
		m = map[string]int64{}
	}
	m[k] += by
	return m
}
