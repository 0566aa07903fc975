// The ML API accelerator: CloudFront in front of an inference API and a private bucket of models.
package main

import (
	"os"

	"ml-api-accelerator/stacks/cli"
)

func main() {
	os.Exit(cli.Run(os.Args[1:], os.Stdout, os.Stderr))
}
