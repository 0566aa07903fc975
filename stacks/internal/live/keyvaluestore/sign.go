package keyvaluestore

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"ml-api-accelerator/stacks/internal/live/awsclient"
)

// signer signs requests to CloudFront's own API.
type signer struct{ credentials aws.Credentials }

// newSigner signs with the credentials that are found.
func newSigner(ctx context.Context, cfg aws.Config) (signer, error) {
	c, err := awsclient.Credentials(ctx, cfg)
	return signer{c}, err
}

func (s signer) sign(ctx context.Context, r *http.Request) error {
	nothing := sha256.Sum256(nil)
	return v4.NewSigner().SignHTTP(ctx, s.credentials, r, hex.EncodeToString(nothing[:]), "cloudfront", region, time.Now())
}

// temporary tells whether the credentials have a session token.
func (s signer) temporary() bool { return s.credentials.SessionToken != "" }
