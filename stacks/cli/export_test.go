package cli

import "time"

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

// SetPublishPause has commands ask CloudFront again after another time, and returns what undoes that.
func SetPublishPause(pause time.Duration) (undo func()) {
	before := publishPause
	publishPause = pause
	return func() { publishPause = before }
}
