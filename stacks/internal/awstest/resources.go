package awstest

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/stretchr/testify/require"

	"ml-api-accelerator/stacks/internal/awstest/apicall"
	"ml-api-accelerator/stacks/internal/awstest/chatbot"
	"ml-api-accelerator/stacks/internal/awstest/cloudfront"
	"ml-api-accelerator/stacks/internal/awstest/corrections"
	"ml-api-accelerator/stacks/internal/awstest/lambda"
	"ml-api-accelerator/stacks/internal/awstest/moto"
	"ml-api-accelerator/stacks/internal/awstest/queries"
	"ml-api-accelerator/stacks/internal/awstest/servicequotas"
	"ml-api-accelerator/stacks/internal/awstest/wire"
)

// What an environment expects to find is made here, and what it made is read, past the record.

// Resources returns the ids of CloudFront's resources by the type's name (Distribution, CachePolicy …).
func (s *Server) Resources() map[string][]string { return s.cloudfront.Resources() }

// XML returns a resource of CloudFront as its API returns it, such as XML("Distribution", id), or nil.
func (s *Server) XML(noun, id string) []byte { return s.cloudfront.XML(noun, id) }

// CreateHostedZone makes a public zone and returns its id.
func (s *Server) CreateHostedZone(t testing.TB, domain string) string {
	t.Helper()
	return s.CreateHostedZoneIn(t, AccountID, domain)
}

// CreateHostedZoneIn makes a public zone in an account, to which roles of that account alone have access, and returns its
// id.
func (s *Server) CreateHostedZoneIn(t testing.TB, account, domain string) string {
	t.Helper()
	request := fmt.Sprintf(`<CreateHostedZoneRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/">`+
		`<Name>%s</Name><CallerReference>%s</CallerReference></CreateHostedZoneRequest>`, domain, domain)
	body, err := s.moto.Do(moto.Request{Region: moto.Region, Service: "route53",
		Method: http.MethodPost, Path: "/2013-04-01/hostedzone", Body: []byte(request)})
	must(t, err)
	var answer struct {
		ID string `xml:"HostedZone>Id"`
	}
	must(t, xml.Unmarshal(body, &answer))
	zone := answer.ID[len("/hostedzone/"):]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.zones[zone] = account
	return zone
}

var hostedZone = regexp.MustCompile(`/hostedzone/(\w+)`)

// refuseZone refuses a call to a hosted zone of another account; moto knows one account.
func (s *Server) refuseZone(call apicall.Call) *wire.Error {
	named := hostedZone.FindStringSubmatch(call.Path)
	if call.Service != "route53" || named == nil {
		return nil
	}
	s.mu.Lock()
	owner := s.zones[named[1]]
	s.mu.Unlock()
	caller := AccountID
	if role, err := arn.Parse(call.Role); err == nil {
		caller = role.AccountID
	}
	if owner == "" || owner == caller {
		return nil
	}
	return &wire.Error{Status: http.StatusForbidden, Code: "AccessDenied",
		Message: "User is not authorized to access this resource"}
}

// Publish has the world see a CNAME in a zone that isn't Route 53's.
func (s *Server) Publish(name, value string) { s.corrections.Publish(name, value) }

// CreateSecret makes a secret in a region.
func (s *Server) CreateSecret(t testing.TB, region, name, value string) {
	t.Helper()
	must(t, s.moto.JSON(region, "secretsmanager", "secretsmanager.CreateSecret",
		map[string]string{"Name": name, "SecretString": value}, &struct{}{}))
}

// PutSecret gives a secret another value.
func (s *Server) PutSecret(t testing.TB, region, name, value string) {
	t.Helper()
	must(t, s.moto.JSON(region, "secretsmanager", "secretsmanager.PutSecretValue",
		map[string]string{"SecretId": name, "SecretString": value}, &struct{}{}))
}

// CreateCertificate makes an issued certificate in us-east-1 and returns its ARN.
func (s *Server) CreateCertificate(t testing.TB, domain string, others ...string) string {
	t.Helper()
	arn := s.RequestCertificate(t, "us-east-1", domain, others...)
	issued := func() bool { return s.moto.CertificateIssued(arn) }
	require.Eventually(t, issued, time.Minute, 50*time.Millisecond, "awstest: the certificate isn't issued")
	return arn
}

