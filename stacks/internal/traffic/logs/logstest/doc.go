// Package logstest makes logs for tests.
package logstest
