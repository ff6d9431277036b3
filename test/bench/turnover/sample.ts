import type pg from 'pg'

/** What PostgreSQL tells of a table. */
export interface TableSample {
  readonly name: string
  /** With what is kept apart because it is long. */
  readonly tableBytes: number
  /** Pages of 8 KiB, without that. */
  readonly pages: number
  readonly indexBytes: number
  readonly liveRows: number
  /** As PostgreSQL estimates them. */
  readonly deadRows: number
  readonly updates: number
  /** Those that touched no index and could be cleaned up without a vacuum. */
  readonly heapOnlyUpdates: number
  readonly autovacuums: number
}

/** Looks at all tables that have ever had a row. */
export async function sampleTables(pool: pg.Pool): Promise<TableSample[]> {
  const { rows } = await pool.query<TableSample>(
    `SELECT relname AS name, pg_table_size(relid)::float8 AS "tableBytes",
       pg_relation_size(relid)::float8 / current_setting('block_size')::int AS pages,
       pg_indexes_size(relid)::float8 AS "indexBytes", n_live_tup::float8 AS "liveRows",
       n_dead_tup::float8 AS "deadRows", n_tup_upd::float8 AS updates,
       n_tup_hot_upd::float8 AS "heapOnlyUpdates", autovacuum_count::float8 AS autovacuums
     FROM pg_stat_user_tables
     WHERE pg_relation_size(relid) > 0 AND relname NOT LIKE '\\_prisma%'
     ORDER BY relname`,
  )
  return rows
}