// RequestCertificate makes a certificate in a region and returns its ARN.
func (s *Server) RequestCertificate(t testing.TB, region, domain string, others ...string) string {
	t.Helper()
	var answer struct{ CertificateArn string }
	must(t, s.moto.JSON(region, "acm", "CertificateManager.RequestCertificate",
		map[string]any{"DomainName": domain, "SubjectAlternativeNames": others, "ValidationMethod": "DNS"}, &answer))
	return answer.CertificateArn
}

// Balancer is a load balancer and what is around it.
type Balancer = moto.Balancer

// CreateBalancer makes an application or a network load balancer, whose listener speaks a protocol on a port. HTTPS and
// TLS take a certificate.
func (s *Server) CreateBalancer(t testing.TB, region, kind, name, protocol string, port int, certificate string) Balancer {
	t.Helper()
	made, err := s.moto.CreateBalancer(region, kind, name, protocol, port, certificate)
	must(t, err)
	return made
}

// Functions are those of Lambda.
func (s *Server) Functions() *lambda.API { return s.functions }

// Chat is what tells channels in Slack.
func (s *Server) Chat() *chatbot.API { return s.chat }

// CreateTopic makes a topic and returns its ARN.
func (s *Server) CreateTopic(t testing.TB, region, name string) string {
	t.Helper()
	var answer struct {
		ARN string `xml:"CreateTopicResult>TopicArn"`
	}
	must(t, s.moto.Query(region, "sns", "CreateTopic", map[string]string{"Name": name}, &answer))
	return answer.ARN
}

// EC2 makes a call to EC2.
func (s *Server) EC2(t testing.TB, region, action string, arguments map[string]string, answer any) {
	t.Helper()
	must(t, s.moto.Query(region, "ec2", action, arguments, answer))
}

// ListenerCertificates returns the ARNs of the certificates of a listener.
func (s *Server) ListenerCertificates(region, listener string) []string {
	return s.moto.ListenerCertificates(region, listener)
}

// Records returns what the records of a hosted zone lead to, by type and name.
func (s *Server) Records(t testing.TB, zone string) map[string]string {
	t.Helper()
	body, err := s.moto.Do(moto.Request{Region: moto.Region, Service: "route53",
		Method: http.MethodGet, Path: "/2013-04-01/hostedzone/" + zone + "/rrset"})
	must(t, err)
	var answer struct {
		Sets []struct {
			Name, Type string
			Alias      string   `xml:"AliasTarget>DNSName"`
			Values     []string `xml:"ResourceRecords>ResourceRecord>Value"`
		} `xml:"ResourceRecordSets>ResourceRecordSet"`
	}
	must(t, xml.Unmarshal(body, &answer))
	records := map[string]string{}
	for _, set := range answer.Sets {
		records[set.Type+" "+strings.TrimSuffix(set.Name, ".")] = set.Alias + strings.Join(set.Values, " ")
	}
	return records
}

// CreateWebACL makes a web ACL for CloudFront and returns its ARN.
func (s *Server) CreateWebACL(t testing.TB, name string) string {
	t.Helper()
	var answer struct{ Summary struct{ ARN string } }
	must(t, s.moto.JSON("us-east-1", "wafv2", "AWSWAF_20190729.CreateWebACL", map[string]any{
		"Name": name, "Scope": "CLOUDFRONT", "DefaultAction": map[string]any{"Allow": struct{}{}},
		"VisibilityConfig": map[string]any{"SampledRequestsEnabled": false, "CloudWatchMetricsEnabled": false, "MetricName": name},
	}, &answer))
	return answer.Summary.ARN
}

// CreateBucket makes a bucket in a region, such as the one of Terraform's state.
func (s *Server) CreateBucket(t testing.TB, region, name string) {
	t.Helper()
	var body []byte
	if region != "us-east-1" {
		body = fmt.Appendf(nil, "<CreateBucketConfiguration><LocationConstraint>%s</LocationConstraint></CreateBucketConfiguration>", region)
	}
	_, err := s.moto.Do(moto.Request{Region: region, Service: "s3", Method: http.MethodPut, Path: "/" + name, Body: body})
	must(t, err)
}

// Buckets returns the names of all buckets.
func (s *Server) Buckets(t testing.TB) []string {
	t.Helper()
	return s.listS3(t, "/")
}

// BucketPolicy returns the policy of a bucket, or nil.
func (s *Server) BucketPolicy(bucket string) []byte { return s.corrections.BucketPolicy(bucket) }

// SetBucketPolicy gives a bucket a policy, as its owner does.
func (s *Server) SetBucketPolicy(bucket, policy string) {
	s.corrections.SetBucketPolicy(bucket, []byte(policy))
}

