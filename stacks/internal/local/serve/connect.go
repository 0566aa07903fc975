package serve

import (
	"errors"
	"fmt"
	"net/url"

	"ml-api-accelerator/stacks/internal/edge"
	"ml-api-accelerator/stacks/internal/local/serve/bucket"
)

// connect has what stands for each origin of the distribution. An origin that is somewhere the second one is that everywhere.
func connect(d *edge.Distribution, o Options) (map[string]*origin, error) {
	origins := map[string]*origin{}
	add := func(from *edge.Origin, server *url.URL, flag string) error {
		if origins[from.ID] != nil {
			return nil
		}
		made, err := standFor(from, server, flag, o.Models)
		if err != nil {
			return err
		}
		made.from = from
		origins[from.ID] = made
		return nil
	}
	for _, b := range d.Behaviors {
		if b.Failover != nil {
			if err := add(b.Failover.Origin, o.Failover, "--failover"); err != nil {
				return nil, err
			}
		}
	}
	for _, b := range d.Behaviors {
		if b.Function != nil && b.Function.Canary != nil {
			if err := add(b.Function.Canary, o.Canary, "--canary"); err != nil {
				return nil, err
			}
		}
	}
	for _, b := range d.Behaviors {
		if err := add(b.Origin, o.API, "--api"); err != nil {
			return nil, err
		}
	}
	for _, other := range d.Origins { // that only a function chooses
		if err := add(other, o.API, "--api"); err != nil {
			return nil, err
		}
	}
	return origins, nil
}

func disconnect(origins map[string]*origin) {
	for _, o := range origins {
		if o.close != nil {
			o.close()
		}
	}
}

// standFor is what stands for an origin: a server, or a folder for a bucket.
func standFor(from *edge.Origin, server *url.URL, flag, folder string) (*origin, error) {
	switch {
	case from.S3 && folder == "":
		return &origin{missing: errors.New("no folder stands for " + from.ID + ": name one with --models")}, nil
	case from.S3:
		files, err := bucket.New(folder, (*bucket.CORS)(from.CORS))
		if err != nil {
			return nil, fmt.Errorf("--models: %w", err)
		}
		return &origin{base: &url.URL{Scheme: "https", Host: "bucket"}, plain: files, grpc: files, close: func() { _ = files.Close() }}, nil // it was only read
	case server == nil:
		return &origin{missing: errors.New("no server stands for " + from.ID + ": name one with " + flag)}, nil
	}
	return newOrigin(server, from), nil
}
