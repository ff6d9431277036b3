import t from 'tap'
import type { Command } from '../../src/domain/commands.ts'
import { decide } from '../../src/domain/decide/decide.ts'
import { evolve } from '../../src/domain/evolve.ts'
import type { Fact } from '../../src/domain/facts.ts'
import { Seating } from '../../src/domain/seating/seating.ts'
import type { EventState } from '../../src/domain/state.ts'
import { factOf, rowOfFact } from '../../src/store/fact-rows.ts'
import { cancel, createEventCommand, NOBODY, plainReserve } from '../helpers/commands.ts'
import { NOW } from '../helpers/state.ts'

const EVENT_ID = 1
const OF_EVENT = { eventId: EVENT_ID, origin: NOBODY }
const seating = new Seating({
  sections: [{ key: 'A', pool: 'stalls', rows: [{ key: '1', seats: { from: 1, to: 4 } }] }],
})

/** As they come back from the history, of the event under its id. */
function stored(facts: readonly Fact[]): Fact[] {
  return facts.map((fact) => {
    const { tenantId, sequence, at } = fact
    const named = 'bookingId' in fact ? { ...fact, bookingId: Math.abs(fact.bookingId) } : fact
    const row: unknown = JSON.parse(JSON.stringify(rowOfFact(named)))
    return factOf(row as ReturnType<typeof rowOfFact>, {
      eventId: EVENT_ID,
      tenantId,
      sequence,
      at,
    })
  })
}

function replay(facts: readonly Fact[]): EventState | undefined {
  return facts.reduce<EventState | undefined>(evolve, undefined)
}

t.test(
  'a history of seats replays to pools, to what is blocked, and to whose seats are whose',
  (t) => {
    const settings = {
      name: 'Hall',
      totalSeats: 4,
      maxSeatsPerBooking: 4,
      pools: [{ key: 'stalls', capacity: 4 }],
      ticketTypes: [],
    }
    const types = ['stalls', 'box'].map((key) => ({
      ...{ key, name: key, pools: key === 'stalls' ? ['stalls'] : [] },
      ...{ maxPerBooking: null, salesStartAt: null, salesEndAt: null },
    }))
    const made = decide({ events: new Map(), now: NOW }, [
      createEventCommand({ ...settings, ticketTypes: types }),
    ])
    const event = replay(stored(made.facts))
    if (event === undefined) throw new TypeError('the event was not made')
    const block = (type: 'block_seats' | 'unblock_seats', labels: string[]): Command => ({
      ...{ type, labels },
      ...OF_EVENT,
    })
    const lines = [{ ticketType: 'stalls', seats: 2, labels: ['A-1-1', 'A-1-2'] }]
    const { verdicts, facts } = decide({ events: new Map([[EVENT_ID, event]]), now: NOW }, [
      { type: 'set_seating', seating, digest: 'a', ...OF_EVENT },
      block('block_seats', ['A-1-1', 'A-1-4']),
      block('unblock_seats', ['A-1-1']),
      { ...plainReserve(EVENT_ID, 'ann', { seats: 2, lines }) },
      plainReserve(EVENT_ID, 'bob', {
        lines: [{ ticketType: 'stalls', seats: 1, labels: ['A-1-4'] }],
      }),
    ])
    t.match(verdicts, [
      ...[{ kind: 'seating' }, { kind: 'done' }, { kind: 'done' }, { kind: 'booking' }],
      { kind: 'refused', refusal: 'seats_taken', details: { labelsTaken: ['A-1-4'] } },
    ])
    const left = replay([...stored(made.facts), ...stored(facts)])
    t.equal(left?.seatingDigest, 'a')
    t.same(left?.blocked, new Map([['A-1-4', 'stalls']]))
    t.equal(left?.blockedSeats, 1)
    t.same(left?.poolsBlocked, new Map([['stalls', 1]]))
    t.same(left?.poolsTaken, new Map([['stalls', 2]]))
    t.match([...(left?.bookings.values() ?? [])], [{ userId: 'ann', lines }])
    const emptied = decide({ events: new Map([[EVENT_ID, event]]), now: NOW }, [
      ...[block('unblock_seats', ['A-1-4']), cancel(EVENT_ID, -1)],
      { type: 'remove_seating', ...OF_EVENT },
    ])
    t.match(emptied.verdicts, [{ kind: 'done' }, { kind: 'done' }, { kind: 'done' }])
    t.same([event.seatingDigest, event.occupancy], [null, null])
    const history = [...made.facts, ...facts, ...emptied.facts]
    t.equal(replay(stored(history))?.seatingDigest, null)
    t.end()
  },
)

t.test('what is given back is free for the next command of the batch', (t) => {
  const made = decide({ events: new Map(), now: NOW }, [
    createEventCommand({ name: 'Hall', totalSeats: 4 }),
  ])
  const event = replay(stored(made.facts))
  if (event === undefined) throw new TypeError('the event was not made')
  const open: Seating = new Seating({
    sections: [{ key: 'A', pool: null, rows: [{ key: '1', seats: { from: 1, to: 4 } }] }],
  })
  const lines = [{ ticketType: 'default', seats: 1, labels: ['A-1-1'] }]
  const first = decide({ events: new Map([[EVENT_ID, event]]), now: NOW }, [
    { type: 'set_seating', seating: open, digest: 'b', ...OF_EVENT },
    plainReserve(EVENT_ID, 'ann', { lines }),
  ])
  t.match(first.verdicts, [{ kind: 'seating' }, { kind: 'booking' }])
  const { verdicts } = decide({ events: new Map([[EVENT_ID, event]]), now: NOW }, [
    plainReserve(EVENT_ID, 'bob', { lines }),
    cancel(EVENT_ID, -1),
    plainReserve(EVENT_ID, 'bob', { lines }),
  ])
  t.match(verdicts, [{ refusal: 'seats_taken' }, { kind: 'done' }, { kind: 'booking' }])
  t.end()
})
