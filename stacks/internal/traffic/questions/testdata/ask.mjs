// Asks DuckDB the SQL of the questions, and holds it to Trino's grammar.
// In: {columns, rows, queries: [sql, …]}. Out, for each: {syntax: [what is wrong], columns, rows}.
import { register } from 'node:module'
import { text } from 'node:stream/consumers'
import { DuckDBInstance } from '@duckdb/node-api'

register('./hooks.mjs', import.meta.url)
const { TrinoSQL } = await import('dt-sql-parser/dist/parser/trino/index.js')

// What Trino has and DuckDB lacks, or means otherwise.
const macros = [
  // Trino's approximation of what is exact here: the value at the nearest rank.
  `approx_percentile(x, share) AS quantile_disc(x, share)`,
  // Trino formats as MySQL does, where minutes are %i and seconds %s.
  `date_format(t, format) AS strftime(t, replace(replace(format, '%i', '%M'), '%s', '%S'))`,
  // Trino takes + for a space, and fails where there is no code after %, of which try makes NULL; DuckDB leaves both as they are.
  `url_decode(x) AS CASE WHEN NOT regexp_matches(x, '%($|.$|[^0-9A-Fa-f]|.[^0-9A-Fa-f])') THEN plain_url_decode(replace(x, '+', ' ')) END`,
]

const { columns, rows, queries } = JSON.parse(await text(process.stdin))
const db = await (await DuckDBInstance.create(':memory:')).connect()
for (const macro of ['plain_url_decode(x) AS system.main.url_decode(x)', ...macros]) await db.run(`CREATE MACRO ${macro}`)
await db.run(`CREATE TABLE access_logs (${columns.map((name) => `"${name}" VARCHAR`).join(', ')})`)
const appender = await db.createAppender('access_logs')
for (const row of rows) {
  for (const value of row) value === null ? appender.appendNull() : appender.appendVarchar(value)
  appender.endRow()
}
appender.flushSync()

const trino = new TrinoSQL()
const answers = []
for (const query of queries) {
  const answer = await db.runAndReadAll(query)
  answers.push({
    syntax: trino.validate(query).map((e) => `${e.startLine}:${e.startColumn} ${e.message}`),
    columns: answer.columnNames(),
    rows: answer.getRows().map((row) => row.map((value) => (value === null ? null : String(value)))),
  })
}
process.stdout.write(JSON.stringify(answers))
