package moto_test

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest/moto"
)

func TestMotoEndsWithTheTest(t *testing.T) {
	if what := moto.Missing(); what != "" {
		t.Skip(what)
	}
	var address string
	t.Run("inner", func(t *testing.T) { address = moto.Start(t, "111122223333").URL.Host })
	connection, err := net.Dial("tcp", address)
	if err == nil {
		_ = connection.Close()
	}
	require.Error(t, err, "moto still listens")
}
