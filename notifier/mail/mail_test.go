package mail

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"vestnik/notifier/mail/mailtest"
)

func example() Message {
	return Message{
		ID:       "v1.42.abcdef@notices.example.kz",
		Date:     time.Date(2026, 11, 22, 10, 0, 0, 0, time.FixedZone("", 5*3600)),
		From:     "Мысал компаниясы <policy@example.kz>",
		To:       Address{"aigul", "example.kz"},
		ToName:   "Айгүл Серікқызы",
		ReplyTo:  "Answers <legal@example.kz>",
		Subject:  "Құпиялық саясаты өзгереді / Политика меняется",
		Text:     "Сәлем!\n.\n.leading dot\n6.1. Changed\n",
		HTML:     "<p>Сәлем!</p>\n.\n",
		Language: "kk, ru",
		Headers:  []Header{{"Vestnik-Checkpoint", "example.kz/log 42 abcd="}},
	}
}

func compose(t *testing.T, m Message) []byte {
	t.Helper()
	b, err := Compose(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestHandOver(t *testing.T) {
	s := mailtest.New(t, mailtest.Config{})
	c, err := Dial(t.Context(), Relay{URL: s.URL(), Hello: "vestnik.example.kz"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	message := compose(t, example())
	for range 2 {
		a, err := c.Begin(t.Context(), Address{"policy", "example.kz"}, Address{"aigul", "example.kz"}, message)
		if err != nil {
			t.Fatal(err)
		}
		before := len(s.Messages())
		answer, err := a.Finish(t.Context())
		if err != nil || answer.Code != 250 || answer.Enhanced != "2.0.0" || !strings.Contains(answer.Text, "4F1A2B") {
			t.Fatalf("answer %+v, %v", answer, err)
		}
		if before != len(s.Messages())-1 {
			t.Fatal("the message was taken before its dot")
		}
	}
	got := s.Messages()[1]
	if !bytes.Equal(got.Data, message) || got.From != "policy@example.kz" || got.To[0] != "aigul@example.kz" {
		t.Fatalf("the relay has another message: %s %s\n%s", got.From, got.To, got.Data)
	}
}

func TestComposeReads(t *testing.T) {
	raw := compose(t, example())
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	subject, _ := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if subject != example().Subject {
		t.Errorf("subject %q", subject)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	var types []string
	for {
		p, err := parts.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		types = append(types, p.Header.Get("Content-Type"))
	}
	if len(types) != 2 || !strings.HasPrefix(types[0], "text/plain") || !strings.HasPrefix(types[1], "text/html") {
		t.Errorf("parts %v", types)
	}
	t.Logf("%s", raw)
}
