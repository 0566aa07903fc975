package names

// KeyValueStore is the name of the store of a stack's callers and of its canary's share.
func KeyValueStore(stack string) string { return stack + "-api" }
