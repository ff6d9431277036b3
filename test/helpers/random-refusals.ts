import type { Command } from '../../src/domain/commands.ts'
import type { AskedLine, ReserveCommand } from '../../src/domain/commands/bookings.ts'
import type { EventSettings } from '../../src/domain/model.ts'
import { Seating } from '../../src/domain/seating/seating.ts'
import { asCaller, cancelOfUser, changeEvent, plainReserve } from './commands.ts'
import type { Random } from './random.ts'

// Events that sell little, and what may be asked of them: most of it is refused.

const POOLS = ['a', 'b']
const TYPES = ['x', 'y', 'z']
const PAST = new Date('2000-01-01T00:00:00Z')
const FUTURE = new Date('2999-01-01T00:00:00Z')

/** Two seats of the pool a, and two that are of none. */
export const SMALL_HALL = new Seating({
  sections: [
    { key: 'A', pool: 'a', rows: [{ key: '1', seats: { from: 1, to: 2 } }] },
    { key: 'B', pool: null, rows: [{ key: '1', seats: { from: 1, to: 2 } }] },
  ],
})

/** One in so many. */
const isOne = ({ below }: Random, of: number): boolean => below(of) === 0
const oneOf = <T>({ below }: Random, ...[first, ...others]: readonly [T, ...T[]]): T =>
  [first, ...others][below(others.length + 1)] ?? first

function windowOf(random: Random) {
  return {
    salesStartAt: isOne(random, 6) ? oneOf(random, PAST, FUTURE) : null,
    salesEndAt: isOne(random, 12) ? oneOf(random, new Date(PAST.getTime() + 1), FUTURE) : null,
  }
}

/** @param withHall - whether it has to have the pool of `SMALL_HALL` */
export function randomSettings(random: Random, withHall: boolean): Partial<EventSettings> {
  const { below } = random
  const pools = POOLS.filter((key) => (withHall && key === 'a') || below(3) > 0)
  const types = TYPES.slice(0, oneOf(random, 0, 1, 2, 2, 3))
  const isWhole = ({ salesStartAt, salesEndAt }: ReturnType<typeof windowOf>) =>
    salesStartAt === null || salesEndAt === null || salesStartAt < salesEndAt
  const window = () => {
    const made = windowOf(random)
    return isWhole(made) ? made : { salesStartAt: null, salesEndAt: null }
  }
  return {
    totalSeats: withHall ? 4 : 1 + below(6),
    maxSeatsPerBooking: 2 + below(3),
    status: isOne(random, 12) ? oneOf(random, 'draft', 'paused') : 'on_sale',
    pools: pools.map((key) => ({ key, capacity: withHall ? 2 : 1 + below(4) })),
    ticketTypes: types.map((key) => ({
      ...{ key, name: key, pools: pools.filter(() => isOne(random, 2)) },
      ...{ maxPerBooking: isOne(random, 4) ? 1 : null, ...window() },
    })),
    ...(isOne(random, 10) && window()),
  }
}

function randomLine(random: Random): AskedLine {
  const { below } = random
  const line = { ticketType: oneOf(random, 'x', 'x', 'x', 'y', 'default'), seats: 1 + below(2) }
  switch (below(8)) {
    case 0:
      return { ...line, seats: 1, labels: [oneOf(random, 'A-1-1', 'A-1-2', 'B-1-1', 'C-1-1')] }
    case 1: {
      const section = oneOf(random, null, 'A', 'B', 'C')
      return { ...line, bestAvailable: { section, split: isOne(random, 2) } }
    }
    default:
      return line
  }
}

/** A reservation that joins no line. */
export function randomReserve(random: Random, eventId: number): ReserveCommand {
  const { below } = random
  const user = `user ${below(9)}`
  const lines = isOne(random, 4)
    ? null
    : Array.from({ length: isOne(random, 3) ? 2 : 1 }, () => randomLine(random))
  const seats = lines?.reduce((sum, line) => sum + line.seats, 0) ?? 1 + below(2)
  const command = plainReserve(eventId, user, { seats, lines, hold: isOne(random, 4) })
  if (isOne(random, 30)) return asCaller({ tenantId: 'other' }, command)
  return isOne(random, 30) ? asCaller({ userId: 'another' }, command) : command
}

/** Something else that changes the event, or its line. */
export function randomChange(random: Random, eventId: number): Command {
  const { below } = random
  switch (below(8)) {
    case 0:
      return cancelOfUser(eventId, `user ${below(9)}`)
    case 1:
      return changeEvent(eventId, { totalSeats: 1 + below(7) })
    default:
      return { ...randomReserve(random, eventId), waitlist: true }
  }
}
