import t from 'tap'
import { createTestDatabase } from '../helpers/database.ts'

// What changes in the pools of an event leaves a new version of the event's row, by which batches tell
// that something has changed: one, however many pools change in a statement.

/** Statements, and the events of which they write a row anew, each time that they do. */
const WRITTEN: readonly (readonly [statement: string, events: readonly number[]])[] = [
  [`UPDATE event_pools SET capacity = 9 WHERE event_id = 1`, [1]],
  [`UPDATE event_pools SET capacity = 8, place = 5`, [1, 2]],
  [`UPDATE event_pools SET place = 6 WHERE event_id = 1 AND key = 'b'`, [1]],
  [`UPDATE event_pools SET event_id = 1, key = 'c' WHERE event_id = 2 AND key = 'a'`, [1, 2]],
  [`UPDATE event_pools SET capacity = capacity`, []],
  // By the trigger that counts, and by no other.
  [`UPDATE bookings SET lines = jsonb_set(lines, '{0,pools}', '["b"]')`, [1]],
]

t.test('pools that change together leave one new version of the row of their event', async (t) => {
  const { pool } = await createTestDatabase(t)
  await pool.query(`
    INSERT INTO events (name, total_seats) VALUES ('One', 10), ('Two', 10);
    INSERT INTO event_pools (event_id, key, capacity)
      SELECT e.id, key, 3 FROM events e, unnest(ARRAY['a', 'b']) AS key;
    INSERT INTO bookings (event_id, user_id, lines)
      VALUES (1, 'ann', '[{"ticket_type": "type", "seats": 1, "pools": ["a"]}]');
    CREATE TABLE written (event_id INTEGER);
    CREATE FUNCTION note_written() RETURNS TRIGGER LANGUAGE plpgsql AS
      'BEGIN INSERT INTO written VALUES (NEW.id); RETURN NULL; END';
    CREATE TRIGGER note_written AFTER UPDATE ON events
      FOR EACH ROW EXECUTE FUNCTION note_written()`)
  for (const [statement, events] of WRITTEN) {
    await pool.query(statement)
    const { rows } = await pool.query<{ event_id: number }>(
      'WITH gone AS (DELETE FROM written RETURNING *) SELECT * FROM gone ORDER BY event_id',
    )
    t.strictSame(
      rows.map(({ event_id }) => event_id),
      events,
      statement,
    )
  }
})
