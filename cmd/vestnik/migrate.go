package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"

	"vestnik/documents/postgres"
)

var migrateCommand = command{"migrate", "", "makes or upgrades the schema of a PostgreSQL database, as the role that owns it", func(f *flag.FlagSet) action {
	store := f.String("store", "", "the `URL` of the database: env:NAME, file:PATH")
	service := f.String("service", "", "a `role` that may serve and no more; it gets what it needs")
	show := f.Bool("print", false, "change nothing; print the SQL for an administrator, with both roles")
	owner := f.String("owner", "vestnik_owner", "with -print, the `role` that is to own the schema")
	return func(ctx context.Context, s streams, args []string) error {
		if err := noArguments(args); err != nil {
			return err
		}
		b, err := parseStore(*store)
		switch {
		case *store == "" && *show:
			b, err = database{}, nil
		case *store == "":
			return usagef("name the database with -store")
		case err == nil && !b.shared():
			return usagef("bolt upgrades itself; name a database with -store")
		}
		if err != nil {
			return err
		}
		if *show {
			return b.print(s.out, *owner, *service)
		}
		return b.migrate(ctx, s, *service)
	}
}}

// serviceRole is printed where no other is named.
const serviceRole = "vestnik"

func (b database) print(w io.Writer, owner, service string) error {
	name := postgres.Schema
	if u, err := url.Parse(b.url); err == nil && u.Query().Get("search_path") != "" {
		name = u.Query().Get("search_path")
	}
	if service == "" {
		service = serviceRole
	}
	return postgres.Print(w, owner, service, name, schema()...)
}

func (b database) migrate(ctx context.Context, s streams, service string) error {
	db, err := b.connect(ctx, s.log())
	if err != nil {
		return err
	}
	defer db.Close()
	if owns, err := db.Owns(ctx); err != nil || !owns {
		return errors.Join(err, notOwner(owns, b, "change it"))
	}
	switch err := db.Migrate(ctx, schema()...); {
	case errors.Is(err, postgres.ErrAhead):
		return b.ahead(err)
	case err != nil:
		return err
	}
	if service != "" {
		if err := db.Grant(ctx, service, schema()...); err != nil {
			return err
		}
		fmt.Fprintf(s.out, "%s is ready; %s may serve it.\n", b, service)
		return nil
	}
	fmt.Fprintf(s.out, "%s is ready.\n", b)
	return nil
}
