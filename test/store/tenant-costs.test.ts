import t, { type Test } from 'tap'
import type { Command } from '../../src/domain/commands.ts'
import type { LockMode } from '../../src/engine/group-commit.ts'
import { commandsOf, lockBatch } from '../../src/engine/lock.ts'
import type { PrismaClient } from '../../src/generated/prisma/client.ts'
import { loadState } from '../../src/store/load-state.ts'
import { provableRefusals } from '../../src/store/refusals.ts'
import { SeatsAtHand } from '../../src/store/seats-at-hand.ts'
import {
  asCaller,
  cancel,
  changeEvent,
  confirm,
  deleteEvent,
  extend,
  leaveWaitlist,
  plainReserve,
  resize,
} from '../helpers/commands.ts'
import { watchCosts, type Cost } from '../helpers/plans.ts'
import { READS } from '../helpers/tenant-reads.ts'
import {
  createFilled,
  EVENT,
  MANY,
  MISSING,
  ofEvent,
  OWNER,
  STRANGER,
} from '../helpers/tenant-rows.ts'

// The promise: what is another tenant's is read as little of as what does not exist, by the same
// statements, however much belongs to it. So there is nothing to tell the two apart by.

/** Of the event's holds and users in line, how many a batch looks at. */
const SETTLED = 10
/** A row by which PostgreSQL sees whose a thing is: that of the thing, and that of its event. */
const MORE_ROWS = 2

/** What somebody can ask for of an event, or of what does not exist. */
const COMMANDS: Readonly<Record<string, (id: number) => Command>> = {
  reserve: (id) => plainReserve(id, 'user 5'),
  'reserve, or join the line': (id) => plainReserve(id, 'user 5', { waitlist: true }),
  confirm: (id) => confirm(id, ofEvent(id)),
  extend: (id) => extend(id, ofEvent(id)),
  cancel: (id) => cancel(id, ofEvent(id)),
  resize: (id) => resize(id, ofEvent(id), 2),
  'leave the line': (id) => leaveWaitlist(id, ofEvent(id)),
  change: (id) => changeEvent(id, { totalSeats: 5 }),
  'delete on a condition': (id) => deleteEvent(id, { isExpected: false }),
}

/** All that a batch reads before it decides. */
async function readBatch(sql: PrismaClient, mode: LockMode, commands: readonly Command[]) {
  const given = commands.map((command) => ({ command, idempotency: null }))
  const { loaded, free } = await lockBatch(sql, given, mode, 60_000, () => [])
  await loadState(sql, loaded, commandsOf(free), SETTLED, new SeatsAtHand())
}

const textsOf = (costs: readonly Cost[]): string[] => costs.map(({ text }) => text)
const rowsOf = (costs: readonly Cost[]): number => costs.reduce((sum, { rows }) => sum + rows, 0)

/** Fails where more is read of another's than whose it is. */
function same(
  t: Test,
  name: string,
  others: readonly Cost[],
  missing: readonly Cost[],
  moreRows = MORE_ROWS,
): void {
  t.same(textsOf(others), textsOf(missing), `${name}: ${missing.length} statements`)
  const [rowsOfOthers, rowsOfMissing] = [rowsOf(others), rowsOf(missing)]
  const difference = rowsOfOthers - rowsOfMissing
  t.ok(difference <= moreRows, `${name}: ${rowsOfOthers} rows, and ${rowsOfMissing}`)
}

t.test("what is another's costs what does not exist", async (t) => {
  const { url } = await createFilled(t)
  const costsOf = watchCosts(t, url)
  let mostOfOwn = 0
  for (const [name, read] of Object.entries(READS)) {
    const [own, others, missing] = [
      await costsOf((sql) => read(sql, OWNER, EVENT)),
      await costsOf((sql) => read(sql, STRANGER, EVENT)),
      await costsOf((sql) => read(sql, STRANGER, MISSING)),
    ]
    same(t, name, others, missing)
    t.ok(rowsOf(own) > 0, `${name}: ${rowsOf(own)} rows for the owner`)
    mostOfOwn = Math.max(mostOfOwn, rowsOf(own))
  }
  // The control: who may see all of it reads much more.
  t.ok(mostOfOwn >= MANY / 2, `${mostOfOwn} rows`)
})

t.test(
  "a batch reads no more for a command on another's than on what does not exist",
  async (t) => {
    const { url } = await createFilled(t)
    const costsOf = watchCosts(t, url)
    for (const mode of ['skip', 'wait'] as const) {
      for (const [name, make] of Object.entries(COMMANDS)) {
        const costs = (tenantId: string, id: number, ...more: Command[]): Promise<Cost[]> =>
          costsOf((sql) => readBatch(sql, mode, [...more, asCaller({ tenantId }, make(id))]))
        const own = await costs(OWNER, EVENT)
        t.ok(rowsOf(own) > SETTLED, `${name}: ${rowsOf(own)} rows for the owner`)
        const alone = [await costs(STRANGER, EVENT), await costs(STRANGER, MISSING)] as const
        same(t, `${name}, ${mode}`, ...alone, 0)

        // Where the owner asks for it too, in the same batch, it is locked all the same.
        const owners = asCaller({ tenantId: OWNER }, plainReserve(EVENT, 'user 7'))
        const beside = [
          await costs(STRANGER, EVENT, owners),
          await costs(STRANGER, MISSING, owners),
        ] as const
        same(t, `${name}, ${mode}, beside the owner`, ...beside, 1)
      }
    }
  },
)

t.test("a plain read for a refusal reads no more of another's either", async (t) => {
  const { url } = await createFilled(t)
  const costsOf = watchCosts(t, url)
  for (const lines of [null, [{ ticketType: 'default', seats: 1 }]]) {
    const costs = (tenantId: string, id: number): Promise<Cost[]> => {
      const command = asCaller({ tenantId }, plainReserve(id, 'user 5', { lines }))
      const own = asCaller({ tenantId: OWNER }, plainReserve(MISSING, 'user 7', { lines }))
      return costsOf((sql) => provableRefusals(sql, [own, command]))
    }
    const own = rowsOf(await costs(OWNER, EVENT))
    const others = await costs(STRANGER, EVENT)
    same(t, 'refusal', others, await costs(STRANGER, MISSING), 1)
    t.ok(own > rowsOf(others), `${own} rows for the owner`)
  }
})
