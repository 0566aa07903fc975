package serve

import (
	"maps"
	"slices"

	"ml-api-accelerator/stacks/internal/edge"
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
	for _, o := range s.origins {
		for _, value := range o.from.CustomHeaders {
			if value.Kind == edge.Secret && s.options.Secrets[value.Text] == "" {
				unknown[value.Text] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(unknown))
}
