package awstest

import "net/http"

// bucketPolicy keeps the policies of buckets. moto applies them without their
// conditions: one that denies what does not come over TLS would deny all.
func (s *Server) bucketPolicy(w http.ResponseWriter, _ *http.Request, call Call) bool {
	if status, _ := s.askMoto("s3", http.MethodHead, "/"+call.bucket(), nil, nil); status != http.StatusOK {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	part := call.bucket() + " BucketPolicy"
	switch call.Action {
	case "PutBucketPolicy":
		s.kept[part] = call.Body
		w.WriteHeader(http.StatusNoContent)
	case "DeleteBucketPolicy":
		delete(s.kept, part)
		w.WriteHeader(http.StatusNoContent)
	default:
		if s.kept[part] == nil {
			writeError(w, call.protocol, &Error{404, "NoSuchBucketPolicy", "The bucket policy does not exist"})
			return true
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(s.kept[part])
	}
	return true
}