// GiveBucket has a bucket belong to another account.
func (s *Server) GiveBucket(bucket string) { s.corrections.GiveBucket(bucket) }

// ConfigureBucket sets a part of a bucket, such as lifecycle or tagging, as its owner does.
func (s *Server) ConfigureBucket(t testing.TB, bucket, part, body string) {
	t.Helper()
	_, err := s.moto.S3(http.MethodPut, "/"+bucket+"?"+part, []byte(body))
	must(t, err)
}

// Objects returns the keys of the objects in a bucket.
func (s *Server) Objects(t testing.TB, bucket string) []string {
	t.Helper()
	return s.listS3(t, "/"+bucket)
}

// Object returns what is in an object.
func (s *Server) Object(t testing.TB, bucket, key string) []byte {
	t.Helper()
	body, err := s.moto.S3(http.MethodGet, "/"+bucket+"/"+key, nil)
	must(t, err)
	return body
}

// PutObject stores an object.
func (s *Server) PutObject(t testing.TB, bucket, key, text string) {
	t.Helper()
	_, err := s.moto.S3(http.MethodPut, "/"+bucket+"/"+key, []byte(text))
	must(t, err)
}

// DeleteObject deletes an object; in a versioned bucket its versions stay.
func (s *Server) DeleteObject(t testing.TB, bucket, key string) {
	t.Helper()
	_, err := s.moto.S3(http.MethodDelete, "/"+bucket+"/"+key, nil)
	must(t, err)
}

func (s *Server) listS3(t testing.TB, path string) []string {
	t.Helper()
	body, err := s.moto.S3(http.MethodGet, path, nil)
	must(t, err)
	var answer struct {
		Buckets []string `xml:"Buckets>Bucket>Name"`
		Keys    []string `xml:"Contents>Key"`
	}
	must(t, xml.Unmarshal(body, &answer))
	return append(answer.Buckets, answer.Keys...)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal("awstest: ", err)
	}
}

// StartAthena starts a stand-in that answers Athena's calls about queries, and whose the credentials are. It needs no
// moto.
func StartAthena(t testing.TB) *Server {
	t.Helper()
	s := &Server{queries: queries.New()}
	s.listen(t)
	return s
}

// StartServiceQuotas starts a stand-in that answers about quotas, and whose the credentials are. It needs no moto.
func StartServiceQuotas(t testing.TB) *Server {
	t.Helper()
	s := &Server{limits: servicequotas.New(AccountID)}
	s.listen(t)
	return s
}

// Quotas is what answers about quotas.
func (s *Server) Quotas() *servicequotas.API { return s.limits }

// Athena is what answers about queries.
func (s *Server) Athena() *queries.API { return s.queries }

// RefuseNext makes the next call of a name (athena:StartQueryExecution) fail once with an error of the service.
func (s *Server) RefuseNext(name string, status int, code, message string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, fault{name, &wire.Error{Status: status, Code: code, Message: message}})
}

// identify tells whose the credentials are (STS API Reference, GetCallerIdentity).
func identify(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/xml")
	_, _ = w.Write([]byte(`<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>` +
		`<Arn>arn:aws:iam::` + AccountID + `:user/a</Arn><UserId>AIDACKCEVSQ6C2EXAMPLE</UserId><Account>` + AccountID + `</Account>` +
		`</GetCallerIdentityResult></GetCallerIdentityResponse>`))
}

// CreateWorkGroup makes a workgroup of moto's.
func (s *Server) CreateWorkGroup(t testing.TB, region, name, location string) {
	t.Helper()
	must(t, s.moto.JSON(region, "athena", "AmazonAthena.CreateWorkGroup", map[string]any{"Name": name,
		"Configuration": map[string]any{"ResultConfiguration": map[string]string{"OutputLocation": location}}}, &struct{}{}))
}

// SetQueryResults has moto answer the next query in a Region with rows, of which the first is the names of the columns.
func (s *Server) SetQueryResults(t testing.TB, region string, types []string, rows ...[]string) {
	t.Helper()
	type datum map[string]string
	type row struct{ Data []datum }
	var columns []datum
	for i, kind := range types {
		columns = append(columns, datum{"Name": rows[0][i], "Type": kind})
	}
	var list []row
	for _, values := range rows {
		var r row
		for _, v := range values {
			r.Data = append(r.Data, datum{"VarCharValue": v})
		}
		list = append(list, r)
	}
	body, err := json.Marshal(map[string]any{"account_id": AccountID, "region": region,
		"results": []any{map[string]any{"rows": list, "column_info": columns}}})
	must(t, err)
	_, err = s.moto.Do(moto.Request{
		Region: region, Service: "moto", Method: http.MethodPost, Path: "/moto-api/static/athena/query-results", Body: body,
	})
	must(t, err)
}

