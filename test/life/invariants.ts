import type pg from 'pg'

// What must hold of all events at any time, asked of PostgreSQL itself. Each query finds what breaks a rule.

const LINES = `jsonb_to_recordset(b.lines) AS l(seats int, pools text[], labels text[])`

const BROKEN: Readonly<Record<string, string>> = {
  'a label has two holders': `
    SELECT event_id, label FROM (
      SELECT b.event_id, n.label FROM bookings AS b
      CROSS JOIN LATERAL ${LINES} CROSS JOIN LATERAL unnest(l.labels) AS n(label)
      UNION ALL SELECT event_id, label FROM blocked_seats) AS held
    GROUP BY event_id, label HAVING count(*) > 1`,
  'the table of seats says otherwise': `
    WITH held AS (
      SELECT b.event_id, n.label, b.id AS booking_id FROM bookings AS b
      CROSS JOIN LATERAL ${LINES} CROSS JOIN LATERAL unnest(l.labels) AS n(label)
      UNION ALL SELECT event_id, label, NULL FROM blocked_seats),
    taken AS (SELECT event_id, label, booking_id FROM taken_seats)
    (TABLE held EXCEPT TABLE taken) UNION ALL (TABLE taken EXCEPT TABLE held)`,
  'a pool is over its capacity': `
    SELECT event_id, key FROM event_pools WHERE taken + blocked > capacity
    UNION ALL SELECT id, NULL FROM events WHERE taken + blocked > total_seats`,
  'a pool counts other than its lines': `
    SELECT p.event_id, p.key, p.taken, p.blocked FROM event_pools AS p
    WHERE p.taken <> (
      SELECT COALESCE(sum(l.seats), 0) FROM bookings AS b CROSS JOIN LATERAL ${LINES}
      WHERE b.event_id = p.event_id AND p.key = ANY (l.pools))
    OR p.blocked <> (
      SELECT count(*) FROM blocked_seats AS s
      WHERE s.event_id = p.event_id AND s.pool = p.key)`,
  'an event counts other than its bookings': `
    SELECT id, taken, held, waiting, blocked FROM events AS e
    WHERE taken <> (SELECT COALESCE(sum(seats), 0) FROM bookings WHERE event_id = e.id)
    OR held <> (
      SELECT COALESCE(sum(seats), 0) FROM bookings WHERE event_id = e.id AND status = 'held')
    OR waiting <> (SELECT count(*) FROM waitlist_entries WHERE event_id = e.id)
    OR blocked <> (SELECT count(*) FROM blocked_seats WHERE event_id = e.id)`,
  'lines are not all of the seats': `
    SELECT b.id FROM bookings AS b WHERE b.lines IS NOT NULL
    AND b.seats <> (SELECT sum(l.seats) FROM ${LINES})`,
  'somebody is booked, and waits': `
    SELECT event_id, user_id FROM bookings
    INTERSECT SELECT event_id, user_id FROM waitlist_entries`,
}

/** What is broken, with the rows that show it; nothing where all is well. */
export async function brokenInvariants(pool: pg.Pool): Promise<Record<string, unknown[]>> {
  const broken: Record<string, unknown[]> = {}
  for (const [name, sql] of Object.entries(BROKEN)) {
    const { rows } = await pool.query(sql)
    if (rows.length > 0) broken[name] = rows
  }
  return broken
}
