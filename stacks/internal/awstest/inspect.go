package awstest

// Resources returns the ids of what CloudFront's store holds by the type's
// name (Distribution, CachePolicy …); AWS's own policies are left out.
func (s *Server) Resources() map[string][]string {
	s.cloudfront.Lock()
	defer s.cloudfront.Unlock()
	found := map[string][]string{}
	for _, k := range kinds {
		for _, e := range s.cloudfront.all(k) {
			if !e.managed {
				found[k.noun] = append(found[k.noun], e.id)
			}
		}
	}
	return found
}

// XML returns a stored resource as the API returns it, such as
// XML("Distribution", id), or nil.
func (s *Server) XML(noun, id string) []byte {
	s.cloudfront.Lock()
	defer s.cloudfront.Unlock()
	if e := s.cloudfront.entries[kindNamed(noun)][id]; e != nil {
		return e.element(s.cloudfront).render()
	}
	return nil
}

// ETag returns the current version of a stored resource, or "".
func (s *Server) ETag(noun, id string) string {
	s.cloudfront.Lock()
	defer s.cloudfront.Unlock()
	if e := s.cloudfront.entries[kindNamed(noun)][id]; e != nil {
		return e.etag
	}
	return ""
}