// Table is one of Glue's, as far as it is checked.
type Table struct {
	TableType         string
	Parameters        map[string]string
	PartitionKeys     []Column
	StorageDescriptor struct {
		Location, InputFormat, OutputFormat string
		Columns                             []Column
		SerdeInfo                           struct{ SerializationLibrary string }
	}
}

// Column is one of a table.
type Column struct{ Name, Type string }

// Table returns a table of Glue.
func (s *Server) Table(t testing.TB, region, database, name string) Table {
	t.Helper()
	var answer struct{ Table Table }
	must(t, s.moto.JSON(region, "glue", "AWSGlue.GetTable", map[string]string{"DatabaseName": database, "Name": name}, &answer))
	return answer.Table
}

// Databases returns the names of Glue's databases in a region.
func (s *Server) Databases(t testing.TB, region string) []string {
	t.Helper()
	var answer struct{ DatabaseList []struct{ Name string } }
	must(t, s.moto.JSON(region, "glue", "AWSGlue.GetDatabases", struct{}{}, &answer))
	var names []string
	for _, database := range answer.DatabaseList {
		names = append(names, database.Name)
	}
	return names
}

// Workgroup is one of Athena's, as far as it is checked.
type Workgroup struct {
	Name          string
	Configuration struct {
		EnforceWorkGroupConfiguration bool
		BytesScannedCutoffPerQuery    int
		ResultConfiguration           struct {
			OutputLocation          string
			EncryptionConfiguration struct{ EncryptionOption string }
		}
	}
}

// Workgroup returns a workgroup of Athena; without a name there is none.
func (s *Server) Workgroup(t testing.TB, region, name string) Workgroup {
	t.Helper()
	var answer struct{ WorkGroup Workgroup }
	must(t, s.moto.JSON(region, "athena", "AmazonAthena.GetWorkGroup", map[string]string{"WorkGroup": name}, &answer))
	return answer.WorkGroup
}

// SavedQueries returns the texts of the saved queries of a workgroup by their name.
func (s *Server) SavedQueries(t testing.TB, region, workgroup string) map[string]string {
	t.Helper()
	saved := map[string]string{}
	for _, id := range s.corrections.NamedQueries(region, workgroup) {
		var answer struct {
			NamedQuery struct{ Name, QueryString string }
		}
		must(t, s.moto.JSON(region, "athena", "AmazonAthena.GetNamedQuery", map[string]string{"NamedQueryId": id}, &answer))
		saved[answer.NamedQuery.Name] = answer.NamedQuery.QueryString
	}
	return saved
}

// Query has a workgroup run a query.
func (s *Server) Query(t testing.TB, region, workgroup, query string) {
	t.Helper()
	must(t, s.moto.JSON(region, "athena", "AmazonAthena.StartQueryExecution",
		map[string]string{"WorkGroup": workgroup, "QueryString": query}, &struct{}{}))
}

// surroundings are what CloudFront finds around it.
type surroundings struct {
	*moto.Server
	corrections *corrections.Corrections
}

// CertificateIssued overrides moto's, which issues every certificate.
func (s surroundings) CertificateIssued(arn string) bool {
	return s.Server.CertificateIssued(arn) && !s.corrections.Waits(arn)
}

// nowhere is an account that has nothing but CloudFront.
type nowhere struct{}

func (nowhere) BucketExists(string) bool      { return false }
func (nowhere) BucketTakesACLs(string) bool   { return false }
func (nowhere) CertificateIssued(string) bool { return false }
func (nowhere) WebACLExists(string) bool      { return false }
func (nowhere) EnterVPC(string) string        { return "" }

// CreateKeyValueStore makes a key value store that is ready, and returns its ARN.
func (s *Server) CreateKeyValueStore(t testing.TB, name string) string {
	t.Helper()
	body := []byte("<CreateKeyValueStoreRequest><Name>" + name + "</Name></CreateKeyValueStoreRequest>")
	for _, r := range []*http.Request{
		httptest.NewRequest(http.MethodPost, "/2020-05-31/key-value-store", bytes.NewReader(body)),
		httptest.NewRequest(http.MethodGet, "/2020-05-31/key-value-store/"+name, http.NoBody), // ends its provisioning
	} {
		answer := httptest.NewRecorder()
		s.cloudfront.Serve(answer, r, cloudfront.Action(r), body)
		if answer.Code >= http.StatusMultipleChoices {
			t.Fatal("awstest: ", answer.Body.String())
		}
	}
	return s.cloudfront.KeyValueStore(name)
}

