package keyvaluestore

import (
	"context"
	"net/netip"
	"net/url"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	kvs "github.com/aws/aws-sdk-go-v2/service/cloudfrontkeyvaluestore"
	smithyendpoints "github.com/aws/smithy-go/endpoints"
)

// cloudFrontURL is where CloudFront's own API is, unless the environment or the shared configuration names another
// place (AWS SDKs and Tools Reference Guide, Service-specific endpoints).
func cloudFrontURL(ctx context.Context, cfg aws.Config) (string, error) {
	if ignored, _, err := awsconfig.GetIgnoreConfiguredEndpoints(ctx, cfg.ConfigSources); ignored || err != nil {
		return theCloudFrontURL, err
	}
	_, own := os.LookupEnv("AWS_ENDPOINT_URL_CLOUDFRONT")
	_, general := os.LookupEnv("AWS_ENDPOINT_URL")
	for _, source := range cfg.ConfigSources {
		named, ok := source.(interface {
			GetServiceBaseEndpoint(context.Context, string) (string, bool, error)
		})
		if !ok || general && !own { // the general one of the environment comes before what the shared configuration says
			continue
		}
		if text, found, err := named.GetServiceBaseEndpoint(ctx, "CloudFront"); found || err != nil {
			return text, err
		}
	}
	if cfg.BaseEndpoint != nil {
		return *cfg.BaseEndpoint, nil
	}
	return theCloudFrontURL, nil
}

const theCloudFrontURL = "https://cloudfront.amazonaws.com"

// endpoints leaves an address as it is: the SDK puts the account before the host, but an IP address has no subdomains.
type endpoints struct{ kvs.EndpointResolverV2 }

func (e endpoints) ResolveEndpoint(ctx context.Context, p kvs.EndpointParameters) (smithyendpoints.Endpoint, error) {
	resolved, err := e.EndpointResolverV2.ResolveEndpoint(ctx, p)
	if err != nil || p.Endpoint == nil {
		return resolved, err
	}
	base, err := url.Parse(*p.Endpoint)
	if err != nil {
		return resolved, err
	}
	if _, err := netip.ParseAddr(base.Hostname()); err == nil {
		resolved.URI.Host = base.Host
	}
	return resolved, nil
}
