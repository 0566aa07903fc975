package function

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"

	"github.com/dop251/goja"
)

// The module crypto (JavaScript runtime 2.0 features for CloudFront Functions, Crypto).
var (
	algorithms = map[string]func() hash.Hash{"md5": md5.New, "sha1": sha1.New, "sha256": sha256.New}
	encodings  = map[string]func([]byte) string{
		"hex": hex.EncodeToString, "base64": base64.StdEncoding.EncodeToString, "base64url": base64.RawURLEncoding.EncodeToString,
	}
)

func (r *run) crypto() goja.Value {
	return r.object(map[string]method{
		"createHash": func(call goja.FunctionCall) goja.Value { return r.hash(r.algorithm(call)()) },
		"createHmac": func(call goja.FunctionCall) goja.Value {
			return r.hash(hmac.New(r.algorithm(call), r.bytes(call.Argument(1))))
		},
	})
}

func (r *run) algorithm(call goja.FunctionCall) func() hash.Hash {
	made, known := algorithms[call.Argument(0).String()]
	if !known {
		r.throw(errors.New("unknown algorithm " + call.Argument(0).String()))
	}
	return made
}

func (r *run) hash(sum hash.Hash) goja.Value {
	done := false
	object := r.vm.NewObject()
	for name, method := range map[string]method{
		"update": func(call goja.FunctionCall) goja.Value {
			sum.Write(r.bytes(call.Argument(0)))
			return object
		},
		"digest": func(call goja.FunctionCall) goja.Value {
			encode, known := encodings[call.Argument(0).String()]
			if !known {
				r.throw(errors.New("digest: must name hex, base64 or base64url: this model has no Buffer"))
			}
			done = true
			return r.vm.ToValue(encode(sum.Sum(nil)))
		},
	} {
		checked := func(call goja.FunctionCall) goja.Value {
			if done {
				r.throw(errors.New("the digest is already made"))
			}
			return method(call)
		}
		if err := object.Set(name, checked); err != nil {
			r.throw(err)
		}
	}
	return object
}

// bytes are those of a text or of a typed array.
func (r *run) bytes(value goja.Value) []byte {
	switch data := value.Export().(type) {
	case string:
		return []byte(data)
	case []byte:
		return data
	default:
		r.throw(errors.New("must be a string or a Uint8Array"))
		return nil
	}
}
