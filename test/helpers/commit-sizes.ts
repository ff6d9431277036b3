import type pg from 'pg'

/** Rows that one transaction wrote of one kind. */
export interface CommitSize {
  /** Such as `bookings delete`. */
  readonly kind: string
  readonly rows: number
}

/**
 * Has PostgreSQL itself write down how many rows each transaction writes, whoever it is and by
 * whatever statement: cascades count as well.
 */
export async function watchCommits(pool: pg.Pool): Promise<void> {
  await pool.query(`
    CREATE TABLE written (transaction BIGINT, kind TEXT, event_id INTEGER, rows BIGINT);
    CREATE FUNCTION note_written() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO written
      SELECT txid_current(), TG_TABLE_NAME || ' ' || lower(TG_OP), event_id, count(*)
      FROM changed GROUP BY event_id;
      RETURN NULL;
    END $$`)
  for (const table of ['bookings', 'waitlist_entries']) {
    for (const [operation, rows] of [
      ['INSERT', 'NEW'],
      ['DELETE', 'OLD'],
    ]) {
      await pool.query(
        `CREATE TRIGGER ${table}_${operation}_written AFTER ${operation} ON ${table}
         REFERENCING ${rows} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_written()`,
      )
    }
  }
}

/** The most that one transaction wrote to these events together, of each kind. */
export async function largestCommits(
  pool: pg.Pool,
  ...eventIds: readonly number[]
): Promise<CommitSize[]> {
  const { rows } = await pool.query<CommitSize>(
    `SELECT kind, max(rows)::int AS rows
     FROM (SELECT kind, sum(rows) AS rows FROM written WHERE event_id = ANY($1)
       GROUP BY transaction, kind) AS commits
     GROUP BY kind ORDER BY kind`,
    [eventIds],
  )
  return rows
}
