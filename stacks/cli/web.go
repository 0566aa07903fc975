package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"ml-api-accelerator/stacks/internal/live/awsclient"
	"ml-api-accelerator/stacks/internal/live/iampolicy"
	"ml-api-accelerator/stacks/internal/live/publish"
	"ml-api-accelerator/stacks/internal/shared/format"
	"ml-api-accelerator/stacks/internal/shared/names"
	"ml-api-accelerator/stacks/internal/shared/webfiles"
	"ml-api-accelerator/stacks/internal/terminal"
)

func newWeb() *cobra.Command {
	cmd := &cobra.Command{
		Use:        "web",
		SuggestFor: []string{"page", "site", "publish"},
		Short:      "Publish the page beside the API",
		Long:       "Works on the page of an environment, whose files are in the bucket that the section web makes or names.",
		RunE:       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newWebPublish())
	return cmd
}

func newWebPublish() *cobra.Command {
	var prune, dryRun, asJSON bool
	cmd := &cobra.Command{
		Use:        "publish ENVIRONMENT FOLDER",
		SuggestFor: []string{"deploy", "sync", "upload", "push"},
		Short:      "Bring the files of a page into its bucket",
		Long: `Brings the files of a folder into the bucket of the page: what is new or has changed in content, type or
Cache-Control, index.html last, so that callers get the page as it was or as it is now. Then CloudFront is
told to forget what has changed under its old name. If that is interrupted, run it again.

Files with a hash in their names are kept by browsers for a year; all others are asked for each time. What
changes under a name without a hash, such as style.css, is seen with the page before for a moment: it
is named in a warning.

Files that the folder doesn't have stay, so that pages which are open go on working: --prune deletes
them, once CloudFront has forgotten the page before, for which it waits. It deletes whatever else is in the
bucket below the page's prefix: --dry-run lists it. Otherwise nobody waits for CloudFront, which takes
a minute or two. Two who publish at a time are in each other's way: do it one after the other.

Hidden files are left out, but for .well-known. It finds bucket and distribution by their tag, with the same AWS
credentials as the AWS CLI. policy ENVIRONMENT --web prints what they must allow.`,
		Example: `  go run . web publish prod dist
  go run . web publish prod dist --dry-run --prune
  go run . web publish prod dist --json`,
		Args: takes(2, 2, "an environment and the folder with index.html", "web publish prod dist"),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 1 {
				return nil, cobra.ShellCompDirectiveFilterDirs
			}
			return completeEnvironments()(cmd, args, typed)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := openEnvironment(cmd, args[0])
			if err != nil {
				return err
			}
			p, err := e.page()
			if err != nil {
				return err
			}
			result, err := e.publish(p, args[1], publish.Options{Prune: prune, DryRun: dryRun})
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd, listPublished(result, dryRun))
			}
			return publishedTable(cmd.OutOrStdout(), result)
		},
	}
	cmd.Flags().BoolVar(&prune, "prune", false, "delete from the bucket what the folder doesn't have")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "only say what would be done")
	cmd.Flags().BoolVar(&asJSON, "json", false,
		"print {dryRun, files, unchanged, staying, paths, invalidations}; files is a list of {name, change, bytes}")
	return cmd
}

// page is where the page of an environment is, as far as the configuration knows.
type page struct {
	bucket       string // the name, or
	bucketPrefix string // what the name that Terraform chooses begins with
	region       string
	prefix       string   // of its keys: empty, or it ends with a slash
	paths        []string // what the paths of its files begin with, for callers and for the bucket
	kmsKeyARN    string   // of the bucket; empty: S3's own keys encrypt
}

// page returns where the page of the environment is.
func (e environment) page() (page, error) {
	w := e.Web
	if w == nil {
		return page{}, e.wrong(errors.New("web: isn't set, so there is no page to publish"))
	}
	return page{
		bucket:       w.BucketName,
		bucketPrefix: names.BucketPrefix(e.stack, names.Web),
		region:       w.Region(e.Region),
		prefix:       w.KeyPrefix(),
		paths:        publish.Paths(w.Path, w.Strip),
		kmsKeyARN:    w.KMSKeyARN,
	}, nil
}

