package config_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/config"
)

// TestAsked holds that what is asked for of a quota is what the rules count, and that of all environments of an account
// where it is the account's.
func TestAsked(t *testing.T) {
	c, _, err := config.Load(everything)
	require.NoError(t, err)
	ofAccount := c.InAccountOf("full")
	require.Contains(t, ofAccount, "private")
	require.NotContains(t, ofAccount, "several", "it doesn't say its account")
	asked := c.Asked([]string{"full"}, ofAccount)
	require.Equal(t, 180, asked["originReadTimeoutSeconds"])
	require.Equal(t, 60, asked["originKeepaliveTimeoutSeconds"])
	require.Equal(t, 3, asked["originCustomHeaders"], "two, and that of verifySecret")
	require.Equal(t, len(c.Environments["full"].Domain.Aliases), asked["aliases"])
	require.Equal(t, len(c.Environments["full"].Behaviors()), asked["behaviors"])
	alone := c.Asked([]string{"full"}, []string{"full"})
	require.Greater(t, asked["keyValueStores"], alone["keyValueStores"])
	require.Equal(t, 1, alone["keyValueStores"])
	require.Equal(t, asked["behaviors"], alone["behaviors"])

	fields := config.Schema().Properties["context"].Properties["accelerator"].Properties["environments"].Values.Properties["quotas"].FieldNames()
	all := c.Asked(c.EnvironmentNames(), c.EnvironmentNames())
	for _, field := range fields {
		require.NotZero(t, all[field], "%s: is held to nothing", field)
		require.NotZero(t, config.QuotaDefaults().Of(field), field)
	}
	require.Len(t, all, len(fields))
	require.Equal(t, 150, c.Environments["full"].Quotas.Of("origins"))

	require.NotContains(t, c.MaybeInAccount("444433332222"), "full")
	require.Contains(t, c.MaybeInAccount("444433332222"), "several")
}
