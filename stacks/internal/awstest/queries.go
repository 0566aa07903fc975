package awstest

import "testing"

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
