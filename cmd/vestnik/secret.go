package main

import (
	"fmt"
	"net/url"
	"os"
	"strings"
)

// secret resolves a flag that may carry a secret: env:NAME, file:PATH, or the
// value itself, which must then not hold a password, because command lines are
// seen by everybody on the machine.
func secret(flagName, value string) (string, error) {
	if name, ok := strings.CutPrefix(value, "env:"); ok {
		v, set := os.LookupEnv(name)
		if !set || v == "" {
			return "", fmt.Errorf("-%s names the environment variable %s, which is not set", flagName, name)
		}
		return v, nil
	}
	if path, ok := strings.CutPrefix(value, "file:"); ok {
		b, err := os.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("-%s: %w", flagName, err)
		}
		return strings.TrimSpace(string(b)), nil
	}
	if hasPassword(value) {
		return "", fmt.Errorf("-%s holds a password, which others on this machine can see; put it into a variable or a file and write -%s env:NAME or -%s file:PATH", flagName, flagName, flagName)
	}
	return value, nil
}

// hasPassword also sees password= and sslpassword=, as parameters of a URL of
// several hosts, which is none of net/url's, or of no URL.
func hasPassword(value string) bool {
	if strings.Contains(strings.ToLower(value), "password=") {
		return true
	}
	u, err := url.Parse(value)
	if err != nil {
		// What cannot be parsed may still hold one: anything:anything@host.
		_, rest, ok := strings.Cut(value, "://")
		at := strings.LastIndex(rest, "@")
		return ok && at > 0 && strings.Contains(rest[:at], ":")
	}
	_, set := u.User.Password()
	return set
}
