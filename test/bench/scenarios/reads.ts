import type { CandidateName } from '../candidates/names.ts'
import {
  CROWD,
  MANY_EVENTS,
  ONE_EVENT,
  runOf,
  throughput,
  type Arrangement,
  type Run,
  type Scenario,
} from './model.ts'

const GATHERED = { events: 1, others: 1000, held: 100_000, waiting: 100_000, soldOut: true }
/** One request in so many of a crowd is a booking: 5 %. */
const BOOK_EVERY = 20

/** Events that are read, and read while they are booked. */
export const READS: readonly Scenario[] = [
  {
    ...throughput('read-hot', `Reads of one hot event, ${CROWD} clients`, true),
    runs: readsOf(['bare', 'service', 'empty'], ONE_EVENT),
  },
  {
    ...throughput(
      'read-gathered',
      'Reads of an event with 100,000 holds and as many in line',
      true,
    ),
    runs: readsOf(['bare', 'service'], GATHERED),
  },
  {
    ...throughput('read-many', `Reads of 1,000 events at random, ${CROWD} clients`, true),
    runs: readsOf(['bare', 'service', 'empty'], MANY_EVENTS),
  },
  {
    ...throughput('mixed', `One hot event, ${CROWD} clients, 95 % reads and 5 % bookings`, true),
    runs: [
      mixedOf('bare'),
      mixedOf('service'),
      {
        ...mixedOf('service'),
        id: 'service-alone',
        label: `bookings alone, ${Math.round(CROWD / BOOK_EVERY)} clients`,
        clients: Math.round(CROWD / BOOK_EVERY),
        bookEvery: 1,
        expectedStatuses: [201],
      },
    ],
  },
]

function readsOf(candidates: readonly CandidateName[], arrangement: Arrangement): Run[] {
  return candidates.map((candidate) => ({
    ...runOf(candidate, arrangement),
    ask: 'read',
    expectedStatuses: [200],
  }))
}

/**
 * By request, not by client: every client sends both kinds, so that the mix stays what it is called
 * however long bookings take. With clients of either kind, slow bookings would become fewer, and the
 * total all the better.
 */
function mixedOf(candidate: CandidateName): Run {
  const asked = { ask: 'mixed', bookEvery: BOOK_EVERY, expectedStatuses: [200, 201] } as const
  return { ...runOf(candidate, ONE_EVENT), ...asked }
}