// publishPause is how long a command waits before it asks CloudFront again. Tests don't wait as long.
var publishPause = 5 * time.Second

// publish publishes a folder, and says on stderr what there is to know.
func (e environment) publish(p page, dir string, options publish.Options) (result publish.Result, err error) {
	line := terminal.Start(warningWriter(e.cmd), "reading "+dir)
	folder, err := publish.Read(e.cmd.Context(), dir, p.prefix)
	line.Stop()
	if err != nil {
		return result, e.publishError(publish.Untouched, err)
	}
	e.warnOfHidden(folder)
	line = terminal.Start(warningWriter(e.cmd), "publishing")
	options.Pause, options.Tell = publishPause, func(p publish.Progress) { line.Tell(progressOf(p)) }
	result, err = e.publishFolder(p, folder, options)
	line.Stop()
	if err != nil {
		return result, e.publishError(result.Stage, err)
	}
	e.tellPublished(folder, result, options)
	return result, nil
}

func (e environment) publishFolder(
	p page, folder publish.Folder, options publish.Options,
) (result publish.Result, err error) {
	ctx := e.cmd.Context()
	cfg, err := awsclient.Load(ctx, p.region)
	if err != nil {
		return result, err
	}
	as, err := awsclient.Credentials(ctx, cfg)
	if err != nil {
		return result, err
	}
	place := publish.Place{Stack: e.stack, Region: p.region, Prefix: p.prefix, Paths: p.paths}
	place.Bucket, place.Distribution, err = publish.Find(ctx, cfg, as, publish.Wanted{
		Stack: e.stack, Region: p.region, Account: e.Account.ID, Bucket: p.bucket, BucketPrefix: p.bucketPrefix,
	})
	if err != nil {
		return result, err
	}
	return publish.Run(ctx, cfg, as, place, folder, options)
}

func progressOf(p publish.Progress) string {
	switch {
	case p.All == 0:
		return p.Doing
	case p.Of > 0:
		return fmt.Sprintf("%s, %d of %s, %d %%", p.Doing, p.Done, format.Count(p.All, "file"), 100*p.DoneBytes/p.Of)
	}
	return fmt.Sprintf("%s, %d of %s", p.Doing, p.Done, format.Count(p.All, "file"))
}

// publishError says what callers get after an error, and what to do.
func (e environment) publishError(stage publish.Stage, err error) error {
	var missing *publish.MissingError
	var refused *awsclient.RefusedError
	switch {
	case e.cmd.Context().Err() != nil:
		err = context.Canceled
	case errors.As(err, &missing):
		err = fmt.Errorf("%s: has no %s in the account of your AWS credentials; deploy it first: cdktf deploy %s",
			e.name, missing.What, e.stack)
	case errors.As(err, &refused) && refused.Code == "NoSuchBucket":
		err = fmt.Errorf("%s: the bucket for the page doesn't exist; if the stack makes it, deploy it: cdktf deploy %s",
			e.name, e.stack)
	default:
		err = e.accessError(err, "--web prints the IAM policy that this command needs")
	}
	then := map[publish.Stage]string{
		publish.Before:  "callers get the page as it was; run it again",
		publish.Unknown: "callers get the page as it was, or as it is now; run it again",
		publish.Up:      "callers get the page as it is now, but not all is done; run it again",
	}[stage]
	switch {
	case then == "":
		return err
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(warningWriter(e.cmd), then)
		return err
	}
	return fmt.Errorf("%w\n  %s", err, then)
}

// warnOfHidden names the files that another route's path hides.
func (e environment) warnOfHidden(folder publish.Folder) {
	var files []string
	for _, f := range folder.Files {
		files = append(files, f.Name)
	}
	for _, h := range e.HiddenFromPage(files) {
		warn(e.cmd, "nobody gets %s: %q leads elsewhere (environments.%s.%s); give the files other names, or change that path",
			some(h.Files), h.Pattern, e.name, h.At)
	}
}

