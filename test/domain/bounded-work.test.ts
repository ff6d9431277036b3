import { deepStrictEqual, ok } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { Command } from '../../src/domain/commands.ts'
import { decide, type Decision } from '../../src/domain/decide/decide.ts'
import type { EventState } from '../../src/domain/state.ts'
import { askedBy, requestIdOf, settle } from '../helpers/commands.ts'
import { seedFor } from '../helpers/random.ts'
import { inSeconds, NOW, wordOf } from '../helpers/state.ts'
import { gatheredEvents, orderlyEvents } from './gathered.ts'
import { loadPiece, loadWhole } from './load.ts'
import { rounds, type Round } from './script.ts'
import { contentOf, EVENT_ID, Tables } from './tables.ts'

// The promise: an event that is settled in pieces comes to the same as one that is settled whole,
// and no command is decided wrongly because of what is left.

const RUNS = 800

t.test('settled in pieces, an event comes to what it is when settled whole', async (t) => {
  let pieces = 0
  const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 })
  const property = fc.property(gatheredEvents, sizes, (event, bounds) => {
    const whole = new Tables(event)
    whole.write(decideOn(loadWhole(event, NOW), [settle(EVENT_ID)], NOW).facts)
    const inPieces = new Tables(event)
    pieces += settleInPieces(inPieces, bounds)
    checkNobodyIsLeft(inPieces, NOW)
    deepStrictEqual(contentOf(inPieces.event), contentOf(whole.event))
  })
  fc.assert(property, { numRuns: RUNS, seed: seedFor(t) })
  t.ok(pieces > 2 * RUNS, `most take several pieces: ${pieces} in all`)
})

/** How many pieces it took. */
function settleInPieces(tables: Tables, bounds: readonly number[]): number {
  const enough = 1 + tables.event.bookings.size + tables.event.line.size
  for (let pieces = 1; pieces <= enough; pieces += 1) {
    const maxSettled = bounds[pieces % bounds.length] ?? 1
    const piece = loadPiece(tables.event, [settle(EVENT_ID)], NOW, maxSettled)
    const { facts, unsettled } = decideOn(piece, [settle(EVENT_ID)], NOW)
    ok(facts.filter(({ type }) => type === 'expired').length <= 2 * maxSettled, 'bounded')
    ok(facts.filter(({ type }) => type !== 'expired').length <= maxSettled, 'bounded')
    tables.write(facts)
    if (unsettled.length === 0) return pieces
  }
  throw new Error(`not settled after ${enough} pieces`)
}

/**
 * Settles what nobody asks for: where no seat is left, those of the line who are booked all the
 * same stay in it until the next batch.
 */
function checkNobodyIsLeft(tables: Tables, now: Date): void {
  const { facts } = decideOn(loadWhole(tables.event, now), [settle(EVENT_ID)], now)
  ok(!facts.some(({ type }) => type !== 'left_waitlist'), 'nobody could have been served')
  tables.write(facts)
}

t.test('no command is decided wrongly because of what is left', async (t) => {
  const later = new Set<string>()
  // That somebody in line is booked already is seen only when their turn comes.
  const property = fc.property(orderlyEvents, rounds({ max: 12, maxSteps: 3 }), (event, all) => {
    for (const command of play(new Tables(event), all)) later.add(command.type)
  })
  fc.assert(property, { numRuns: RUNS, seed: seedFor(t) })
  // Only now and then: of a booking whose seats were taken again in the same batch.
  for (const type of ['cancel', 'cancel_of_user']) later.delete(type)
  const wanted = ['change_event', 'confirm', 'delete_event', 'reserve', 'resize']
  t.same([...later].sort(), wanted, 'put off')
})

/** Plays the rounds, then goes on until nothing is left; gives the commands that were put off. */
function play(tables: Tables, all: readonly Round[]): Command[] {
  const putOff: Command[] = []
  let pending: Command[] = []
  let asked = 0
  let seconds = 0
  const runBatch = (commands: readonly Command[], maxSettled: number): boolean => {
    const batch = commands.length > 0 ? commands : [settle(EVENT_ID)]
    const now = inSeconds(seconds)
    for (const each of batch) checkAgainstWhole(tables.event, each, now, maxSettled)
    const { verdicts, facts, unsettled } = decideBatch(tables.event, batch, now, maxSettled)
    tables.write(facts)
    pending = batch.filter((_, i) => wordOf(verdicts[i] ?? fail()) === 'later')
    putOff.push(...pending)
    for (const each of pending) {
      ok(!facts.some(({ requestId }) => requestId === requestIdOf(each)), 'nothing came of it')
    }
    return pending.length === 0 && unsettled.length === 0
  }
  for (const { afterSeconds, steps, maxSettled } of all) {
    seconds += afterSeconds
    const commands = steps.map((step) => askedBy(`${(asked += 1)}`, step(tables.ids)))
    runBatch([...pending, ...commands], maxSettled)
  }
  const enough = 2 + tables.event.bookings.size + 2 * tables.event.line.size
  for (let batches = 0; !runBatch(pending, 1); batches += 1) {
    ok(batches < enough, `not at an end after ${enough} batches`)
  }
  checkNobodyIsLeft(tables, inSeconds(seconds))
  return putOff
}

function decideBatch(
  event: EventState,
  commands: readonly Command[],
  now: Date,
  maxSettled: number,
): Decision {
  return decideOn(loadPiece(event, commands, now, maxSettled), commands, now)
}

/**
 * What is said of a command, had it come alone, where a piece is settled, and where all is: the
 * same, or it is put off, or it comes before what is left in a way that takes nothing from anybody.
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  // Who waits is served by a later batch: with a booking, which the whole has made already.
  waiting: ['booking'],
  already_waiting: ['already_booked'],
  sales_not_open: ['already_booked'],
  sales_closed: ['already_booked'],
  sold_out: ['already_booked'],
  'cancel_of_user: booking_not_found': ['done'],
  // Who leaves is not served.
  done: ['waitlist_entry_not_found'],
}

function checkAgainstWhole(
  event: EventState,
  command: Command,
  now: Date,
  maxSettled: number,
): void {
  const [inPiece = fail()] = decideBatch(event, [command], now, maxSettled).verdicts
  const [inWhole = fail()] = decideOn(loadWhole(event, now), [command], now).verdicts
  const [word, expected] = [wordOf(inPiece), wordOf(inWhole)]
  ok(expected !== 'later', 'nothing is left when all is settled')
  const allowed = ALLOWED[word] ?? ALLOWED[`${command.type}: ${word}`] ?? []
  if (word === 'later' || allowed.includes(expected)) return
  // Who gives a place in line up for seats of before is not served either.
  if (`${word} ${expected}` === 'booking already_booked' && isWaitingFor(event, command)) return
  deepStrictEqual(word, expected, `${command.type}: as when all is settled`)
}

/** Whether somebody waits whose seats of before are to be taken again. */
function isWaitingFor({ expiredBookings, waitingUsers }: EventState, command: Command): boolean {
  if (command.type !== 'confirm') return false
  return waitingUsers.has(expiredBookings.get(command.bookingId)?.userId ?? '')
}

function decideOn(event: EventState, commands: readonly Command[], now: Date): Decision {
  const events = new Map(event.isDeleted ? [] : [[EVENT_ID, event]])
  return decide({ events, now }, commands)
}

function fail(): never {
  throw new RangeError('each command has a verdict')
}
