import type { Line } from '../../src/domain/model.ts'
import type { Outcome } from '../../src/domain/outcomes.ts'
import { linesOf } from '../../src/store/offer.ts'
import {
  bookingOf,
  entryOf,
  eventOf,
  kindOf,
  limitOf,
  outcomeOf,
  positionOf,
} from '../helpers/outcomes.ts'
import type { ModelOutcome } from './model/outcomes.ts'
import type { ModelLine } from './model/types.ts'
import type { Snapshot } from './snapshot.ts'

// What the system says, in the model's words.

/** Lines as the model has them. */
function linesSeen(seats: number, lines: readonly Line[] | null): readonly ModelLine[] {
  const all = lines ?? [{ ticketType: 'default', seats, pools: [] }]
  return all.map(({ ticketType: type, seats: ofLine, pools, labels, bestAvailable: best }) => ({
    ...{ type, seats: ofLine, pools: [...pools] },
    ...(labels !== undefined && { labels: [...labels] }),
    ...(best !== undefined && { best }),
  }))
}

export function summary(outcome: Outcome): ModelOutcome {
  if (outcome.kind === 'refused') {
    const { refusal, details, status } = outcome
    const limit = limitOf(outcome)
    return {
      refused: refusal,
      ...(limit !== undefined && { limit }),
      ...(details !== undefined && { details }),
      ...(status !== undefined && { status }),
    }
  }
  switch (kindOf(outcome)) {
    case 'booking': {
      const {
        userId: user,
        seats,
        lines,
        status,
        expiresAt,
        createdAt,
        metadata,
      } = bookingOf(outcome)
      const times = {
        expiresAt: expiresAt?.getTime() ?? null,
        createdAt: createdAt?.getTime() ?? 0,
      }
      const carried = { lines: linesSeen(seats, lines), metadata: metadata ?? {} }
      return { booking: { user, seats, status, ...times, ...carried } }
    }
    case 'waiting': {
      const { userId: user, seats, lines, metadata = {} } = entryOf(outcome)
      const position = positionOf(outcome)
      return { waiting: { user, seats, lines: linesSeen(seats, lines), metadata, position } }
    }
    case 'event':
      return { event: eventSeen(outcome) }
    case 'seating':
      return 'seating'
    default:
      return 'done'
  }
}

function eventSeen(outcome: Outcome) {
  const event = eventOf(outcomeOf(outcome))
  return {
    total: event.totalSeats,
    booked: event.bookedSeats,
    held: event.heldSeats,
    waiting: event.waitlistLength,
    blocked: event.blockedSeats,
    pools: Object.fromEntries(event.pools.map(({ key, available }) => [key, available])),
  }
}

/** What the tables have, but for ids. */
export function tablesSeen({ bookings, line, blocked, totalSeats, pools }: Snapshot) {
  return {
    bookings: bookings.map(({ user, seats, lines, status, expiresAt, createdAt, metadata }) => ({
      ...{ user, seats, status },
      lines: linesSeen(seats, linesOf(lines)),
      expiresAt: expiresAt?.getTime() ?? null,
      createdAt: createdAt?.getTime() ?? 0,
      metadata: metadata ?? {},
    })),
    line: line.map(({ user, seats, lines, metadata }) => ({
      ...{ user, seats, metadata: metadata ?? {} },
      lines: linesSeen(seats, linesOf(lines)),
    })),
    blocked,
    total: totalSeats,
    free: Object.fromEntries(
      pools.map((pool) => [String(pool.key), pool.capacity - pool.taken - pool.blocked]),
    ),
  }
}
