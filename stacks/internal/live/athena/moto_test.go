package athena_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
	"ml-api-accelerator/stacks/internal/live/athena"
	"ml-api-accelerator/stacks/internal/shared/longtest"
	"ml-api-accelerator/stacks/internal/traffic/questions"
)

// TestLongMoto asks an Athena that others wrote.
func TestLongMoto(t *testing.T) {
	longtest.Only(t, "moto takes seconds to start")
	if what := awstest.Missing(); what != "" {
		t.Skip(what)
	}
	s := awstest.Start(t)
	s.Setenv(t)
	s.CreateWorkGroup(t, region, query.WorkGroup, "s3://results/")
	s.SetQueryResults(t, region, []string{"varchar", "bigint"}, []string{"path", "requests"}, []string{"/v1/a", "7"})
	got, err := athena.Ask(t.Context(), query, func(string) {})
	require.NoError(t, err)
	require.Equal(t, questions.Answer{Columns: columns("path", "requests number"), Rows: [][]string{{"/v1/a", "7"}}}, got.Answer)
}
