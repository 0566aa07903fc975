package config

import (
	"slices"
	"strings"

	"ml-api-accelerator/stacks/config/declare"
)

// Regions of the aws partition that provider 5.x knows.
var regions = []string{
	"af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
	"ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4",
	"ap-southeast-5", "ap-southeast-7", "ca-central-1", "ca-west-1", "eu-central-1", "eu-central-2",
	"eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3", "il-central-1",
	"me-central-1", "me-south-1", "mx-central-1", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
}

// regionField declares a field with the name of a region.
func regionField(f *declare.Fields, name string, to *string, meaning string) *declare.Field[string] {
	field := f.Text(name, to, meaning)
	field.Named(ruleRegion, regions, "be an AWS region like us-east-1").Explain(regionMeant)
	return field
}

// optInRegions have to be switched on in an account; CloudFront can't deliver standard logs to them.
var optInRegions = []string{
	"af-south-1", "ap-east-1", "ap-east-2", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5",
	"ap-southeast-7", "ca-west-1", "eu-central-2", "eu-south-1", "eu-south-2", "il-central-1", "me-central-1",
	"me-south-1", "mx-central-1",
}

// regionsWithoutIdentities were launched when origin access controls had taken the place of origin access identities
// (CloudFront Developer Guide, Restrict access to an Amazon S3 origin; the dates are those of AWS's announcements).
var regionsWithoutIdentities = []string{
	"ap-southeast-4", "il-central-1", "ca-west-1", "ap-southeast-5", "ap-southeast-7", "mx-central-1", "ap-east-2",
}

// shieldRegions are the regions of Origin Shield, as of 2026; a newer one is only warned of.
var shieldRegions = []string{
	"us-east-1", "us-east-2", "us-west-2", "ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-southeast-1",
	"ap-southeast-2", "eu-central-1", "eu-west-1", "eu-west-2", "me-central-1", "sa-east-1",
}

// countries are the officially assigned codes.
var countries = strings.Fields(`
	AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
	CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR
	GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO
	JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR
	MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO
	RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV
	TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW`)

// IsCountry reports whether a text is the code of a country, in upper case.
func IsCountry(code string) bool { return slices.Contains(countries, code) }

// Hosted zones of names that AWS gives: what an alias record names as its target, and consoles show beside a load
// balancer (Route 53 API Reference, AliasTarget; AWS General Reference, Elastic Load Balancing and Global Accelerator
// endpoints). Nobody else has them.
const (
	cloudFrontZone  = "Z2FDTNDATAQYW2"
	acceleratorZone = "Z2BJ6XQ5FK7U4H"
)

// loadBalancerZones are those of application and classic load balancers, and then those of network load balancers.
var loadBalancerZones = strings.Fields(`
	Z268VQBMOI5EKX Z3DQVH9N71FHZ0 Z14GRHDCWA56QT ZWKZPGTI48KDX Z5LXEXXYW11ES ZP97RAFLXTNZK Z0173938T07WNTVAEPZN
	Z1LMS91P8CMLE5 Z1GM3OXH4ZPM65 Z08888821HLRG5A9ZRTER Z09517862IB2WZLPXG76F Z06010284QMVVW7WO5J
	Z0390008CMBRTHFGWBCB ZQSVJUPU6J1EY Z06473681N0SF6OS049SD Z215JYRZR1TBD5 Z06391101F2ZOEP8P5EB3 Z23TAZ6LKFMNIO
	Z3ULH7SSC9OV64 Z0956581394HF5D5LXGAP Z32O12XQLNTSW2 ZHURV8PSTC4K8 Z3Q77PNBQS71R4 Z09170902867EHPV2DABU
	Z08230872XQRWHG2XF6I ZS929ML54UICD Z023552324OKD1BB28BH5 Z2P70J7HTTTPLU Z35SXDOTRQ7X7K Z3AADJGX6KTTL2
	Z368ELLRRE2KJ0 Z1H1FL5HABSF5
	Z203XCE67M25HM Z12Y7K3UBGUAD1 Z31USIVHYNEOWT ZIBE1TIR4HY56 Z1GWIQ4HH19I5X ZVDDRBQ08TROA Z0711778386UTO08407HT
	ZKVM4W9LS7TM ZCT6FZBF4DROD Z01971771FYVNCOVWJU1G Z2EPGBW3API2WT Z3F0SRJ5LGBH90 Z02239872DOALSIDCX66S
	Z1UDT6IFJ4EJM Z23146JA1KNAFP Z1011216NVTVYADP1SSV Z2IFOLAFXWLO4F ZD4D7Y8KGAS4G Z1CMS0P5QUZ6D5
	Z00282643NTTLPANJJG2P Z3QSRYVP46NYYV ZTK26PT1VY4CU Z26RNL4JYFTOTI ZLMOA37VPKANP Z24FKFUX50B4VW Z18D5FSROUN65G`)

// zoneOwner is the service of AWS whose names are in a hosted zone; empty: it may be a user's.
func zoneOwner(id string) string {
	switch {
	case id == cloudFrontZone:
		return "CloudFront"
	case id == acceleratorZone:
		return "Global Accelerator"
	case slices.Contains(loadBalancerZones, id):
		return "Elastic Load Balancing"
	}
	return ""
}
