package mail

import "time"

// Schedule names a row of the retry table.
type Schedule string

// The rows of the retry table.
const (
	RetryRelay     Schedule = "relay"     // the relay as a whole; no attempt of the recipient
	RetrySoon      Schedule = "soon"      // greylisting and other passing trouble
	RetryThrottled Schedule = "throttled" // too fast for a group of recipients
	RetryFull      Schedule = "full"      // a full mailbox
	RetryDomain    Schedule = "domain"    // DNS and routing
	RetryDoubt     Schedule = "doubt"     // the outcome is unknown: twice, then a person decides
	RetryMended    Schedule = "mended"    // after a person has mended something
)

// giveUp is when the waits of one recipient are over (RFC 5321 §4.5.4.1).
const giveUp = 5 * 24 * time.Hour

// Delay is the wait before attempt number n+1 (n from 1) under a schedule; ok is
// false when it is time to give up. The jitter of ±20 % comes from seed.
func Delay(s Schedule, n int, seed uint64) (wait time.Duration, ok bool) {
	n = max(n, 1)
	switch s {
	case RetryRelay:
		return jitter(min(time.Second<<min(n-1, 9), 5*time.Minute), n, seed), true
	case RetryMended:
		return jitter(5*time.Minute, n, seed), true
	case RetryDoubt:
		return jitter(15*time.Minute, n, seed), n <= 2
	}
	waits := schedule(s)
	total := time.Duration(0)
	for i := range n {
		wait = waits[min(i, len(waits)-1)]
		if total += wait; total > giveUp {
			return 0, false
		}
	}
	return jitter(wait, n, seed), true
}

// schedule lists waits; the last one repeats.
func schedule(s Schedule) []time.Duration {
	const h = time.Hour
	switch s {
	case RetryThrottled:
		return []time.Duration{10 * time.Minute}
	case RetryFull:
		return []time.Duration{4 * h, 12 * h, 24 * h, 48 * h}
	case RetryDomain:
		return []time.Duration{h, 4 * h, 12 * h, 24 * h, 48 * h}
	}
	return []time.Duration{5 * time.Minute, 15 * time.Minute, 30 * time.Minute, h, 2 * h, 4 * h, 8 * h, 12 * h}
}

// jitter spreads d over 80 to 120 % by the mixing step of SplitMix64.
func jitter(d time.Duration, n int, seed uint64) time.Duration {
	x := seed + uint64(n)*0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	x ^= x >> 31
	share := float64(x>>11) / (1 << 53)
	return time.Duration(float64(d) * (0.8 + 0.4*share))
}
