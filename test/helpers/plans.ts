import pg from 'pg'
import type { Test } from 'tap'
import { startEngine } from './engine.ts'
import { interceptStatements } from './statements.ts'
import type { PrismaClient } from '../../src/generated/prisma/client.ts'

/** From the sixth execution on PostgreSQL may keep a plan for whatever arguments there are. */
const EXECUTIONS_UNTIL_KEPT = 6

/** A statement as it goes to PostgreSQL. */
interface Sent {
  readonly text: string
  readonly values: readonly unknown[]
}

/** A node of a plan, with what came of it; of EXPLAIN's many members those that are looked at. */
interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly 'Rows Removed by Index Recheck'?: number
  readonly Plans?: readonly PlanNode[]
}

/** What a statement cost by the plan that PostgreSQL keeps for it. */
export interface Cost {
  readonly text: string
  /** Rows that were read from tables and indexes, those that fit nothing included. */
  readonly rows: number
  /** Tables that were read from their beginning to their end. */
  readonly scanned: readonly string[]
}

/**
 * Reads by `read` on sessions as the service has them, and tells what each of its statements costs,
 * by the plan that PostgreSQL keeps. Rows that are locked are let go.
 */
export type CostsOf = (read: (sql: PrismaClient) => Promise<unknown>) => Promise<Cost[]>

/** Sessions on the database at `url` for that; the teardown ends them. */
export function watchCosts(t: Test, url: string): CostsOf {
  const { prisma, pool } = startEngine(t, url)
  let sent: Sent[] = []
  pool.on('connect', (client) => {
    interceptStatements(client, (statement, send) => {
      if (isSent(statement)) sent.push(statement)
      return send(statement)
    })
  })
  return async (read) => {
    sent = []
    await read(prisma)
    const statements = sent
    const client = await pool.connect()
    try {
      const costs: Cost[] = []
      for (const statement of statements) costs.push(await costOf(client, statement))
      return costs
    } finally {
      client.release()
    }
  }
}

function isSent(statement: unknown): statement is Sent {
  return typeof statement === 'object' && statement !== null && 'values' in statement
}

async function costOf(client: pg.ClientBase, { text, values }: Sent): Promise<Cost> {
  const given = values.length === 0 ? '' : `(${values.map(literalOf).join(', ')})`
  await client.query('BEGIN')
  await client.query(`PREPARE kept AS ${text}`)
  for (let i = 0; i < EXECUTIONS_UNTIL_KEPT; i += 1) await client.query(`EXECUTE kept ${given}`)
  const explain = `EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE kept ${given}`
  const { rows } = await client.query<{ 'QUERY PLAN': [{ readonly Plan: PlanNode }] }>(explain)
  await client.query('DEALLOCATE kept')
  await client.query('ROLLBACK')
  const [explained] = rows
  if (explained === undefined) throw new Error('PostgreSQL does not explain')
  const nodes = nodesOf(explained['QUERY PLAN'][0].Plan)
  return {
    text,
    rows: nodes.reduce((sum, node) => sum + rowsReadBy(node), 0),
    scanned: nodes.flatMap((node) =>
      node['Node Type'] === 'Seq Scan' ? (node['Relation Name'] ?? []) : [],
    ),
  }
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)]
}

/** Of nodes that read a table or an index. EXPLAIN gives averages over the loops of a node. */
function rowsReadBy(node: PlanNode): number {
  if (node['Relation Name'] === undefined) return 0
  const { 'Rows Removed by Filter': byFilter = 0, 'Rows Removed by Index Recheck': byRecheck = 0 } =
    node
  return Math.ceil((node['Actual Rows'] + byFilter + byRecheck) * node['Actual Loops'])
}

function literalOf(value: unknown): string {
  if (value === null) return 'NULL'
  if (Array.isArray(value)) return pg.escapeLiteral(`{${value.join(',')}}`)
  if (typeof value === 'string' || typeof value === 'number') return pg.escapeLiteral(String(value))
  throw new TypeError('a value of another type')
}
