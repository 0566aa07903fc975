package stacks_test

import (
	"encoding/xml"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest"
)

// wireDistribution is a distribution as CloudFront was sent it, as far as it is checked.
type wireDistribution struct {
	Aliases  []string                        `xml:"DistributionConfig>Aliases>Items>CNAME"`
	Origins  []wireOrigin                    `xml:"DistributionConfig>Origins>Items>Origin"`
	Default  wireBehavior                    `xml:"DistributionConfig>DefaultCacheBehavior"`
	Ordered  []wireBehavior                  `xml:"DistributionConfig>CacheBehaviors>Items>CacheBehavior"`
	Logging  struct{ Bucket, Prefix string } `xml:"DistributionConfig>Logging"`
	WebACLID string                          `xml:"DistributionConfig>WebACLId"`
}

type wireOrigin struct {
	ID       string `xml:"Id"`
	Domain   string `xml:"DomainName"`
	Path     string `xml:"OriginPath"`
	Identity string `xml:"S3OriginConfig>OriginAccessIdentity"`
}

type wireBehavior struct {
	Path        string   `xml:"PathPattern"`
	CachePolicy string   `xml:"CachePolicyId"`
	Methods     []string `xml:"AllowedMethods>Items>Method"`
	KeyGroups   []string `xml:"TrustedKeyGroups>Items>KeyGroup"`
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

func (d wireDistribution) behavior(path string) wireBehavior {
	for _, b := range d.Ordered {
		if b.Path == path {
			return b
		}
	}
	return wireBehavior{}
}
