package awstest_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest/moto"
)

func TestLongMotoForgetsNothing(t *testing.T) {
	s := start(t)
	s.CreateBucket(t, "us-east-1", "models")
	const notification = `<NotificationConfiguration><EventBridgeConfiguration/></NotificationConfiguration>`
	status, text := send(t, s, "s3", "PUT", "/models?notification=", notification)
	require.Equal(t, 200, status, text)
	_, text = send(t, s, "s3", "GET", "/models?notification", "")
	require.Equal(t, notification, text)

	status, _ = send(t, s, "s3", "DELETE", "/models", "")
	require.Equal(t, 204, status)
	s.CreateBucket(t, "us-east-1", "models")
	_, text = send(t, s, "s3", "GET", "/models?notification", "")
	require.NotContains(t, text, "EventBridgeConfiguration")
}

func TestLongWhatMotoLacksFailsAtOnce(t *testing.T) {
	s := start(t)
	status, text := send(t, s, "states", "POST", "/", "{}", "X-Amz-Target", "AWSStepFunctions.PublishStateMachineVersion")
	require.Equal(t, 501, status, text)
}

func TestLongBucketPoliciesAreKeptNotApplied(t *testing.T) {
	s := start(t)
	s.CreateBucket(t, "us-east-1", "models")
	call := func(method, bucket, body string) (int, string) {
		return send(t, s, "s3", method, "/"+bucket+"?policy", body)
	}
	status, _ := call("GET", "models", "")
	require.Equal(t, 404, status)
	const policy = `{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::models/*"}]}`
	status, _ = call("PUT", "models", policy)
	require.Equal(t, 204, status)
	_, text := call("GET", "models", "")
	require.Equal(t, policy, text)
	require.Equal(t, policy, string(s.BucketPolicy("models")))
	s.PutObject(t, "models", "a", "text")
	require.Equal(t, []string{"a"}, s.Objects(t, "models"))
	require.Equal(t, "text", string(s.Object(t, "models", "a")))
	s.DeleteObject(t, "models", "a")
	status, _ = call("DELETE", "models", "")
	require.Equal(t, 204, status)
	require.Nil(t, s.BucketPolicy("models"))
	status, _ = call("PUT", "nobody", policy)
	require.Equal(t, 404, status)
}

func TestLongBucketsOfOthersAreRefused(t *testing.T) {
	s := start(t)
	for _, bucket := range []string{"ours", "theirs"} {
		s.CreateBucket(t, "us-east-1", bucket)
	}
	s.GiveBucket("theirs")
	for _, path := range []string{"?policy", "?versioning", ""} {
		status, text := send(t, s, "s3", "GET", "/theirs"+path, "")
		require.Equal(t, 403, status)
		require.Contains(t, text, "<Code>AccessDenied</Code>")
	}
	status, _ := send(t, s, "s3", "GET", "/ours?versioning", "")
	require.Equal(t, 200, status)
}

// TestLongSuspendedVersionsGo one by one, delete markers too, as they do when a bucket is emptied.
func TestLongSuspendedVersionsGo(t *testing.T) {
	s := start(t)
	s.CreateBucket(t, "us-east-1", "states")
	for _, status := range []string{"Enabled", "Suspended"} {
		code, text := send(t, s, "s3", "PUT", "/states?versioning", `<VersioningConfiguration><Status>`+status+`</Status></VersioningConfiguration>`)
		require.Equal(t, 200, code, text)
		_, text = send(t, s, "s3", "GET", "/states?versioning", "")
		require.Contains(t, text, "<Status>"+status+"</Status>")
		if status == "Enabled" {
			s.PutObject(t, "states", "lock", "1")
			s.DeleteObject(t, "states", "lock")
		}
	}
	for left := 2; left > 0; left-- {
		_, text := send(t, s, "s3", "GET", "/states?versions", "")
		versions := regexp.MustCompile(`<VersionId>(.*?)</VersionId>`).FindAllStringSubmatch(text, -1)
		require.Len(t, versions, left, text)
		code, text := send(t, s, "s3", "POST", "/states?delete=", `<Delete><Object><Key>lock</Key><VersionId>`+versions[0][1]+`</VersionId></Object></Delete>`)
		require.Equal(t, 200, code, text)
	}
	code, text := send(t, s, "s3", "DELETE", "/states", "")
	require.Equal(t, 204, code, text)
}

func TestLongDeletingMetricsKeepsTheBucket(t *testing.T) {
	s := start(t)
	s.CreateBucket(t, "us-east-1", "models")
	call := func(method, body string) (int, string) {
		return send(t, s, "s3", method, "/models?id=EntireBucket&metrics=", body)
	}
	status, _ := call("PUT", "<MetricsConfiguration/>")
	require.Equal(t, 200, status)
	_, text := call("GET", "")
	require.Equal(t, "<MetricsConfiguration/>", text)
	status, _ = call("DELETE", "")
	require.Equal(t, 204, status)
	status, _ = call("GET", "")
	require.Equal(t, 404, status)
	require.Equal(t, []string{"models"}, s.Buckets(t))
}

func TestLongBucketACLNeedsOwnershipControls(t *testing.T) {
	s := start(t)
	s.CreateBucket(t, "us-east-1", "logs")
	acl := func() (int, string) { return send(t, s, "s3", "PUT", "/logs?acl", "", "X-Amz-Acl", "private") }
	_, text := acl()
	require.Contains(t, text, "AccessControlListNotSupported")
	status, _ := send(t, s, "s3", "PUT", "/logs?ownershipControls",
		`<OwnershipControls><Rule><ObjectOwnership>BucketOwnerPreferred</ObjectOwnership></Rule></OwnershipControls>`)
	require.Equal(t, 200, status)
	status, text = acl()
	require.Equal(t, 200, status, text)
}

