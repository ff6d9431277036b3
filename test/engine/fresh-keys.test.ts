import t, { type Test } from 'tap'
import type { Command } from '../../src/domain/commands.ts'
import { deleteEvent, plainReserve } from '../helpers/commands.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { hasSucceeded, isReplayed, underKey } from '../helpers/outcomes.ts'
import { createEvent } from '../helpers/race.ts'
import { openSession, untilBlocked } from '../helpers/sessions.ts'

// The look-up of keys goes with the lock, in a statement that sees what was committed before it
// began, while the lock may be given later. Here another process carries the same request out in
// between.

const GATE = 4711

/** A statement that locks events waits at the gate, after it has begun and before it locks. */
function waitAtGate(sql: string): string {
  if (!sql.includes('FOR UPDATE SKIP LOCKED')) return sql
  return sql.replace(
    'AND deleted_at IS NULL',
    `AND (SELECT set_config('lock_timeout', '30s', true)) IS NOT NULL
     AND (SELECT pg_advisory_xact_lock_shared(${GATE})::text) IS NOT NULL AND deleted_at IS NULL`,
  )
}

/**
 * A process whose first look is overtaken by one that carries the request out: whether it replays
 * that, and how often its work was undone before.
 */
async function overtake(
  t: Test,
  make: (eventId: number) => Command,
  weaken: (sql: string) => string = (sql) => sql,
): Promise<{ isReplayed: boolean; undone: number }> {
  const database = await createTestDatabase(t)
  let undone = 0
  const slow = startEngine(t, database.url, {
    rewrite: (sql) => {
      if (sql === 'ROLLBACK') undone += 1
      return weaken(waitAtGate(sql))
    },
  })
  const fast = startEngine(t, database.url)
  const eventId = await createEvent(database.pool, 10)
  const gate = await openSession(t, database, 'SELECT pg_advisory_xact_lock($1)', [GATE])

  const late = slow.reservations.execute(make(eventId), underKey('k'))
  const told = late.then(isReplayed, () => false)
  await untilBlocked(database.pool, gate)
  t.ok(hasSucceeded(await fast.reservations.execute(make(eventId), underKey('k'))))
  await gate.rollback()
  return { isReplayed: await told, undone }
}

const reserve = (eventId: number): Command => plainReserve(eventId, 'ann')

t.test('a reservation is known that was made since the statement began', async (t) => {
  t.same(await overtake(t, reserve), { isReplayed: true, undone: 0 })
})

t.test('it is not, where the version of the event does not tell', async (t) => {
  const { undone } = await overtake(t, reserve, (sql) =>
    sql.replace(/version IS DISTINCT FROM \(.*?\) AS is_stale/s, 'false AS is_stale'),
  )
  t.ok(undone > 0)
})

t.test('so is the deletion of an event, which leaves no version', async (t) => {
  t.same(await overtake(t, (eventId) => deleteEvent(eventId)), { isReplayed: true, undone: 0 })
})
