package cli

import (
	"net/url"
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config"
	"ml-api-accelerator/stacks/config/declare"
	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/local/serve"
	"ml-api-accelerator/stacks/internal/shared/names"
)

// stand adds the servers and folders of --backend and --bucket, and refuses those that stand for nothing.
func (f serveFlags) stand(d *edge.Distribution, e config.Environment, o *serve.Options) error {
	switch {
	case (f.canary != "" || f.canaryPercent != "") && !d.HasCanary():
		return usageErrorf("--canary and --canary-percent need api.canary")
	case f.failover != "" && !slices.Contains(d.Backends(), names.FailoverOrigin(names.API)):
		return usageErrorf("--failover needs api.failover")
	}
	var err error
	if o.Backends, err = namedServers("backend", f.backends, d, e); err != nil {
		return err
	}
	if o.Buckets, err = namedValues("bucket", "DIR", f.buckets, d.Buckets()); err != nil {
		return err
	}
	for name, short := range map[string]struct {
		flag   string
		server **url.URL
	}{
		names.API: {"api", &o.API}, names.FailoverOrigin(names.API): {"failover", &o.Failover},
		names.OriginCanary: {"canary", &o.Canary},
	} {
		named := o.Backends[name]
		if named != nil && *short.server != nil {
			return usageErrorf("--%s and --backend %s=URL are the same: give one of them", short.flag, name)
		}
		if named != nil {
			*short.server = named
		}
	}
	if folder := o.Buckets[names.Models]; folder != "" {
		if o.Models != "" {
			return usageErrorf("--models and --bucket %s=DIR are the same: give one of them", names.Models)
		}
		o.Models = folder
	}
	switch {
	case o.Web == "":
	case e.Web == nil:
		return usageErrorf("--web needs web in the configuration: the environment has no page")
	case o.Buckets[names.Web] != "":
		return usageErrorf("--web and --bucket %s=DIR are the same: give one of them", names.Web)
	default:
		o.WebPrefix = e.Web.KeyPrefix()
	}
	return nil
}

// namedServers reads the values of a flag NAME=URL, whose names are those of the backends of a distribution.
func namedServers(
	flag string, given []string, d *edge.Distribution, e config.Environment,
) (map[string]*url.URL, error) {
	for _, value := range given {
		name, _, _ := strings.Cut(value, "=")
		if _, configured := e.Backends[name]; configured && !slices.Contains(d.Backends(), name) {
			return nil, usageErrorf("--%s %q: no route leads to that backend", flag, name)
		}
	}
	values, err := namedValues(flag, "URL", given, d.Backends())
	if err != nil {
		return nil, err
	}
	servers := map[string]*url.URL{}
	for name, value := range values {
		if servers[name], err = baseURL(flag, value); err != nil {
			return nil, err
		}
	}
	return servers, nil
}

// namedValues reads the values of a flag NAME=form, of which each name must be one of those that there are.
func namedValues(flag, form string, given, known []string) (map[string]string, error) {
	values := map[string]string{}
	for _, text := range given {
		name, value, _ := strings.Cut(text, "=")
		switch {
		case name == "" || value == "":
			return nil, usageErrorf("--%s %q: must be NAME=%s", flag, text, form)
		case !slices.Contains(known, name):
			return nil, usageErrorf("--%s %q: not found%s; there are %s",
				flag, name, declare.Suggestion(name, known), strings.Join(known, ", "))
		case values[name] != "":
			return nil, usageErrorf("--%s %q: is given twice", flag, name)
		}
		values[name] = value
	}
	return values, nil
}
