package mail

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"

	"github.com/emersion/go-sasl"
)

func (c *Conn) authenticate() error {
	offered := strings.Fields(c.ext["AUTH"])
	switch {
	case slices.Contains(offered, "PLAIN"):
		return c.auth(sasl.NewPlainClient("", c.at.user, c.at.password))
	case slices.Contains(offered, "LOGIN"):
		return c.auth(&login{c.at.user, c.at.password})
	}
	return ErrNoAuth
}

// login waits to be asked, twice, and does not care about the wording: servers
// differ in it, and some ignore a name that comes with the command.
type login []string

func (l *login) Start() (string, []byte, error) { return "LOGIN", nil, nil }

func (l *login) Next([]byte) ([]byte, error) {
	if len(*l) == 0 {
		return nil, errors.New("asked for more than name and password")
	}
	next := (*l)[0]
	*l = (*l)[1:]
	return []byte(next), nil
}

// auth follows RFC 4954 §4.
func (c *Conn) auth(client sasl.Client) error {
	mechanism, first, err := client.Start()
	if err != nil {
		return err
	}
	line := "AUTH " + mechanism
	if first != nil {
		line += " " + base64.StdEncoding.EncodeToString(first)
	}
	for {
		a, _, err := c.ask(PhaseAuth, waitCommand, "23", line)
		if err != nil || a.Code/100 == 2 {
			return err
		}
		challenge, err := base64.StdEncoding.DecodeString(a.Text)
		if err == nil {
			challenge, err = client.Next(challenge)
		}
		if err != nil {
			_, _, err = c.ask(PhaseAuth, waitCommand, "", "*")
			return err
		}
		line = base64.StdEncoding.EncodeToString(challenge)
	}
}
