package pgstore_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"go.etcd.io/bbolt"

	"vestnik/documents/postgres/postgrestest"
	"vestnik/documents/value"
	"vestnik/server"
	"vestnik/server/boltstore"
	"vestnik/server/pgstore"
	"vestnik/server/storetest"
)

func bolt(t *testing.T) storetest.Open {
	db, err := bbolt.Open(filepath.Join(t.TempDir(), "vestnik.db"), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return func() server.Store {
		s, err := boltstore.New(db)
		if err != nil {
			t.Error(err)
		}
		return s
	}
}

func TestBetweenEngines(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	here := func(t *testing.T) storetest.Open { return node(t, migrated(t, c)) }
	t.Run("FromBoltAndBack", func(t *testing.T) { storetest.Between(t, bolt, here) })
	t.Run("ToBoltAndBack", func(t *testing.T) { storetest.Between(t, here, bolt) })
}

// raw reaches the rows below the store.
func raw(t *testing.T, address string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// A flipped bit, and a record that stands under another's key, are noticed.
func TestDamageIsRecognised(t *testing.T) {
	address := migrated(t, postgrestest.Start(t, postgrestest.Options{}))
	s, conn := pgstore.New(connect(t, address)), raw(t, address)
	fill(t, s)
	write := func(statement string) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	for table, read := range map[string]func() error{
		"server_staff":    func() error { _, err := s.Office(t.Context()); return err },
		"server_tokens":   func() error { _, err := s.Token(t.Context(), "h"); return err },
		"server_sessions": func() error { _, err := s.Session(t.Context(), "h"); return err },
		"server_links":    func() error { _, err := s.SpendLink(t.Context(), "h"); return err },
		"server_settings": func() error { _, _, err := s.Settings(t.Context()); return err },
		"server_trail":    func() error { _, err := s.Audits(t.Context(), 0, 9); return err },
		"server_mail":     func() error { return s.Dump(t.Context(), io.Discard) },
	} {
		for _, want := range []error{value.ErrDamaged, nil} {
			write("UPDATE " + table + " SET record = set_byte(record, 3, get_byte(record, 3) # 1)")
			if err := read(); !errors.Is(err, want) {
				t.Errorf("after a bit in %s was flipped: %v, want %v", table, err, want)
			}
		}
	}
	write("UPDATE server_tokens SET hash = 'other'")
	if _, err := s.Token(t.Context(), "other"); !errors.Is(err, value.ErrDamaged) {
		t.Errorf("a token under another's key: %v", err)
	}
}

// A dump is of the instant at which it began, however long its reader takes.
func TestDumpIsOfOneInstant(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	address := migrated(t, c)
	s, other := pgstore.New(connect(t, address)), pgstore.New(connect(t, address))
	fill(t, s)
	before := dump(t, s)
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := s.Dump(t.Context(), in)
		in.Close()
		ended <- err
	}()
	lines := bufio.NewReader(out)
	first, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Audit(t.Context(), server.AuditEntry{What: "later"}); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(lines)
	if err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if first+string(rest) != before {
		t.Fatalf("the dump holds what came later:\n%s%s", first, rest)
	}
}

// A dump whose reader went away ends.
func TestDumpToNobody(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	s := pgstore.New(connect(t, migrated(t, c)))
	fill(t, s)
	out, in := io.Pipe()
	out.Close()
	if err := s.Dump(t.Context(), in); !errors.Is(err, io.ErrClosedPipe) {
		t.Fatal(err)
	}
	if err := s.Audit(t.Context(), server.AuditEntry{What: "w"}); err != nil {
		t.Fatal(err)
	}
}

// The service may add to the audit trail and do no more to it.
func TestServiceCannotRewriteTheTrail(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	address := granted(t, c)
	s := pgstore.New(connect(t, address))
	fill(t, s)
	conn := raw(t, address)
	for _, statement := range []string{"UPDATE server_trail SET record = ''", "DELETE FROM server_trail", "TRUNCATE server_trail", "DROP TABLE server_trail",
		"ALTER TABLE server_trail DISABLE TRIGGER ALL", "DELETE FROM server_heads", "CREATE TABLE mine ()"} {
		if _, err := conn.Exec(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "42501") {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

// granted is the address of a service role in a schema that another role owns.
func granted(t *testing.T, c *postgrestest.Cluster) string {
	t.Helper()
	address := migrated(t, c)
	service := c.Role(address, false)
	if err := connect(t, address).Grant(t.Context(), service.Name, pgstore.Room()); err != nil {
		t.Fatal(err)
	}
	return service.URL
}
