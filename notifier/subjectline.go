package notifier

import "context"

// Subject is the subject line of the mail of a notice for somebody who reads tag,
// "" if nobody knows what they read, and the languages that it is in. It names no
// recipient.
func (n *Notifier) Subject(ctx context.Context, x Notice, tag string) (line string, in []string, err error) {
	set, err := n.Settings(ctx)
	if err != nil {
		return "", nil, err
	}
	s, err := n.matter(ctx, x, anchor{})
	if err != nil {
		return "", nil, err
	}
	in = languages(tag, s.version, set)
	return n.subjectLine(s, in, set), in, nil
}
