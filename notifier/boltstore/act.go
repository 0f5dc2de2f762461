package boltstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"vestnik/documents"
	"vestnik/documents/value"
	"vestnik/notifier"
)

// Act: see notifier.Store.
func (s *Store) Act(ctx context.Context, a notifier.Act) (notifier.Request, error) {
	var stored notifier.Request
	err := s.update(ctx, func(tx *bbolt.Tx) (err error) {
		if a.Spend != "" {
			err = spend(tx, a.Spend, a.Now)
		}
		if err == nil {
			err = endLinks(tx, a.Now)
		}
		if err == nil && a.Recipient != nil {
			err = changeRecipient(tx, *a.Recipient)
		}
		if err == nil && a.Request != nil {
			stored, err = putRequest(tx, *a.Request)
		}
		for _, t := range a.Tokens {
			if err == nil {
				err = putToken(tx, t)
			}
		}
		for _, l := range a.Letters {
			if err == nil {
				err = newLetter(tx, l)
			}
		}
		return err
	})
	if err != nil {
		return notifier.Request{}, fmt.Errorf("act: %w", err)
	}
	return stored, nil
}

func newLetter(tx *bbolt.Tx, l notifier.Letter) error {
	if l.ID != 0 {
		return fmt.Errorf("letter %d is not new: %w", l.ID, documents.ErrConflict)
	}
	_, err := putLetter(tx, l)
	return err
}

func linkEndKey(t notifier.Token) []byte { return append(key(t.Until.UnixMicro()), t.Hash...) }

// putToken keeps links that act apart: they are in no dump, and end soon.
func putToken(tx *bbolt.Tx, t notifier.Token) error {
	t.Until = stamp(t.Until)
	if t.Purpose == notifier.LinkNotice {
		return put(tx, tokens, []byte(t.Hash), t)
	}
	if err := dropLink(tx, t.Hash); err != nil && !errors.Is(err, documents.ErrNotFound) {
		return err
	}
	return errors.Join(
		index(tx, linkEnds, linkEndKey(t)),
		put(tx, links, []byte(t.Hash), t))
}

func dropLink(tx *bbolt.Tx, hash string) error {
	var t notifier.Token
	if err := get(tx, links, []byte(hash), &t); err != nil {
		return err
	}
	return errors.Join(
		tx.Bucket(linkEnds).Delete(linkEndKey(t)),
		tx.Bucket(links).Delete([]byte(hash)))
}

// spend takes away a link that works once and has not ended.
func spend(tx *bbolt.Tx, hash string, now time.Time) error {
	var t notifier.Token
	if err := get(tx, links, []byte(hash), &t); err != nil {
		return fmt.Errorf("link: %w", err)
	}
	if !now.IsZero() && !t.Until.After(stamp(now)) {
		return fmt.Errorf("the link has ended: %w", documents.ErrNotFound)
	}
	return dropLink(tx, hash)
}

// linksAtOnce bounds what one act clears away.
const linksAtOnce = 100

// endLinks drops links that ended by now.
func endLinks(tx *bbolt.Tx, now time.Time) error {
	if now.IsZero() {
		return nil
	}
	for range linksAtOnce {
		k, v := tx.Bucket(linkEnds).Cursor().First()
		if k == nil || number(k) > now.UnixMicro() {
			return nil
		}
		if err := value.Check(k, v); err != nil {
			return fmt.Errorf("%s: %w", linkEnds, err)
		}
		if err := dropLink(tx, string(k[8:])); err != nil {
			return fmt.Errorf("%s: %w", linkEnds, err)
		}
	}
	return nil
}

// Token: see notifier.Store.
func (s *Store) Token(ctx context.Context, hash string) (t notifier.Token, err error) {
	if hash == "" {
		return t, documents.ErrNotFound
	}
	err = s.view(ctx, func(tx *bbolt.Tx) error {
		err := get(tx, tokens, []byte(hash), &t)
		if errors.Is(err, documents.ErrNotFound) {
			err = get(tx, links, []byte(hash), &t)
		}
		return err
	})
	return t, err
}