// tellPublished says what there is to know.
func (e environment) tellPublished(folder publish.Folder, result publish.Result, options publish.Options) {
	if len(folder.LeftOut) > 0 {
		warn(e.cmd, "hidden, and so left out: %s", some(folder.LeftOut))
	}
	if len(folder.Plus) > 0 {
		warn(e.cmd, "S3 takes a + in a URL for a space, so browsers don't find %s: give them other names",
			some(folder.Plus))
	}
	if len(folder.NoDot) > 0 {
		warn(e.cmd, "nobody gets %s: a path without a dot behind its last slash is no file's", some(folder.NoDot))
	}
	var never, inPlace []string
	for _, name := range result.InPlace {
		if webfiles.NeverChanges(name) {
			never = append(never, name)
		} else {
			inPlace = append(inPlace, name)
		}
	}
	if len(inPlace) > 0 {
		warn(e.cmd, "changed under the same name, and so seen with the page before for a moment: %s; have the build put "+
			"a hash of the content in their names", some(inPlace))
	}
	if len(never) > 0 {
		warn(e.cmd, "changed although the name says that it never does: %s; browsers that have it keep it for a year: give "+
			"it another name", some(never))
	}
	tell := func(f string, args ...any) { fmt.Fprintf(warningWriter(e.cmd), f+"\n", args...) }
	switch {
	case options.DryRun:
		tell("nothing was changed: --dry-run")
	case len(result.Changes) == 0 && len(result.Invalidations) == 0:
		tell("nothing has changed")
	default:
		tell("the page is up")
	}
	if len(result.Invalidations) > 0 {
		last := result.Invalidations[len(result.Invalidations)-1]
		tell("CloudFront forgets %s, everywhere within a minute or two (invalidation %s)",
			format.Count(len(result.Paths), "path"), last.ID)
	}
	if len(result.Stays) > 0 {
		tell("%s in the bucket and not in the folder: --prune deletes them", format.Count(len(result.Stays), "file"))
	}
}

// mostNamed is how many names stand in a line.
const mostNamed = 5

// some names the first of a list.
func some(list []string) string {
	if len(list) <= mostNamed {
		return strings.Join(list, ", ")
	}
	return strings.Join(list[:mostNamed], ", ") + fmt.Sprintf(" and %d more", len(list)-mostNamed)
}

func publishedTable(w io.Writer, result publish.Result) error {
	if len(result.Changes) == 0 {
		return nil
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "change\tsize\tfile")
	for _, c := range result.Changes {
		fmt.Fprintf(table, "%s\t%s\t%s\n", c.Change, format.Bytes(c.Bytes), terminal.Harmless(c.Name))
	}
	return table.Flush()
}

// listedPage is what was published, as JSON.
type listedPage struct {
	DryRun        bool                   `json:"dryRun"`
	Files         []publish.Change       `json:"files"`
	Unchanged     int                    `json:"unchanged"`
	Staying       []string               `json:"staying"`
	Paths         []string               `json:"paths"`
	Invalidations []publish.Invalidation `json:"invalidations"`
}

func listPublished(r publish.Result, dryRun bool) listedPage {
	return listedPage{
		dryRun, append([]publish.Change{}, r.Changes...), r.Unchanged, append([]string{}, r.Stays...),
		append([]string{}, r.Paths...), append([]publish.Invalidation{}, r.Invalidations...),
	}
}

// webPolicyOf needs no stack: bucket and distribution have a name or a tag.
func webPolicyOf(cmd *cobra.Command, environment string) (iampolicy.Policy, error) {
	e, err := openEnvironment(cmd, environment)
	if err != nil {
		return iampolicy.Policy{}, err
	}
	p, err := e.page()
	if err != nil {
		return iampolicy.Policy{}, err
	}
	bucketARN := e.Web.ARN(p.region)
	warnOfAccessPoint(cmd, e.Web.Bucket)
	if p.bucket == "" {
		bucketARN += p.bucketPrefix + "*"
		warn(cmd, "it is for all buckets whose name begins with %s: once %s is deployed, put its output web_bucket in their "+
			"place", p.bucketPrefix, e.stack)
	}
	return iampolicy.NewForWeb(iampolicy.WebPage{
		Account: e.Account.ID, Stack: e.stack, BucketARN: bucketARN, Prefix: p.prefix, Pending: publish.PendingKey(e.stack),
		KMSKeyARN: p.kmsKeyARN,
	}), nil
}
