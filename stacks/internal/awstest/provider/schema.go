package provider

import (
	"regexp"
	"sync"

	"google.golang.org/protobuf/encoding/protowire"
)

// schema is the answer to GetSchema, asked for once.
type schema struct {
	mu    sync.Mutex
	whole []byte
	types map[string]bool
}

var typeName = regexp.MustCompile(`"(aws_\w+)"`)

// need keeps the types that a stack names.
func (s *schema) need(stack []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.types == nil {
		s.types = map[string]bool{}
	}
	for _, found := range typeName.FindAllSubmatch(stack, -1) {
		s.types[string(found[1])] = true
	}
}

func (s *schema) get(ask func() ([]byte, error)) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.whole == nil {
		whole, err := ask()
		if err != nil {
			return nil, err
		}
		s.whole = whole
	}
	return only(s.whole, s.types)
}

// only takes all resources and data sources but those of some types out of a GetProviderSchema.Response
// (Terraform, docs/plugin-protocol/tfplugin5.proto).
func only(response []byte, types map[string]bool) ([]byte, error) {
	const resources, dataSources = 2, 3 // maps, the name of a type first
	var kept []byte
	for len(response) > 0 {
		field, _, n := protowire.ConsumeField(response)
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		whole := response[:n]
		response = response[n:]
		if field == resources || field == dataSources {
			_, _, tag := protowire.ConsumeTag(whole)
			entry, _ := protowire.ConsumeBytes(whole[tag:])
			_, _, tag = protowire.ConsumeTag(entry)
			name, _ := protowire.ConsumeBytes(entry[tag:])
			if !types[string(name)] {
				continue
			}
		}
		kept = append(kept, whole...)
	}
	return kept, nil
}
