// Package resolver is a DNS resolver for tests.
package resolver

import (
	"net"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// Address is what a name has that has an address and no CNAME.
const Address = "192.0.2.1"

// Start starts a resolver that knows CNAMEs by name, or Address, and returns its address. It ends with the test. What a
// CNAME leads to needn't have an address: those that validate a certificate have none.
func Start(t testing.TB, known map[string]string) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go serve(conn, known)
	return conn.LocalAddr().String()
}

// StartDeaf starts a resolver that never answers.
func StartDeaf(t testing.TB) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn.LocalAddr().String()
}

func serve(conn net.PacketConn, known map[string]string) {
	packet := make([]byte, 1232)
	for {
		n, from, err := conn.ReadFrom(packet)
		if err != nil {
			return // closed
		}
		var question dnsmessage.Message
		if question.Unpack(packet[:n]) != nil || len(question.Questions) != 1 {
			continue
		}
		answer, err := respond(question, known)
		if err == nil {
			_, _ = conn.WriteTo(answer, from)
		}
	}
}

func respond(question dnsmessage.Message, known map[string]string) ([]byte, error) {
	answer := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: question.ID, Response: true, RecursionDesired: true, RecursionAvailable: true},
		Questions: question.Questions,
	}
	asked := question.Questions[0]
	value, found := known[strings.ToLower(strings.TrimSuffix(asked.Name.String(), "."))]
	head := dnsmessage.ResourceHeader{Name: asked.Name, Class: dnsmessage.ClassINET, TTL: 60}
	switch {
	case !found:
		answer.RCode = dnsmessage.RCodeNameError
	case value != Address:
		target, err := dnsmessage.NewName(value + ".")
		if err != nil {
			return nil, err
		}
		answer.Answers = []dnsmessage.Resource{{Header: head, Body: &dnsmessage.CNAMEResource{CNAME: target}}}
	case asked.Type == dnsmessage.TypeA:
		answer.Answers = []dnsmessage.Resource{{Header: head, Body: &dnsmessage.AResource{A: [4]byte{192, 0, 2, 1}}}}
	}
	return answer.Pack()
}
