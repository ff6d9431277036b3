import { isDeepStrictEqual } from 'node:util'
import type pg from 'pg'
import t, { type Test } from 'tap'
import type { Executed } from '../../src/engine/submission.ts'
import type { Command } from '../../src/domain/commands.ts'
import type { FactRow } from '../../src/store/fact-rows.ts'
import { askedBy, cancel, confirm, plainReserve, requestIdOf } from '../helpers/commands.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { bookingOf, hasSucceeded, isReplayed, kindOf, saidBy } from '../helpers/outcomes.ts'
import { createEvent } from '../helpers/race.ts'
import { randomOf, seedFor, type Random } from '../helpers/random.ts'
import { check } from './replay.ts'
import { readSnapshot } from './tables.ts'
import { startVictim } from './victim.ts'

// An engine in a process of its own is killed with SIGKILL under load, over and over. Its clients
// send again what was not answered, under the same key. In the end each request that succeeded
// must have taken effect exactly once, and each answer that anybody got must be true.

const ROUNDS = 10
const REQUESTS = 50
const CAPACITY = 200

interface Load {
  readonly answers: Map<string, Executed[]>
  readonly sent: Map<string, Command>
  /** Those whose first answer is still to come, in the order in which they were sent. */
  readonly open: Map<string, Command>
}

function newCommand(load: Load, random: Random, eventId: number): Command {
  const requestId = `request ${load.sent.size}`
  const choice = random.below(10)
  const bookingId = bookingToChange(load, random)
  if (choice < 7 || bookingId === undefined) {
    const options = { seats: 1 + random.below(2), hold: random.below(3) === 0, waitlist: true }
    return askedBy(requestId, plainReserve(eventId, `user of ${requestId}`, options))
  }
  return askedBy(requestId, (choice === 7 ? confirm : cancel)(eventId, bookingId))
}

function bookingToChange({ answers }: Load, random: Random): number | undefined {
  const ids = [...answers.values()].flatMap(([answer]) =>
    answer !== undefined && kindOf(answer) === 'booking' ? bookingOf(answer).id : [],
  )
  return ids[random.below(ids.length)]
}

/** Settles as soon as a request is committed that was never answered; or when the process is gone. */
async function unansweredCommit(
  pool: pg.Pool,
  { answers }: Load,
  gone: Promise<void>,
): Promise<void> {
  const isGone = gone.then(() => 'gone' as const)
  for (;;) {
    const keys = await Promise.race([isGone, committedKeys(pool)])
    if (keys === 'gone' || keys.some((key) => !answers.has(key))) return
  }
}

async function committedKeys(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ key: string }>('SELECT key FROM idempotency_keys')
  return rows.map(({ key }) => key)
}

/** What each request did itself; what it led to, such as promotions, is not counted. */
function effectsOf(changes: readonly FactRow[]): Map<string, number> {
  const own = ['booked', 'held', 'waitlisted', 'confirmed', 'cancelled', 'released']
  const effects = new Map<string, number>()
  for (const { type, request_id: key = '' } of changes) {
    if (own.includes(type)) effects.set(key, (effects.get(key) ?? 0) + 1)
  }
  return effects
}

async function setUp(t: Test) {
  const { url, pool } = await createTestDatabase(t)
  const eventId = await createEvent(pool, CAPACITY, { maxSeatsPerBooking: 2 })
  const load: Load = { answers: new Map(), sent: new Map(), open: new Map() }
  return { url, pool, eventId, load }
}

t.test('killed at random, over and over', async (t) => {
  const { url, pool, eventId, load } = await setUp(t)
  const random = randomOf(seedFor(t))
  const died = new Set<string>()
  for (let round = 0; round <= ROUNDS; round += 1) {
    const isLast = round === ROUNDS
    let heard = 0
    const killAfter = isLast ? Infinity : 1 + random.below(REQUESTS / 2)
    const victim = await startVictim(t, url, (key, answer) => {
      load.answers.set(key, [...(load.answers.get(key) ?? []), answer])
      load.open.delete(key)
      heard += 1
      if (heard >= killAfter || (isLast && load.open.size === 0)) victim.kill()
    })
    const again = [...load.open.values()]
    for (const command of again) victim.send(command)
    for (let i = 0; i < REQUESTS && !isLast; i += 1) {
      const command = newCommand(load, random, eventId)
      load.sent.set(requestIdOf(command), command)
      load.open.set(requestIdOf(command), command)
      victim.send(command)
    }
    // An answer of an earlier round is asked for once more as well.
    const [answered] = [...load.answers.keys()].slice(random.below(load.answers.size))
    const asked = load.sent.get(answered ?? '')
    if (asked !== undefined) victim.send(asked)
    if (round % 2 === 0 && !isLast) {
      await unansweredCommit(pool, load, victim.gone)
      victim.kill()
    }
    await victim.gone
    for (const key of await committedKeys(pool)) if (!load.answers.has(key)) died.add(key)
  }

  t.equal(load.open.size, 0, 'all were answered in the end')
  t.equal(load.answers.size, ROUNDS * REQUESTS)
  t.ok(died.size > 0, `${died.size} died between commit and answer`)
  const snapshot = await readSnapshot(pool, eventId, CAPACITY)
  check(snapshot)
  const effects = effectsOf(snapshot.history.flatMap(({ changes }) => changes))
  const wrong = [...load.sent].filter(([key, { type }]) => {
    const count = effects.get(key) ?? 0
    if (!succeeded(load, key)) return count !== 0
    // To confirm what is confirmed succeeds and changes nothing.
    return type === 'confirm' ? count > 1 : count !== 1
  })
  t.same(wrong, [], 'what succeeded took effect once, what was refused did not')
  for (const [key, [first, ...others]] of load.answers) {
    const saidFirst = first && saidBy(first)
    const isOther = others.filter((other) => !isDeepStrictEqual(saidBy(other), saidFirst))
    if (isOther.length > 0) t.fail(`${key} was told otherwise`, { first, isOther })
  }
  const replays = [...load.answers.values()].flat().filter(isReplayed)
  t.ok(replays.length >= died.size, `${replays.length} answers were repeated`)
})

function succeeded({ answers }: Load, key: string): boolean {
  const [first] = answers.get(key) ?? []
  return first !== undefined && hasSucceeded(first)
}
