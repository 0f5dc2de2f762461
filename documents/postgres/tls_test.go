package postgres_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"vestnik/documents"
	"vestnik/documents/postgres"
	"vestnik/documents/postgres/postgrestest"
)

// certify turns TLS on, for host, and returns the file of the authority.
func certify(t *testing.T, c *postgrestest.Cluster, host string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, IPAddresses: []net.IP{net.ParseIP(host)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	info, err := os.Stat(c.Data)
	must(t, err)
	owner := info.Sys().(*syscall.Stat_t)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for name, data := range map[string][]byte{"server.crt": certificate, "server.key": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})} {
		path := filepath.Join(c.Data, name)
		must(t, os.WriteFile(path, data, 0o600))
		if os.Getuid() == 0 {
			must(t, os.Chown(path, int(owner.Uid), int(owner.Gid)))
		}
	}
	c.Configure(map[string]string{"ssl": "on"})
	c.Stop()
	c.Run()
	authority := filepath.Join(t.TempDir(), "authority.pem")
	must(t, os.WriteFile(authority, bytes.TrimSpace(certificate), 0o600))
	return authority
}

func TestTLS(t *testing.T) {
	t.Parallel()
	c := postgrestest.Start(t, postgrestest.Options{})
	with := func(parameters string) string {
		u, err := url.Parse(c.URL())
		must(t, err)
		u.RawQuery = parameters
		return u.String()
	}
	refused := func(parameters, why string) {
		t.Helper()
		_, err := postgres.Open(t.Context(), with(parameters), nil)
		var refusal *documents.InvalidError
		if !errors.As(err, &refusal) || !strings.Contains(err.Error(), why) {
			t.Fatalf("%s: %v, want %s", parameters, err, why)
		}
	}
	refused("sslmode=verify-full", "does not speak TLS")
	authority := certify(t, c, "127.0.0.1")
	refused("sslmode=verify-full", "sslrootcert=FILE")
	db := open(t, with("sslmode=verify-full&sslrootcert="+authority+"&statement_timeout=1000"))
	var on bool
	must(t, db.Row(t.Context(), "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", nil, &on))
	if !on {
		t.Fatal("no TLS")
	}
	must(t, db.Present(t.Context()))
	// The time that a statement may take holds on such a line, too.
	p := c.Proxy()
	stalled := open(t, p.Via(with("sslmode=verify-full&sslrootcert="+authority+"&statement_timeout=1000")))
	p.Stall()
	start := time.Now()
	wantAway(t, stalled.Ping(t.Context()))
	if took := time.Since(start); took > 12*time.Second {
		t.Fatalf("noticed after %v", took)
	}
	p.Resume()
	must(t, stalled.Ping(t.Context()))
	certify(t, c, "127.0.0.2")
	refused("sslmode=verify-full&sslrootcert="+authority, "cannot be verified")
}

func TestRefusedAtTheDoor(t *testing.T) {
	c := postgrestest.Start(t, postgrestest.Options{})
	c.Exec(t, "CREATE ROLE alia LOGIN PASSWORD 'right'")
	hba := filepath.Join(c.Data, "pg_hba.conf")
	rules, err := os.ReadFile(hba)
	must(t, err)
	must(t, os.WriteFile(hba, append([]byte("host all alia 127.0.0.1/32 scram-sha-256\n"), rules...), 0o600))
	c.Exec(t, "SELECT pg_reload_conf()")
	for url, why := range map[string]string{
		strings.Replace(c.URL(), "postgres@", "alia:s3cr3t@", 1): "user and password",
		strings.Replace(c.URL(), "/postgres?", "/nothing?", 1):   "no such database",
		c.URL() + "&serach_path=vestnik":                         "does not know a parameter",
	} {
		eventually(t, func() error { // until the rules are read
			db, err := postgres.Open(t.Context(), url, nil)
			if err == nil {
				return errors.Join(errors.New(url+" is let in"), db.Close())
			}
			var refusal *documents.InvalidError
			if !errors.As(err, &refusal) || !strings.Contains(err.Error(), why) || strings.Contains(err.Error(), "s3cr3t") {
				t.Fatalf("%v, want %s", err, why)
			}
			return nil
		})
	}
}
