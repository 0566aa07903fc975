package stacks_test

import (
	"encoding/xml"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
)

// wireDistribution is a distribution as CloudFront was sent it, as far as it is checked.
type wireDistribution struct {
	ARN      string
	Aliases  []string                        `xml:"DistributionConfig>Aliases>Items>CNAME"`
	Origins  []wireOrigin                    `xml:"DistributionConfig>Origins>Items>Origin"`
	Groups   []wireOriginGroup               `xml:"DistributionConfig>OriginGroups>Items>OriginGroup"`
	Default  wireBehavior                    `xml:"DistributionConfig>DefaultCacheBehavior"`
	Ordered  []wireBehavior                  `xml:"DistributionConfig>CacheBehaviors>Items>CacheBehavior"`
	Logging  struct{ Bucket, Prefix string } `xml:"DistributionConfig>Logging"`
	WebACLID string                          `xml:"DistributionConfig>WebACLId"`

	Locations []string `xml:"DistributionConfig>Restrictions>GeoRestriction>Items>Location"`
}

type wireOrigin struct {
	ID       string                                     `xml:"Id"`
	Domain   string                                     `xml:"DomainName"`
	Path     string                                     `xml:"OriginPath"`
	Identity string                                     `xml:"S3OriginConfig>OriginAccessIdentity"`
	Control  string                                     `xml:"OriginAccessControlId"`
	Headers  []struct{ HeaderName, HeaderValue string } `xml:"CustomHeaders>Items>OriginCustomHeader"`
}

type wireOriginGroup struct {
	ID      string   `xml:"Id"`
	Members []string `xml:"Members>Items>OriginGroupMember>OriginId"`
}

type wireBehavior struct {
	Path        string   `xml:"PathPattern"`
	Target      string   `xml:"TargetOriginId"`
	CachePolicy string   `xml:"CachePolicyId"`
	Methods     []string `xml:"AllowedMethods>Items>Method"`
	KeyGroups   []string `xml:"TrustedKeyGroups>Items>KeyGroup"`
	GRPC        bool     `xml:"GrpcConfig>Enabled"`
	Functions   []string `xml:"FunctionAssociations>Items>FunctionAssociation>FunctionARN"`
}

type wireCachePolicy struct {
	MinTTL     int `xml:"CachePolicyConfig>MinTTL"`
	DefaultTTL int `xml:"CachePolicyConfig>DefaultTTL"`
	MaxTTL     int `xml:"CachePolicyConfig>MaxTTL"`
}

type wireKeyGroup struct {
	Keys []string `xml:"KeyGroupConfig>Items>PublicKey"`
}

// sent decodes what CloudFront has of a kind, of which there must be one.
func sent[T any](t *testing.T, aws *awstest.Server, kind string) (id string, config T) {
	t.Helper()
	ids := aws.Resources()[kind]
	require.Len(t, ids, 1, kind)
	decode(t, aws.XML(kind, ids[0]), &config)
	return ids[0], config
}

func decode(t *testing.T, text []byte, into any) {
	t.Helper()
	require.NoError(t, xml.Unmarshal(text, into), "%s", text)
}

func (d wireDistribution) origin(id string) wireOrigin {
	for _, o := range d.Origins {
		if o.ID == id {
			return o
		}
	}
	return wireOrigin{}
}

// primary returns the origin that a behavior asks first.
func (d wireDistribution) primary(b wireBehavior) wireOrigin {
	for _, g := range d.Groups {
		if g.ID == b.Target {
			return d.origin(g.Members[0])
		}
	}
	return d.origin(b.Target)
}

func (d wireDistribution) behavior(path string) wireBehavior {
	for _, b := range d.Ordered {
		if b.Path == path {
			return b
		}
	}
	return wireBehavior{}
}
