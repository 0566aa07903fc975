package serve

import (
	"maps"
	"slices"
	"strings"
)

// Missing says which origins nothing stands for.
func (s *Server) Missing() []error {
	var missing []error
	for _, id := range slices.Sorted(maps.Keys(s.origins)) {
		if err := s.origins[id].missing; err != nil {
			missing = append(missing, err)
		}
	}
	return missing
}

// Unknown are the secrets that custom headers have and that no value was given for.
func (s *Server) Unknown() []string {
	unknown := map[string]bool{}
	for _, b := range s.distribution.Behaviors {
		for _, value := range b.Origin.CustomHeaders {
			if name, is := secretName(value); is && s.options.Secrets[name] == "" {
				unknown[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(unknown))
}

func secretName(value string) (name string, is bool) {
	name, is = strings.CutPrefix(value, "(secret ")
	return strings.TrimSuffix(name, ")"), is && strings.HasSuffix(value, ")")
}