// KeyValueStore returns the ARN of a key value store, or "".
func (s *Server) KeyValueStore(name string) string { return s.cloudfront.KeyValueStore(name) }

// Pairs returns what is in a key value store, or nil where there is none of the name.
func (s *Server) Pairs(name string) map[string]string {
	return s.pairs.Pairs(s.cloudfront.KeyValueStore(name))
}

// PutPair stores a pair in a key value store.
func (s *Server) PutPair(name, key, value string) {
	s.pairs.Put(s.cloudfront.KeyValueStore(name), key, value)
}

// FunctionCode returns the code of a CloudFront function that is published, or "".
func (s *Server) FunctionCode(name string) string { return s.cloudfront.FunctionCode(name) }

// deliverySurroundings are what the delivery of logs finds in CloudFront and S3.
type deliverySurroundings struct {
	cloudfront *cloudfront.API
	*corrections.Corrections
}

func (s deliverySurroundings) DistributionExists(id string) bool {
	return s.cloudfront.XML("Distribution", id) != nil
}

// refuseInUse refuses to delete what a distribution, a listener or a web ACL uses (ACM API Reference,
// DeleteCertificate; AWS WAF API Reference, DeleteWebACL and DeleteIPSet). moto knows of no distribution, and not of
// what rules refer to.
func (s *Server) refuseInUse(call apicall.Call) *wire.Error {
	var input struct{ CertificateArn, Name, ID string }
	switch call.Name() {
	case "acm:DeleteCertificate", "wafv2:DeleteWebACL", "wafv2:DeleteIPSet":
		if err := json.Unmarshal(call.Body, &input); err != nil {
			return &wire.Error{Status: http.StatusBadRequest, Code: "SerializationException", Message: err.Error()}
		}
	}
	switch {
	case input.CertificateArn != "" &&
		(s.cloudfront.Uses("ACMCertificateArn", input.CertificateArn) || s.moto.ListenerHas(call.Region, input.CertificateArn)):
		return &wire.Error{Status: http.StatusBadRequest, Code: "ResourceInUseException",
			Message: "Certificate " + input.CertificateArn + " is in use."}
	case call.Name() == "wafv2:DeleteIPSet":
		if s.moto.IPSetReferred(input.Name, input.ID) {
			return &wire.Error{Status: http.StatusBadRequest, Code: "WAFAssociatedItemException",
				Message: "The IP set is referred to by a web ACL."}
		}
	case input.ID != "" && s.cloudfront.Uses("WebACLId", "arn:aws:wafv2:us-east-1:"+AccountID+":global/webacl/"+input.Name+"/"+input.ID):
		return &wire.Error{Status: http.StatusBadRequest, Code: "WAFAssociatedItemException",
			Message: "The web ACL is associated with a distribution."}
	}
	return nil
}

// LoseFirstAnswer returns a server that passes everything on to the one at a URL, and loses the answer to the first
// POST. There must be one before the test ends.
func LoseFirstAnswer(t *testing.T, to string) *httptest.Server {
	t.Helper()
	return withFirstAnswer(t, to, func(*http.Request) error { return errors.New("lost") })
}

// HoldFirstAnswer returns a server that passes everything on to the one at a URL. When the answer to the first POST is
// there, it calls meanwhile, and gives the answer to nobody. There must be one before the test ends.
func HoldFirstAnswer(t *testing.T, to string, meanwhile func()) *httptest.Server {
	t.Helper()
	return withFirstAnswer(t, to, func(r *http.Request) error {
		meanwhile()
		<-r.Context().Done()
		return r.Context().Err()
	})
}

func withFirstAnswer(t *testing.T, to string, do func(*http.Request) error) *httptest.Server {
	t.Helper()
	at, err := url.Parse(to)
	require.NoError(t, err)
	done := false
	proxy := httputil.NewSingleHostReverseProxy(at)
	proxy.ModifyResponse = func(r *http.Response) error {
		if r.Request.Method == http.MethodPost && !done {
			done = true
			return do(r.Request)
		}
		return nil
	}
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	server := httptest.NewServer(proxy)
	t.Cleanup(func() {
		server.Close()
		require.True(t, done)
	})
	return server
}
