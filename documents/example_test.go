package documents_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"

	"vestnik/documents"
	"vestnik/documents/boltstore"
)

// A policy is created, published, and changed with notice: the first version
// stays in force until the notice period has passed.
func ExampleLibrary() {
	dir, err := os.MkdirTemp("", "vestnik")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	db, err := bbolt.Open(filepath.Join(dir, "vestnik.db"), 0o600, nil)
	if err != nil {
		panic(err)
	}
	defer db.Close()
	store, err := boltstore.New(db)
	if err != nil {
		panic(err)
	}
	ctx, by := context.Background(), documents.Actor{Name: "ainur"}
	library := documents.NewLibrary(documents.Config{
		Store:  store,
		Origin: "policies.example.kz/log",
		Rules: func(context.Context) (documents.Rules, error) {
			return documents.Rules{Zone: "Asia/Almaty", NoticeDays: 30, OnePerson: true, CanTell: true}, nil
		},
	})
	policy := documents.Document{ID: "privacy", Titles: map[string]string{"ru": "Политика"}, Prevailing: "ru"}
	if _, err := library.Create(ctx, policy, by); err != nil {
		panic(err)
	}
	for i, text := range []string{"1. Мы собираем имя.\n", "1. Мы собираем имя и номер телефона.\n"} {
		draft := documents.Draft{
			Texts:  []documents.DraftText{{Lang: "ru", Source: text}},
			Change: documents.Change{Class: documents.Notice, Notes: map[string]documents.Note{"ru": {What: "Собираем больше."}}},
		}
		if _, err := library.Publish(ctx, documents.Publication{Document: "privacy", Draft: &draft, Based: i}, by); err != nil {
			panic(err)
		}
	}
	line, err := library.Timeline(ctx, "privacy", time.Time{})
	if err != nil {
		panic(err)
	}
	now, _ := line.InForce(time.Now())
	later, _ := line.InForce(line.Next(time.Now()))
	fmt.Println("in force:", now.Number, "then:", later.Number)

	redline, err := library.Compare(ctx, "privacy", 1, 2, "ru")
	if err != nil {
		panic(err)
	}
	fmt.Println("changed:", redline.Summary.Changed)
	// Output:
	// in force: 1 then: 2
	// changed: 1
}
