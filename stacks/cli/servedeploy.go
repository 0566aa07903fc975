package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/edge/compare"
	"ml-api-accelerator/stacks/internal/edge/explain"
	"ml-api-accelerator/stacks/internal/edge/function"
	"ml-api-accelerator/stacks/internal/local/serve"
	"ml-api-accelerator/stacks/internal/synth/bindings"
)

// edgeRun is a run of serve: what was typed, which stays, and what of the configuration is served.
type edgeRun struct {
	cmd         *cobra.Command
	environment string
	flags       serveFlags
	options     serve.Options // those that no configuration changes
	keys        function.Map
	credentials []credential

	file   *watched
	kernel bindings.Kept // makes the stack anew
	server *serve.Server
	served edgeVersion
	broken bool // whether the file is, so that something older is served
}

// edgeVersion is an environment as one version of the configuration has it.
type edgeVersion struct {
	environment
	stack        []byte
	distribution *edge.Distribution
	options      serve.Options
	hint         string   // how to send a key that was made
	told, lacks  []string // what is said of it, beside the routes
}

// start reads the environment, and what was typed for it.
func (r *edgeRun) start() (err error) {
	if r.options, err = r.flags.options(); err != nil {
		return err
	}
	r.file = watch(r.cmd.Flag("config").Value.String()) // before it is read, so that no change is missed
	v, err := r.read()
	if err != nil {
		return err
	}
	if err := r.flags.stand(v.distribution, v.Environment, &r.options); err != nil {
		return err
	}
	if r.keys, err = r.flags.callerKeys(r.cmd, v.distribution); err != nil {
		return err
	}
	if r.credentials, err = r.flags.backendCredentials(r.cmd, v.Environment); err != nil {
		return err
	}
	r.options.Before = func() { r.file.take(r.redeploy) }
	r.served = v
	return r.fit(&r.served)
}

// read returns the environment as the file has it now.
func (r *edgeRun) read() (v edgeVersion, err error) {
	if v.environment, err = openEnvironment(r.cmd, r.environment); err != nil {
		return v, err
	}
	v.kernel = &r.kernel
	if v.stack, err = v.json(); err != nil {
		return v, err
	}
	if v.distribution, err = edge.Parse(v.stack); err != nil {
		return v, err
	}
	if former := r.served.distribution; former == nil || !reflect.DeepEqual(former.Unread, v.distribution.Unread) {
		unread, err := v.unread(v.name, v.distribution)
		v.warn(unread)
		return v, err
	}
	return v, nil
}

// fit gives a version what was typed, as far as there is something in it that this is for.
func (r *edgeRun) fit(v *edgeVersion) error {
	v.options = r.options
	v.options.Firewall = v.Firewall
	if v.options.Web != "" && v.Web != nil {
		v.options.WebPrefix = v.Web.KeyPrefix()
	}
	store := maps.Clone(r.keys)
	v.hint = r.flags.letLocalIn(store, v.distribution)
	v.options.Store, v.options.Secrets = store, maps.Clone(r.options.Secrets)
	return giveCredentials(r.credentials, v.Environment, store, v.options.Secrets)
}

// introduce says of a version that is deployed what who starts serve, or changes the configuration, has to know.
func (r *edgeRun) introduce(v *edgeVersion) {
	v.told, v.lacks = introduction(v.distribution, v.options, v.hint), lacking(r.server)
}

// redeploy takes on the configuration as it is now, and says what changes. Where it is wrong, all stays as it was.
func (r *edgeRun) redeploy() (done bool) {
	next, err := r.read()
	var unused []string
	changes := err == nil && !bytes.Equal(next.stack, r.served.stack)
	if changes {
		if err = r.fit(&next); err == nil {
			unused, err = r.server.Deploy(next.distribution, next.options)
		}
	}
	out := r.cmd.ErrOrStderr()
	file := r.file.name
	switch {
	case errors.Is(err, context.Canceled):
		return false
	case err != nil:
		r.broken = true
		fmt.Fprintf(out, "%s\nstill serving the last good version of %s\n", painted(out, err), r.environment)
		return false
	case !changes && r.broken:
		fmt.Fprintf(out, "%s is valid again: nothing changes for %s\n", file, r.environment)
	case changes:
		r.introduce(&next)
		verb := "has changed"
		if r.broken {
			verb = "is valid again"
		}
		if news := news(r.served, next, unused); news != "" || r.broken {
			fmt.Fprintf(out, "%s %s\n%s", file, verb, news)
		}
		r.served = next
	}
	r.broken = false
	return true
}

// mostNews is how many lines about requests somebody reads who has just saved a file.
const mostNews = 12

// news says what another version changes for who uses the edge: for which requests, or which routes there are now where
// that is too much to read.
func news(former, next edgeVersion, unused []string) string {
	out := ""
	if differences := compare.Compare(
		map[string]*edge.Distribution{next.name: former.distribution},
		map[string]*edge.Distribution{next.name: next.distribution}, nil,
	); len(differences) > 0 {
		out = compare.Text(differences)
	}
	if strings.Count(out, "\n") > mostNews {
		out = explain.Table(explain.Routes(next.distribution))
	}
	if len(unused) > 0 {
		out += fmt.Sprintf("cached answers for %s are dropped here; CloudFront would serve them until they expire\n",
			strings.Join(unused, ", "))
	}
	for _, line := range without(next.told, former.told) {
		out += line + "\n"
	}
	lacks := without(next.lacks, former.lacks)
	for _, line := range lacks {
		out += line + "\n"
	}
	if len(lacks) > 0 {
		out += "flags are only read at the start: restart serve with them\n"
	}
	return out
}

// without returns the lines that aren't among those that are known.
func without(lines, known []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return slices.Contains(known, line) })
}
