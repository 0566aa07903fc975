package bucket

import (
	"path/filepath"
	"strings"
)

// types are what `aws s3 cp` guesses for the files that lie beside models, from Python's mimetypes alone (aws/aws-cli, issue
// 3817); a system with more types guesses more.
var types = map[string]string{
	".a":    "application/octet-stream",
	".bin":  "application/octet-stream",
	".css":  "text/css",
	".csv":  "text/csv",
	".gif":  "image/gif",
	".h5":   "application/x-hdf5",
	".hdf":  "application/x-hdf",
	".htm":  "text/html",
	".html": "text/html",
	".jpeg": "image/jpeg",
	".jpg":  "image/jpeg",
	".js":   "application/javascript",
	".json": "application/json",
	".mjs":  "application/javascript",
	".mp3":  "audio/mpeg",
	".mp4":  "video/mp4",
	".o":    "application/octet-stream",
	".obj":  "application/octet-stream",
	".pdf":  "application/pdf",
	".png":  "image/png",
	".py":   "text/x-python",
	".sh":   "application/x-sh",
	".so":   "application/octet-stream",
	".svg":  "image/svg+xml",
	".tar":  "application/x-tar",
	".tgz":  "application/x-tar",
	".tsv":  "text/tab-separated-values",
	".txt":  "text/plain",
	".wasm": "application/wasm",
	".wav":  "audio/x-wav",
	".xml":  "text/xml",
	".zip":  "application/zip",
}

// contentType is the type of an object. How it is compressed isn't part of the guess: model.json.gz is application/json. What
// isn't known is stored without a type, for which S3 has its own (Amazon S3 API Reference, PutObject, Content-Type).
func contentType(name string) string {
	name = strings.ToLower(name)
	switch extension := filepath.Ext(name); extension {
	case ".gz", ".bz2", ".xz", ".br", ".z":
		name = strings.TrimSuffix(name, extension)
	}
	if guess, found := types[filepath.Ext(name)]; found {
		return guess
	}
	return "binary/octet-stream"
}
