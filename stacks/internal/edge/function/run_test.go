package function

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	p, err := Compile("f", `import cf from 'cloudfront';
const KEY_HEADER = 'authorization';
const N = 5;
const kvs = cf.kvs();
async function handler(event) {
  const request = event.request;
  delete request.headers['x-a'];
  const v = await kvs.get('k');
  request.headers['x-b'] = {value: require('crypto').createHash('sha256').update(v).digest('hex')};
  cf.selectRequestOriginById('other');
  return request;
}`)
	require.NoError(t, err)
	require.Equal(t, "authorization", p.Constant("KEY_HEADER"))
	require.Equal(t, "5", p.Constant("N"))
	result, err := p.Run(Event{Method: "GET", URI: "/", Headers: map[string][]string{"x-a": {"1"}, "x-c": {"1", "2"}}}, Map{"k": "v"})
	require.NoError(t, err)
	t.Logf("%+v", result)
	_, err = p.Run(Event{Method: "GET", URI: "/"}, Map{})
	require.Error(t, err)
	t.Log(err)
}

func BenchmarkRun(b *testing.B) {
	p, err := Compile("f", `function handler(event) { return event.request; }`)
	require.NoError(b, err)
	for b.Loop() {
		if _, err := p.Run(Event{Method: "GET", URI: "/", Headers: map[string][]string{"x-a": {"1"}, "x-c": {"1", "2"}}}, Map{}); err != nil {
			b.Fatal(err)
		}
	}
}
