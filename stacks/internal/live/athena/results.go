package athena

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"

	"ml-api-accelerator/stacks/internal/traffic/questions"
)

// results reads all pages of what a query returned.
func results(ctx context.Context, client *athena.Client, id string) (questions.Answer, error) {
	var answer questions.Answer
	var columns []types.ColumnInfo
	pages := athena.NewGetQueryResultsPaginator(client, &athena.GetQueryResultsInput{QueryExecutionId: &id})
	for first := true; pages.HasMorePages(); first = false {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return questions.Answer{}, err
		}
		if page.ResultSet == nil || page.ResultSet.ResultSetMetadata == nil {
			return questions.Answer{}, errors.New("the query: Athena sends results without columns")
		}
		rows := page.ResultSet.Rows
		if first {
			columns = page.ResultSet.ResultSetMetadata.ColumnInfo
			answer.Columns = columnsOf(columns)
			rows = rows[min(1, len(rows)):] // a SELECT's first row has the names of the columns (aoyagikouhei/athena-local, measured)
		}
		for _, row := range rows {
			answer.Rows = append(answer.Rows, values(row, columns))
		}
	}
	return answer, nil
}

func columnsOf(columns []types.ColumnInfo) []questions.Column {
	var list []questions.Column
	for _, c := range columns {
		list = append(list, questions.Column{Name: aws.ToString(c.Name), Number: slices.Contains(numbers, aws.ToString(c.Type))})
	}
	return list
}

// numbers are the types of numbers (Athena User Guide, Data types in Amazon Athena).
var numbers = []string{"tinyint", "smallint", "int", "integer", "bigint", "double", "float", "real", "decimal"}

// values are those of a row; NULL is written as the logs write that there is none.
func values(row types.Row, columns []types.ColumnInfo) []string {
	list := make([]string, len(columns))
	for i := range columns {
		list[i] = "-"
		if i < len(row.Data) && row.Data[i].VarCharValue != nil {
			list[i] = *row.Data[i].VarCharValue
		}
	}
	return list
}
