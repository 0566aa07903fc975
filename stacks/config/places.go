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
