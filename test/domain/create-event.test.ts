import t from 'tap'
import { DEFAULT_TENANT } from '../../src/domain/access.ts'
import { decide } from '../../src/domain/decide/decide.ts'
import { asksForView, eventIdOf } from '../../src/domain/commands.ts'
import { DEFAULT_SETTINGS } from '../../src/domain/policy.ts'
import {
  askedBy,
  changeEvent,
  createEventCommand,
  deleteEvent,
  plainReserve,
} from '../helpers/commands.ts'
import { inSeconds, NOW, wordOf } from '../helpers/state.ts'

// An event is made by the same pipeline as all else.

const nothing = () => ({ events: new Map(), now: NOW })

t.test('an event has the defaults where nothing else is set, and is empty', async (t) => {
  const { verdicts, unsettled } = decide(nothing(), [
    createEventCommand({ name: 'Concert', totalSeats: 10 }),
  ])
  const event = {
    ...{ id: -1, name: 'Concert', totalSeats: 10 },
    ...{ startsAt: null, salesStartAt: null, salesEndAt: null },
    ...{ maxSeatsPerBooking: 1, holdSeconds: 600, waitlistPromotesTo: 'confirmed', metadata: {} },
    ...{ status: 'on_sale', timeZone: null, cancelUntil: null, waitlistClosesAt: null },
    ...{ pools: [], ticketTypes: [] },
    ...{ bookedSeats: 0, heldSeats: 0, blockedSeats: 0, waitlistLength: 0 },
  }
  t.same(verdicts, [{ kind: 'event', event }])
  t.same(unsettled, [])
})

t.test('the fact has all of the settings', async (t) => {
  const given = { ...DEFAULT_SETTINGS, name: 'Ball', totalSeats: 3, metadata: { dress: 'black' } }
  const { facts } = decide(nothing(), [askedBy('r1', createEventCommand(given))])
  const origin = { tenantId: DEFAULT_TENANT, actor: null, requestId: 'r1' }
  const stamp = { eventId: -1, sequence: 1, at: NOW, ...origin }
  t.same(facts, [
    { type: 'event_created', settings: given, seatsBefore: 0, seatsAfter: 3, ...stamp },
  ])
})

t.test('several events have histories of their own', async (t) => {
  const { facts } = decide(nothing(), [createEventCommand(), createEventCommand()])
  t.same(
    facts.map(({ eventId, sequence }) => [eventId, sequence]),
    [
      [-1, 1],
      [-2, 1],
    ],
  )
})

t.test('sales that can never be open are refused', async (t) => {
  const windows = [
    { salesStartAt: NOW, salesEndAt: NOW },
    { salesStartAt: inSeconds(1), salesEndAt: NOW },
    { salesStartAt: NOW, salesEndAt: inSeconds(0.001) },
    { salesStartAt: NOW },
    { salesEndAt: NOW },
  ]
  const { verdicts, facts } = decide(nothing(), windows.map(createEventCommand))
  t.same(verdicts.map(wordOf), [
    ...['sales_window_invalid', 'sales_window_invalid'],
    ...['event', 'event', 'event'],
  ])
  t.equal(facts.length, 3)
  t.equal(facts[0]?.eventId, -1, 'a refusal uses up no id')
})

t.test('making an event needs no lock, all else that of its event', async (t) => {
  t.equal(eventIdOf(createEventCommand()), null)
  t.equal(eventIdOf(plainReserve(7, 'ann')), 7)
})

t.test('the event as a whole is asked for by changes and by conditions', async (t) => {
  t.ok(asksForView(changeEvent(1, {})))
  t.ok(asksForView(deleteEvent(1, { isExpected: false })))
  t.notOk(asksForView(deleteEvent(1)))
  t.notOk(asksForView(plainReserve(1, 'ann')))
})
