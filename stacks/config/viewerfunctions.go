package config

import (
	"slices"

	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/shared/cloudfront"
	"ml-api-accelerator/stacks/internal/shared/names"
	"ml-api-accelerator/stacks/internal/shared/viewerrequest"
)

// ViewerFunction is a function that runs before each request of the behaviors that have its id.
type ViewerFunction struct {
	ID string
	viewerrequest.Options
}

// ViewerFunctions returns the functions that run before requests: each behavior has one at most, and those for which it
// does the same share it.
func (e Environment) ViewerFunctions() []ViewerFunction {
	var list []ViewerFunction
	for _, b := range e.Behaviors() {
		f := e.ViewerFunction(b)
		if f.ID != "" && !slices.ContainsFunc(list, func(other ViewerFunction) bool { return other.ID == f.ID }) {
			list = append(list, f)
		}
	}
	return list
}

// ViewerFunction returns the function of a behavior; without an id there is none. The id says for what it runs, so that
// a change of what one route needs changes no function that others run.
func (e Environment) ViewerFunction(b Behavior) ViewerFunction {
	if b.ToBucket {
		return e.bucketFunction(b)
	}
	backend, _ := e.Backend(b.Origin)
	hasStore := e.API.Keys != nil || e.hasCanary(b.Origin)
	if !hasStore && b.Strip == "" && !e.tellsHost(backend) {
		return ViewerFunction{}
	}
	options := viewerrequest.Options{
		OriginPath: backend.Path != "", Strip: b.Strip, ForwardHost: e.tellsHost(backend),
	}
	if e.CORS != nil {
		options.CORS = &viewerrequest.CORS{
			AllowOrigins: e.CORS.AllowOrigins, AllowMethods: e.CORS.methods(), AllowHeaders: e.CORS.AllowHeaders,
			AllowCredentials: e.CORS.AllowCredentials, MaxAgeSeconds: e.CORS.MaxAgeSeconds,
		}
	}
	for _, route := range e.Routes {
		if !e.isBucket(route.Origin) {
			options.Routes = append(options.Routes, viewerrequest.Route{Path: route.Path, Signed: route.Signed,
				Reads: route.Methods == MethodsRead, Public: e.API.Keys != nil && route.Public})
		}
	}
	options.Pausable, options.LogCaller = hasStore, hasStore && e.Logging.namesCallers()
	options.Credential = backend.Credential.sent(b.Origin)
	id, own := "backends", b.Origin == OriginAPI
	switch c := backend.Credential; {
	case own, c != nil && c.Store:
		id, own = b.Origin, true
	case c != nil:
		id += "-credential"
	}
	if e.API.Keys != nil {
		options.KeyHeaders, options.ForwardKey, options.Public = e.API.KeyHeaders(), e.API.Keys.Forward, b.Public
	}
	if e.hasCanary(b.Origin) {
		id = b.OriginID()
		options.Canary = &viewerrequest.Canary{
			Origin: names.CanaryOrigin(id), Percent: e.API.Canary.Percent,
			Credential: e.API.Canary.Credential.sent(names.OriginCanary),
		}
		if b.Failover {
			options.Canary.Failover, options.Canary.FailoverOn = names.FailoverOrigin(id), FailoverStatuses
			id += "-failover"
		}
	}
	if options.OriginPath && !own {
		id += "-path"
	}
	if options.ForwardHost && !own {
		id += "-host"
	}
	if options.Public {
		id += "-public"
	}
	if b.Strip != "" {
		id = names.ViewerFunction(id, "strip", b.Strip)
	}
	return ViewerFunction{ID: id, Options: options}
}

// bucketFunction returns that of a behavior that leads to a bucket.
func (e Environment) bucketFunction(b Behavior) ViewerFunction {
	f, id := ViewerFunction{Options: viewerrequest.Options{Strip: b.Strip}}, "buckets"
	if b.Origin == OriginWeb {
		id, f.Page = OriginWeb, e.Web.viewerPage()
		f.ID = id
	}
	if b.Strip != "" {
		f.ID = names.ViewerFunction(id, "strip", b.Strip)
	}
	return f
}

// Unpausable returns the behaviors that go on while all else is paused: no function that reads the store runs there.
func (e Environment) Unpausable() []Behavior {
	return slices.DeleteFunc(e.Behaviors(), func(b Behavior) bool { return e.ViewerFunction(b).Pausable })
}

// mostStoreReaders is how many functions can have the same key value store (CloudFront Developer Guide, Quotas on key
// value stores).
const mostStoreReaders = 10

func (e Environment) checkFunction(r *declare.Report, at declare.Path) {
	size, readers := 0, 0
	for _, function := range e.ViewerFunctions() {
		size = max(size, len(viewerrequest.Code(function.Options)))
		if function.ReadsStore() {
			readers++
		}
	}
	if readers > mostStoreReaders {
		r.Must(ruleStoreReaders, at.Field("api"), "must need at most %d functions that read its key value store, got %d: "+
			"each strip has its own, and so have public routes, backends with a path or publicHost, and, with a canary, "+
			"each readTimeoutSeconds of a route to the API, with failover and without", mostStoreReaders, readers)
	}
	if size > cloudfront.MaxFunctionBytes {
		r.Must(ruleFunctionSize, at.Field("api"),
			"must make a function of at most %d bytes: have fewer or shorter cors.allowOrigins, and fewer routes to the API "+
				"up to the last that is signed or only reads", cloudfront.MaxFunctionBytes)
	}
}
