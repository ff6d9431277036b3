import { isDeepStrictEqual } from 'node:util'
import t, { type Test } from 'tap'
import type { ReserveCommand } from '../../src/domain/commands/bookings.ts'
import type { Outcome, Refused } from '../../src/domain/outcomes.ts'
import { provableRefusals } from '../../src/store/refusals.ts'
import { createEventCommand, setSeating } from '../helpers/commands.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { eventOf, underKey } from '../helpers/outcomes.ts'
import { randomOf, seedFor, type Random } from '../helpers/random.ts'
import {
  randomChange,
  randomReserve,
  randomSettings,
  SMALL_HALL,
} from '../helpers/random-refusals.ts'

// The promise: what a plain read refuses, the lock would have refused, and in the same words.

const EVENTS = 40
const ROUNDS = 25
/** Commands that are looked at together. */
const TOGETHER = 4

/** What has to come up: the word, and in brackets what has no seats and who waits. */
const SEEN = [
  ...['sold_out (event)', 'sold_out (pool)', 'sold_out (event, others wait)'],
  ...['sold_out (event, so does who asks)', 'sold_out (event, others wait), all plain'],
  ...['event_not_found', 'user_mismatch', 'already_booked', 'not_on_sale', 'too_many_seats'],
  ...['unknown_ticket_type', 'lines_required', 'labels_invalid', 'unknown_section'],
]

/** @param waiting - at the event */
function wordFor({ refusal, details = {} }: Refused, waiting: number): string {
  const { pool, waitingBefore = 0 } = details
  if (refusal !== 'sold_out') return refusal
  const what = pool === null ? 'event' : 'pool'
  if (pool === null && waitingBefore < waiting) return `sold_out (${what}, so does who asks)`
  return waitingBefore > 0 ? `sold_out (${what}, others wait)` : `sold_out (${what})`
}

async function start(t: Test) {
  const { url, pool } = await createTestDatabase(t)
  const { reservations, prisma } = startEngine(t, url)
  let keys = 0
  return {
    pool,
    /** What is under a key is decided under the lock. */
    underLock: async (command: ReserveCommand): Promise<Outcome> =>
      (await reservations.execute(command, underKey(`key ${(keys += 1)}`))).outcome,
    execute: async (...[command]: Parameters<typeof reservations.execute>): Promise<Outcome> =>
      (await reservations.execute(command)).outcome,
    byRead: (commands: readonly ReserveCommand[]) => provableRefusals(prisma, commands),
  }
}

/** How many wait at an event, and whether it has pools. */
async function lineOf({ pool }: Started, eventId: number) {
  const { rows } = await pool.query<{ waiting: number; hasPools: boolean }>(
    'SELECT waiting, pool_count > 0 AS "hasPools" FROM events WHERE id = $1',
    [eventId],
  )
  return rows[0] ?? { waiting: 0, hasPools: false }
}

type Started = Awaited<ReturnType<typeof start>>

async function createEvent({ execute }: Started, random: Random): Promise<number> {
  const withHall = random.below(3) === 0
  const { id } = eventOf(await execute(createEventCommand(randomSettings(random, withHall))))
  if (withHall) await execute(setSeating(id, SMALL_HALL, 'small hall'))
  return id
}

/** Has the event be in another state: by a command, or as time passes. */
async function change({ execute, pool }: Started, random: Random, eventId: number): Promise<void> {
  if (random.below(8) > 0) await execute(randomChange(random, eventId))
  else {
    await pool.query('UPDATE bookings SET expires_at = now() WHERE event_id = $1 AND status = $2', [
      ...[eventId, 'held'],
    ])
  }
}

t.test('a plain read refuses as the lock does', async (t) => {
  const random = randomOf(seedFor(t))
  const started = await start(t)
  const seen = new Map<string, number>()
  for (let n = 0; n < EVENTS; n += 1) {
    const eventId = await createEvent(started, random)
    for (let round = 0; round < ROUNDS; round += 1) {
      await change(started, random, eventId)
      const { waiting, hasPools } = await lineOf(started, eventId)
      const areAllPlain = random.below(4) === 0
      const commands = Array.from({ length: TOGETHER }, () => {
        const command = randomReserve(random, eventId)
        return areAllPlain ? { ...command, seats: 1, lines: null } : command
      })
      const read = await started.byRead(commands)
      for (const [i, command] of commands.entries()) {
        const outcome = await started.underLock(command)
        const refused = read[i]
        if (refused !== undefined) {
          // Not an assertion for each of thousands.
          if (!isDeepStrictEqual(outcome, refused))
            t.strictSame(refused, outcome, JSON.stringify(command))
          const word = wordFor(refused, waiting)
          const words = areAllPlain && hasPools ? [word, `${word}, all plain`] : [word]
          for (const each of words) seen.set(each, 1 + (seen.get(each) ?? 0))
        }
        // What was read holds as long as nothing changes.
        if (outcome.kind !== 'refused') break
      }
    }
  }
  t.strictSame(
    SEEN.filter((word) => !seen.has(word)),
    [],
    JSON.stringify(Object.fromEntries(seen)),
  )
})
