package awstest

import "net/http"

// bucketMetrics keeps the metrics configuration of a bucket. moto knows none
// and takes the deletion of one for the deletion of the bucket.
func (s *Server) bucketMetrics(w http.ResponseWriter, r *http.Request, call Call) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	part := call.bucket() + " MetricsConfiguration"
	switch r.Method {
	case http.MethodPut:
		s.kept[part] = call.Body
	case http.MethodDelete:
		delete(s.kept, part)
		w.WriteHeader(http.StatusNoContent)
	default:
		if s.kept[part] == nil {
			writeError(w, call.protocol, &Error{404, "NoSuchConfiguration", "The specified configuration does not exist."})
			return true
		}
		_, _ = w.Write(s.kept[part])
	}
	return true
}
