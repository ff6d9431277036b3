import { deepStrictEqual, ok } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { Command } from '../../src/domain/commands.ts'
import { decide, type Decision } from '../../src/domain/decide/decide.ts'
import type { Fact } from '../../src/domain/facts.ts'
import type { EventState } from '../../src/domain/state.ts'
import { askedBy, cancel, changeEvent, confirm, deleteEvent, settle } from '../helpers/commands.ts'
import { seedFor } from '../helpers/random.ts'
import { decideOn, inSeconds, NOW, stateOf } from '../helpers/state.ts'
import { gatheredEvents } from './gathered.ts'
import { loadPiece } from './load.ts'
import { EVENT_ID, Tables } from './tables.ts'

// What an event has that is cancelled ends in pieces, behind what is asked for meanwhile.

const settings = { status: 'cancelled' } as const

t.test('a batch ends what is loaded for it: each booking by the name of its end', async (t) => {
  const bookings = [
    { userId: 'ann' },
    { userId: 'bob', expiresAt: inSeconds(1) },
    { userId: 'cid', expiresAt: NOW },
    { userId: 'dee' },
  ]
  const given = {
    settings,
    bookings,
    ending: [1, 2, 3],
    line: [['eve'], ['fay', 2]],
    notLoaded: 1,
  } as const
  const { told, facts, isUnsettled } = decideOn(given, [askedBy('request', settle(1))])
  t.same(told, [
    ...['expired cid 0', 'cancelled ann 0', 'released bob 0'],
    ...['left_waitlist eve 0', 'left_waitlist fay 0'],
  ])
  t.same(new Set(facts.map(({ requestId }) => requestId)), new Set([null]), 'by itself')
  t.equal(isUnsettled, true, 'dee, and somebody in line, are left')
})

t.test('it ends nothing of another event, nor of one that is only now cancelled', async (t) => {
  const given = { bookings: [{ userId: 'ann' }], line: [['bob', 4]] } as const
  t.same(decideOn(given, [settle(1)]).told, [])
  const { told, isUnsettled } = decideOn(given, [changeEvent(1, { status: 'cancelled' })])
  t.same([told, isUnsettled], [['settings_changed status'], true])
  t.equal(decideOn({}, [changeEvent(1, { status: 'cancelled' })]).isUnsettled, false, 'if empty')
})

t.test('what is asked for in the same batch comes before it', async (t) => {
  const bookings = [{ userId: 'ann' }, { userId: 'bob', expiresAt: inSeconds(1) }]
  const given = { settings, bookings, ending: [1, 2] }
  const { words, told, facts } = decideOn(given, [askedBy('mine', cancel(1, 1)), confirm(1, 2)])
  t.same(words, ['done', 'event_cancelled'])
  t.same(told, ['cancelled ann 0', 'released bob 0'])
  t.same(
    facts.map(({ requestId }) => requestId),
    ['mine', null],
  )
  const deleted = decideOn(given, [deleteEvent(1, { force: true })])
  t.same([deleted.told, deleted.isUnsettled], [['event_deleted 0'], false])
})

t.test('a counter that is wrong asks for no batch after batch', async (t) => {
  const state = stateOf({ settings, bookings: [{ userId: 'ann' }], ending: [] })
  t.same(decide(state, []).unsettled, [])
})

t.test('all of it ends, whatever has gathered, in pieces of a bounded size', async (t) => {
  let pieces = 0
  const property = fc.property(
    gatheredEvents,
    fc.integer({ min: 1, max: 5 }),
    (event, maxSettled) => {
      const tables = new Tables({ ...event, settings: { ...event.settings, status: 'cancelled' } })
      const enough = 2 + event.bookings.size + event.line.size
      for (let isLeft = true, n = 0; isLeft; n += 1) {
        ok(n < enough, `not at an end after ${enough} pieces`)
        const { facts, unsettled } = decideAlone(tables.event, [settle(EVENT_ID)], maxSettled)
        checkSize(facts, maxSettled)
        tables.write(facts)
        isLeft = unsettled.length > 0
        pieces += 1
      }
      deepStrictEqual([tables.event.takenSeats, tables.event.waitlistLength], [0, 0])
      deepStrictEqual([tables.event.bookings.size, tables.event.line.size], [0, 0])
    },
  )
  fc.assert(property, { numRuns: 500, seed: seedFor(t) })
  t.ok(pieces > 1000, `most take several pieces: ${pieces} in all`)
})

/** Holds of those in front of the line, which are loaded to serve it, end beside the others. */
function checkSize(facts: readonly Fact[], maxSettled: number): void {
  const count = (...types: readonly string[]) =>
    facts.filter(({ type }) => types.includes(type)).length
  ok(count('cancelled', 'released', 'expired') <= 2 * maxSettled + 1, 'bounded')
  ok(count('cancelled', 'released') <= maxSettled, 'bounded')
  ok(count('left_waitlist') <= maxSettled, 'bounded')
}

function decideAlone(
  event: EventState,
  commands: readonly Command[],
  maxSettled: number,
): Decision {
  const piece = loadPiece(event, commands, NOW, maxSettled)
  return decide({ events: new Map([[EVENT_ID, piece]]), now: NOW }, commands)
}
