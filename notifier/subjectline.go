package notifier

import (
	"context"

	"vestnik/documents/lang"
)

// Subject is the subject line of the mail of a notice for somebody who reads tag,
// and the language that it is in. It names no recipient.
func (n *Notifier) Subject(ctx context.Context, x Notice, tag string) (line, tagged string, err error) {
	set, err := n.Settings(ctx)
	if err != nil {
		return "", "", err
	}
	s, err := n.matter(ctx, x, 0)
	if err != nil {
		return "", "", err
	}
	tagged = languages(tag, s.version, set)[0]
	return n.Words(tagged).T("subject", "title", title(s, tagged), "date", lang.Date(tagged, effective(s, set))), tagged, nil
}