func TestLongABucketIsReachedInItsRegion(t *testing.T) {
	s := start(t)
	s.CreateBucket(t, "eu-west-1", "models")
	status, text := send(t, s, "s3", "GET", "/models", "")
	require.Equal(t, 301, status)
	require.Contains(t, text, "<Code>PermanentRedirect</Code>")
	require.Equal(t, []string{"models"}, s.Buckets(t))
}

func TestLongRoleNamesHave64Characters(t *testing.T) {
	s := start(t)
	create := func(name string) (int, string) {
		return send(t, s, "iam", "POST", "/", "Action=CreateRole&Version=2010-05-08&AssumeRolePolicyDocument=%7B%7D&RoleName="+name)
	}
	status, text := create(strings.Repeat("a", 65))
	require.Equal(t, 400, status)
	require.Contains(t, text, "<Code>ValidationError</Code>")
	status, text = create(strings.Repeat("a", 64))
	require.Equal(t, 200, status, text)
}

// TestLongCertificatesWait for the records that validate them, in a hosted zone or elsewhere. They aren't issued without
// all of them, and CloudFront takes none before.
func TestLongCertificatesWait(t *testing.T) {
	s := start(t)
	acm := func(call, body string) string {
		status, text := send(t, s, "acm", "POST", "/", body, "X-Amz-Target", "CertificateManager."+call)
		require.Equal(t, 200, status, text)
		return text
	}
	var made struct{ CertificateArn string }
	require.NoError(t, json.Unmarshal([]byte(acm("RequestCertificate",
		`{"DomainName": "a.example.com", "SubjectAlternativeNames": ["*.a.example.com", "b.example.org"], "ValidationMethod": "DNS"}`)), &made))
	type record struct{ Name, Value string }
	describe := func() (status string, records []record) {
		var answer struct {
			Certificate struct {
				Status                  string
				DomainValidationOptions []struct{ ResourceRecord record }
			}
		}
		require.NoError(t, json.Unmarshal([]byte(acm("DescribeCertificate", `{"CertificateArn": "`+made.CertificateArn+`"}`)), &answer))
		for _, option := range answer.Certificate.DomainValidationOptions {
			records = append(records, option.ResourceRecord)
		}
		return answer.Certificate.Status, records
	}
	status, records := describe()
	require.Equal(t, "PENDING_VALIDATION", status)
	zone := s.CreateHostedZone(t, "example.com")
	for _, r := range records {
		if strings.HasSuffix(r.Name, "example.com.") {
			code, text := send(t, s, "route53", "POST", "/2013-04-01/hostedzone/"+zone+"/rrset", `<ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/">`+
				`<ChangeBatch><Changes><Change><Action>UPSERT</Action><ResourceRecordSet><Name>`+r.Name+`</Name><Type>CNAME</Type><TTL>60</TTL><ResourceRecords><ResourceRecord>`+
				`<Value>`+r.Value+`</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>`)
			require.Equal(t, 200, code, text)
		}
	}
	status, _ = describe()
	require.Equal(t, "PENDING_VALIDATION", status, "the other domain lacks its record")
	for _, r := range records {
		s.Publish(r.Name, r.Value)
	}
	status, _ = describe()
	require.Equal(t, "ISSUED", status)
}

// TestLongZonesOfOthers are only for a role of their account.
func TestLongZonesOfOthers(t *testing.T) {
	s := start(t)
	zone := s.CreateHostedZoneIn(t, "444455556666", "example.com")
	get := func(key string) int {
		status, _ := send(t, s, "route53", "GET", "/2013-04-01/hostedzone/"+zone, "",
			"Authorization", strings.Replace(moto.Signature("us-east-1", "route53"), moto.AccessKey, key, 1))
		return status
	}
	assume := func(account string) string {
		status, text := send(t, s, "sts", "POST", "/", "Action=AssumeRole&Version=2011-06-15&RoleSessionName=a&RoleArn=arn:aws:iam::"+account+":role/dns",
			"Content-Type", "application/x-www-form-urlencoded")
		require.Equal(t, 200, status, text)
		return regexp.MustCompile(`<AccessKeyId>(\w+)</AccessKeyId>`).FindStringSubmatch(text)[1]
	}
	require.Equal(t, 403, get(moto.AccessKey))
	require.Equal(t, 403, get(assume("111122223333")))
	require.Equal(t, 200, get(assume("444455556666")))
	require.Contains(t, s.Records(t, zone), "NS example.com")
}

// TestLongAlarmsTellTheirRegion has an alarm refused that tells a topic of another Region, however it is sent.
func TestLongAlarmsTellTheirRegion(t *testing.T) {
	s := start(t)
	alarm := func(body string) (int, string) {
		return send(t, s, "monitoring", "POST", "/", body, "Content-Type", "application/x-www-form-urlencoded")
	}
	const form = "Action=PutMetricAlarm&Version=2010-08-01&AlarmName=a&ComparisonOperator=GreaterThanThreshold&EvaluationPeriods=1&" +
		"MetricName=a&Namespace=a&Period=60&Statistic=Sum&Threshold=1&AlarmActions.member.1=arn%3Aaws%3Asns%3A"
	status, text := alarm(form + "eu-west-1%3A111122223333%3Aalerts")
	require.Equal(t, 400, status)
	require.Contains(t, text, "Invalid region eu-west-1 specified. Only us-east-1 is supported.")
	status, text = alarm(form + "us-east-1%3A111122223333%3Aalerts")
	require.Equal(t, 200, status, text)
}
