package mailtest

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"strings"
)

// session is one connection.
type session struct {
	server *Server
	n      int
	raw    net.Conn
	conn   net.Conn
	in     *bufio.Reader
	secure bool
	signed bool
	from   string
	to     []string
	mail   bool
}

func (s *session) run() {
	s.use(s.raw)
	if s.server.config.Implicit && !s.handshake() {
		return
	}
	if !s.do(s.step(Greeting, ""), "220 relay.test ESMTP") {
		return
	}
	for {
		line, err := s.in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		s.server.heard(line)
		if !s.command(line) {
			return
		}
	}
}

func (s *session) use(c net.Conn) {
	s.conn, s.in = c, bufio.NewReader(c)
}

func (s *session) step(p Phase, arg string) Step { return s.server.step(s.n, p, arg) }

// do carries out a step and reports whether the conversation goes on.
func (s *session) do(step Step, usual string) bool {
	say := step.Say
	if say == "" && !step.quiet() {
		say = usual
	}
	if say != "" {
		s.write(say, step.Pieces)
	}
	switch {
	case step.Stall:
		io.Copy(io.Discard, s.conn)
	case step.Reset:
		if t, ok := s.raw.(*net.TCPConn); ok {
			t.SetLinger(0)
		}
	case !step.Drop:
		return true
	}
	return false
}

func (s *session) write(say string, pieces bool) {
	if !strings.HasSuffix(say, "\r\n") {
		say += "\r\n"
	}
	if !pieces {
		io.WriteString(s.conn, say)
		return
	}
	for i := range len(say) {
		io.WriteString(s.conn, say[i:i+1])
	}
}

func (s *session) command(line string) bool {
	verb, arg, _ := strings.Cut(line, " ")
	switch strings.ToUpper(verb) {
	case "EHLO":
		s.reset()
		return s.do(s.step(Ehlo, arg), s.extensions())
	case "HELO":
		s.reset()
		return s.do(s.step(Helo, arg), "250 relay.test")
	case "STARTTLS":
		return s.startTLS()
	case "AUTH":
		return s.auth(arg)
	case "MAIL":
		return s.startMail(arg)
	case "RCPT":
		return s.rcpt(arg)
	case "DATA":
		return s.data()
	case "RSET":
		s.reset()
		return s.do(s.step(Rset, ""), "250 2.0.0 ok")
	case "NOOP":
		return s.do(Step{}, "250 2.0.0 ok")
	case "QUIT":
		s.do(s.step(Quit, ""), "221 2.0.0 bye")
		return false
	}
	return s.do(Step{}, "500 5.5.2 unknown command")
}

func (s *session) reset() { s.from, s.to, s.mail = "", nil, false }

func (s *session) extensions() string {
	lines := []string{"relay.test"}
	lines = append(lines, s.server.config.Extensions...)
	if s.server.config.TLS != nil && !s.secure {
		lines = append(lines, "STARTTLS")
	}
	if s.server.config.User != "" {
		lines = append(lines, "AUTH LOGIN PLAIN")
	}
	var b strings.Builder
	for i, l := range lines {
		mark := "-"
		if i == len(lines)-1 {
			mark = " "
		}
		fmt.Fprintf(&b, "250%s%s\r\n", mark, l)
	}
	return b.String()
}

func (s *session) startTLS() bool {
	step := s.step(StartTLS, "")
	if !s.do(step, "220 2.0.0 go ahead") {
		return false
	}
	if step.Say != "" && !step.Shake {
		return true
	}
	return s.handshake()
}

func (s *session) handshake() bool {
	c := s.server.config
	t := tls.Server(s.raw, &tls.Config{Certificates: []tls.Certificate{*c.TLS}, MinVersion: tls.VersionTLS10, MaxVersion: c.MaxTLS})
	if t.Handshake() != nil {
		return false
	}
	s.secure = true
	s.reset()
	s.use(t)
	return true
}

func (s *session) auth(arg string) bool {
	mechanism, first, _ := strings.Cut(arg, " ")
	step := s.step(Auth, arg)
	if step.acts() {
		return s.do(step, "")
	}
	var given []string
	if strings.EqualFold(mechanism, "PLAIN") {
		given = strings.Split(decode(first), "\x00")
	} else {
		given = []string{"", s.challenge("Username:"), s.challenge("Password:")}
	}
	if len(given) == 3 && given[1] == s.server.config.User && given[2] == s.server.config.Password {
		s.signed = true
		return s.do(Step{}, "235 2.7.0 welcome")
	}
	return s.do(Step{}, "535 5.7.8 wrong user or password")
}

func (s *session) challenge(text string) string {
	s.write("334 "+base64.StdEncoding.EncodeToString([]byte(text)), false)
	line, _ := s.in.ReadString('\n')
	return decode(strings.TrimRight(line, "\r\n"))
}

func decode(s string) string {
	b, _ := base64.StdEncoding.DecodeString(s)
	return string(b)
}

// path takes the address out of "FROM:<a@b> SIZE=1".
func path(arg string) string {
	_, rest, _ := strings.Cut(arg, "<")
	address, _, _ := strings.Cut(rest, ">")
	return address
}

func (s *session) startMail(arg string) bool {
	if s.server.config.User != "" && !s.signed {
		return s.do(Step{}, "530 5.7.0 sign in first")
	}
	if s.mail {
		return s.do(Step{}, "503 5.5.1 nested MAIL")
	}
	step := s.step(Mail, path(arg))
	if step.Say == "" || step.Say[0] == '2' {
		s.mail, s.from = true, path(arg)
	}
	return s.do(step, "250 2.1.0 ok")
}

func (s *session) rcpt(arg string) bool {
	if !s.mail {
		return s.do(Step{}, "503 5.5.1 MAIL first")
	}
	step := s.step(Rcpt, path(arg))
	if step.Say == "" || step.Say[0] == '2' {
		s.to = append(s.to, path(arg))
	}
	return s.do(step, "250 2.1.5 ok")
}

func (s *session) data() bool {
	if len(s.to) == 0 {
		return s.do(Step{}, "503 5.5.1 RCPT first")
	}
	step := s.step(Data, "")
	if step.acts() && (step.Say == "" || step.Say[0] != '3') {
		return s.do(step, "")
	}
	if !s.do(step, "354 end with a dot") {
		return false
	}
	message, ok := s.body()
	if !ok {
		return false
	}
	last := s.to[len(s.to)-1]
	step = s.step(Dot, last)
	if step.commits() {
		s.server.take(Message{Conn: s.n, From: s.from, To: s.to, Data: message, TLS: s.secure})
	}
	s.reset()
	return s.do(step, "250 2.0.0 Ok: queued as 4F1A2B")
}

// body reads up to the final dot; only CRLF ends a line.
func (s *session) body() ([]byte, bool) {
	var b bytes.Buffer
	for first := true; ; first = false {
		line, err := s.in.ReadBytes('\n')
		if err != nil {
			s.server.lost(append(b.Bytes(), line...))
			return nil, false
		}
		if first {
			if step := s.step(Body, ""); step.acts() && !s.do(step, "") {
				return nil, false
			}
		}
		if bytes.Equal(line, []byte(".\r\n")) && (b.Len() == 0 || bytes.HasSuffix(b.Bytes(), []byte("\r\n"))) {
			return b.Bytes(), true
		}
		if line[0] == '.' {
			line = line[1:]
		}
		b.Write(line)
	}
}
