package cli

import (
	"errors"
	"time"

	"ml-api-accelerator/stacks/internal/live/publish"
)

// SetStoreTimeout has commands wait for a key value store for another time, and returns what undoes that.
func SetStoreTimeout(timeout time.Duration) (undo func()) {
	before := storeTimeout
	storeTimeout = timeout
	return func() { storeTimeout = before }
}

// SetAskTimeout has a query take no longer than another time, and returns what undoes that.
func SetAskTimeout(timeout time.Duration) (undo func()) {
	before := askTimeout
	askTimeout = timeout
	return func() { askTimeout = before }
}

// SetResolvers has the command dns ask others, and returns what undoes that.
func SetResolvers(addresses ...string) (undo func()) {
	before := resolvers
	resolvers = addresses
	return func() { resolvers = before }
}

// SetPage gives the environment dev a page in a bucket, or, without a name, in one whose name begins with demo-dev-web-,
// below a prefix, and returns what undoes that. Nobody waits long for CloudFront.
func SetPage(bucket, prefix, key string) (undo func()) {
	before, pause := pageOf, publishPause
	pageOf = func(e environment) (page, error) {
		if e.name != "dev" {
			return page{}, e.wrong(errors.New("web: isn't set, so there is no page to publish"))
		}
		return page{bucket, "demo-dev-web-", "eu-west-1", prefix, publish.Paths("/"+prefix+"*", ""), key}, nil
	}
	publishPause = time.Nanosecond
	return func() { pageOf, publishPause = before, pause }
}
