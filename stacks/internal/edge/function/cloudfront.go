package function

import (
	"errors"

	"github.com/dop251/goja"
)

type method = func(goja.FunctionCall) goja.Value

// cloudfront is the module of that name (Helper methods for key value stores, and Helper methods for origin modification). What
// this model doesn't know throws.
func (r *run) cloudfront() goja.Value {
	return r.object(map[string]method{
		"kvs":                      r.kvs,
		"selectRequestOriginById":  r.selectOrigin,
		"createRequestOriginGroup": r.createGroup,
		"updateRequestOrigin":      r.unknown("updateRequestOrigin"),
	})
}

func (r *run) unknown(name string) method {
	return func(goja.FunctionCall) goja.Value {
		r.throw(errors.New(name + ": this model doesn't know it"))
		return nil
	}
}
