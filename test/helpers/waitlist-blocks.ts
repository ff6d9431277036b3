import type pg from 'pg'

/** Where the counters of the blocks of lines differ from the entries that are there: nowhere. */
export const DIFFERENCES = `
  SELECT event_id, size, block, b.entries, c.entries AS counted
  FROM waitlist_blocks b
  FULL JOIN (
    SELECT event_id, size, id / size AS block, count(*)::int AS entries
    FROM waitlist_entries CROSS JOIN (VALUES (512), (16384)) AS kind (size)
    GROUP BY event_id, size, id / size) AS c USING (event_id, size, block)
  WHERE b.entries IS DISTINCT FROM c.entries
  ORDER BY event_id, size, block`

/** Two lines: the first in several blocks, also large ones, the second beside it in the first block. */
export const GIVEN = `
  INSERT INTO events (name, total_seats) VALUES ('One', 1), ('Two', 1), ('Three', 1);
  INSERT INTO waitlist_entries (id, event_id, user_id)
  SELECT id, 1, 'user ' || id FROM unnest(ARRAY[1, 2, 511, 512, 513, 16383, 16384, 40000]) AS id;
  INSERT INTO waitlist_entries (id, event_id, user_id) SELECT id, 2, 'user ' || id FROM generate_series(3, 9) AS id;
  SELECT setval('waitlist_entries_id_seq', 40000)`

/** The rows of the table, as event, size, block and entries. */
export async function blocksOf(pool: pg.Pool): Promise<number[][]> {
  const { rows } = await pool.query<Record<string, number>>(
    'SELECT event_id, size, block, entries FROM waitlist_blocks ORDER BY 1, 2, 3',
  )
  return rows.map((row) => Object.values(row))
}

/** What is counted of the first line, and of the second. */
export const OF_ONE = [
  [1, 512, 0, 3],
  [1, 512, 1, 2],
  [1, 512, 31, 1],
  [1, 512, 32, 1],
  [1, 512, 78, 1],
  [1, 16384, 0, 6],
  [1, 16384, 1, 1],
  [1, 16384, 2, 1],
]
export const OF_TWO = [
  [2, 512, 0, 7],
  [2, 16384, 0, 7],
]
