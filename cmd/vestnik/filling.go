package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"vestnik/documents"
	"vestnik/documents/postgres"
)

// No transaction spans the rooms. So a database that `copy` or `restore` fills is
// claimed by that command until it is whole: what broke off is no installation,
// however it broke off, and the next one begins by emptying it.
const fillingPrefix = "filling/"

func filling(i postgres.Installation) bool { return strings.HasPrefix(i.LogKey, fillingPrefix) }

// fill lets load fill an empty database, and gives it to the installation that
// load returns, or to none. What fails leaves it empty.
func (b database) fill(ctx context.Context, log *slog.Logger, load func(*stores) (postgres.Installation, error)) error {
	db, err := b.alone(ctx, log, true)
	if err != nil {
		return err
	}
	s := sharedStores(db, b)
	defer s.close()
	if owns, err := db.Owns(ctx); err != nil || !owns {
		return errors.Join(err, notOwner(owns, b, "fill it"))
	}
	if err := s.vacant(ctx); err != nil {
		return err
	}
	mark := postgres.Installation{LogKey: fillingPrefix + rand.Text()}
	if err := db.Claim(ctx, unclaimed, mark); err != nil {
		return fmt.Errorf("%s is being filled by another command: %w", b, err)
	}
	whose, err := load(s)
	if err == nil {
		err = s.handOver(ctx, mark, whose)
	}
	if err != nil {
		return errors.Join(err, s.giveUp(context.WithoutCancel(ctx), mark))
	}
	return nil
}

// giveUp empties the database, unless its handing over was kept after all though
// nobody heard: then it may be in use already.
func (s *stores) giveUp(ctx context.Context, mark postgres.Installation) error {
	whose, err := s.claim(ctx)
	if err != nil || whose != mark {
		return err
	}
	return s.empty(ctx)
}

func notOwner(owns bool, b database, do string) error {
	if owns {
		return nil
	}
	return fmt.Errorf("only the role that owns the schema of %s may %s; name a URL with that role", b, do)
}

// alone connects to a database that nobody else works on, and becomes one that
// others see.
func (b database) alone(ctx context.Context, log *slog.Logger, make bool) (db *postgres.DB, err error) {
	if db, err = b.connect(ctx, log); err != nil {
		return nil, err
	}
	if err = b.ready(ctx, db, make); err == nil {
		if err = b.enter(ctx, db); err == nil {
			err = b.unserved(ctx, db)
		}
	}
	if err != nil {
		db.Close()
		return nil, b.said(err)
	}
	return db, nil
}

func (b database) unserved(ctx context.Context, db *postgres.DB) error {
	others, err := db.Others(ctx)
	if err == nil && others > 0 {
		err = fmt.Errorf("%s is being served; stop every node first", b)
	}
	return err
}

// source opens a database that is copied.
func (b database) source(ctx context.Context, log *slog.Logger) (*stores, postgres.Installation, error) {
	db, err := b.alone(ctx, log, false)
	if err != nil {
		return nil, unclaimed, err
	}
	s := sharedStores(db, b)
	whose, err := s.claim(ctx)
	if err == nil && (whose == unclaimed || filling(whose)) {
		err = fmt.Errorf("there is no installation in %s", b)
	}
	if err != nil {
		s.close()
		return nil, unclaimed, err
	}
	return s, whose, nil
}

// vacant refuses a database that holds anything, but for what broke off.
func (s *stores) vacant(ctx context.Context) error {
	whose, err := s.claim(ctx)
	if err != nil {
		return err
	}
	if filling(whose) {
		return s.empty(ctx)
	}
	something, err := s.something(ctx)
	if err == nil && (something || whose != unclaimed) {
		err = fmt.Errorf("%s holds an installation already; name an empty database, or an empty schema with search_path", s.name)
	}
	return err
}

// something tells whether the rooms hold what an installation begins with.
func (s *stores) something(ctx context.Context) (bool, error) {
	documents, err := s.documents.Documents(ctx, "", 1)
	if err != nil || len(documents) > 0 {
		return true, err
	}
	last, err := s.documents.Last(ctx, "")
	if err != nil || last > 0 {
		return true, err
	}
	people, err := s.notifier.Recipients(ctx, 0, 1)
	if err != nil || len(people) > 0 {
		return true, err
	}
	staff, err := s.server.StaffList(ctx)
	if err != nil || len(staff) > 0 {
		return true, err
	}
	_, revision, err := s.server.Settings(ctx)
	return revision > 0, err
}

// handOver ends the claim of the command that filled the database.
func (s *stores) handOver(ctx context.Context, mark, whose postgres.Installation) error {
	if whose != unclaimed {
		return s.shared.Claim(ctx, mark, whose)
	}
	_, err := s.shared.Exec(ctx, "DELETE FROM installation WHERE log_key = $1", mark.LogKey)
	return err
}

// dropEverything empties the schema in one transaction. The schema itself stays:
// its owner need not be one who may make another.
const dropEverything = `DO $$
DECLARE one record;
BEGIN
	FOR one IN SELECT format('DROP TABLE IF EXISTS %I.%I CASCADE', n.nspname, c.relname) AS sql
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND NOT c.relispartition LOOP
		EXECUTE one.sql;
	END LOOP;
	FOR one IN SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::regprocedure) AS sql
		FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = current_schema() LOOP
		EXECUTE one.sql;
	END LOOP;
	FOR one IN SELECT format('DROP SEQUENCE IF EXISTS %I.%I CASCADE', n.nspname, c.relname) AS sql
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = current_schema() AND c.relkind = 'S' LOOP
		EXECUTE one.sql;
	END LOOP;
END $$`

// empty makes the schema anew, with what its service roles were granted.
func (s *stores) empty(ctx context.Context) error {
	services := ""
	if err := s.shared.Row(ctx, "SELECT coalesce(string_agg(role, ' '), '') FROM services", nil, &services); err != nil {
		return err
	}
	if _, err := s.shared.Exec(ctx, dropEverything); err != nil {
		return fmt.Errorf("empty %s: %w", s.name, err)
	}
	if err := s.shared.Migrate(ctx, schema()...); err != nil {
		return err
	}
	for _, role := range strings.Fields(services) {
		if err := s.shared.Grant(ctx, role, schema()...); err != nil && !isInvalid(err) {
			return err
		}
	}
	return nil
}

func isInvalid(err error) bool {
	var refused *documents.InvalidError
	return errors.As(err, &refused)
}
