import type pg from 'pg'
import { Prisma } from '../../src/generated/prisma/client.ts'

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly 'Rows Removed by Index Recheck'?: number
  readonly Plans?: readonly PlanNode[]
}

/** How a statement is planned: as one that has run often is, or for its values. */
export type PlanMode = 'force_generic_plan' | 'force_custom_plan'

/**
 * Runs statements as Prisma would on this client, prepared, and counts the rows that they read from
 * tables and indexes, those among them that they throw away.
 */
export async function explainReads(client: pg.ClientBase, mode: PlanMode) {
  await client.query(`SET plan_cache_mode = ${mode}`)
  const names = new Map<string, string>()
  let rowsRead = 0
  let statements = 0

  const nameOf = async (text: string): Promise<string> => {
    const known = names.get(text)
    if (known !== undefined) return known
    const name = `explained_${names.size + 1}`
    await client.query(`PREPARE ${name} AS ${text}`)
    names.set(text, name)
    return name
  }
  const $queryRaw = async <T>(
    query: TemplateStringsArray | Prisma.Sql,
    ...values: unknown[]
  ): Promise<T> => {
    const { text, values: all } = 'raw' in query ? Prisma.sql(query, ...values) : query
    const literals = all.map((value) => client.escapeLiteral(String(value)))
    const call = `EXECUTE ${await nameOf(text)}${all.length > 0 ? `(${literals.join(', ')})` : ''}`
    const explained = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${call}`,
    )
    const [row] = explained.rows
    if (row === undefined) throw new Error('there is no plan')
    rowsRead += rowsOf(row['QUERY PLAN'][0].Plan)
    statements += 1
    const { rows } = await client.query(call)
    return rows as T
  }
  return {
    $queryRaw: $queryRaw as Prisma.TransactionClient['$queryRaw'],
    /** What was read since the last time. */
    takeCounts: () => {
      const counts = { rowsRead, statements }
      rowsRead = 0
      statements = 0
      return counts
    },
  }
}

const SCAN = /^(Seq|Index|Index Only|Bitmap Heap|Bitmap Index) Scan$/

function rowsOf(node: PlanNode): number {
  const removed =
    (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)
  const own = SCAN.test(node['Node Type'])
    ? (node['Actual Rows'] + removed) * node['Actual Loops']
    : 0
  return (node.Plans ?? []).reduce((sum, plan) => sum + rowsOf(plan), own)
}
