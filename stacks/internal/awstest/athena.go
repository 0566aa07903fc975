package awstest

import (
	"encoding/json"
	"net/http"
	"testing"

	"ml-api-accelerator/stacks/internal/awstest/moto"
	"ml-api-accelerator/stacks/internal/awstest/queries"
	"ml-api-accelerator/stacks/internal/awstest/wire"
)

// StartAthena starts a stand-in that answers Athena's calls about queries, and whose the credentials are. It needs no moto.
func StartAthena(t testing.TB) *Server {
	t.Helper()
	s := &Server{queries: queries.New()}
	s.listen(t)
	return s
}

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
	_, err = s.moto.Do(moto.Request{Region: region, Service: "moto", Method: http.MethodPost, Path: "/moto-api/static/athena/query-results", Body: body})
	must(t, err)
}
