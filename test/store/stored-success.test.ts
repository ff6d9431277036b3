import t from 'tap'
import type { EventView } from '../../src/domain/model.ts'
import type { Success } from '../../src/domain/outcomes.ts'
import { DEFAULT_SETTINGS } from '../../src/domain/policy.ts'
import { storedFormOf, successOf } from '../../src/store/stored-success.ts'

const createdAt = new Date('2026-01-15T10:30:00.123Z')
const claim = { id: 7, eventId: 1, userId: 'ann "x" \u2028', seats: 2, lines: null, createdAt }
const booking = { ...claim, status: 'confirmed' as const, expiresAt: null }
const held = { ...claim, status: 'held' as const, expiresAt: new Date('2026-01-15T10:40:00Z') }
const settings = { ...DEFAULT_SETTINGS, name: 'Concert', totalSeats: 3, startsAt: createdAt }
const counts = {
  id: 4,
  bookedSeats: 1,
  heldSeats: 0,
  blockedSeats: 0,
  waitlistLength: 2,
  pools: [],
}
const metadata = { createdAt: '2026-01-15T10:30:00.000Z', kind: 'booking' }

const SUCCESSES: Record<string, Success> = {
  'a booking': { kind: 'booking', booking },
  'a hold': { kind: 'booking', booking: held },
  'one of which it is not known when it was made': {
    kind: 'booking',
    booking: { ...booking, createdAt: null },
  },
  'a booking with metadata': { kind: 'booking', booking: { ...booking, metadata } },
  'a place in line with metadata': {
    kind: 'waiting',
    entry: { ...claim, metadata },
    position: 3,
  },
  'a place in line': { kind: 'waiting', entry: claim, position: 3 },
  'an event': { kind: 'event', event: { ...settings, ...counts, metadata } },
  nothing: { kind: 'done' },
}

for (const [name, success] of Object.entries(SUCCESSES)) {
  t.test(`${name} comes back from its stored form`, (t) => {
    const json = JSON.stringify(storedFormOf(success))
    t.strictSame(successOf(JSON.parse(json)), success)
    t.strictSame(successOf(JSON.parse(JSON.stringify(success))), success, 'and from the former one')
    const isPlain = !json.includes('_with')
    if (isPlain && success.kind !== 'event') t.ok(json.length < 90, `in ${json.length} characters`)
    t.end()
  })
}

t.test('a plain one is stored as ever, and more is passed over that is not known yet', (t) => {
  const plain = ['booking', 1, claim.userId, 2, createdAt.getTime(), null, 7]
  t.strictSame(storedFormOf({ kind: 'booking', booking }), plain)
  const later = ['booking_with', { metadata, more: 1 }, ...plain.slice(1)]
  t.strictSame(successOf(later), { kind: 'booking', booking: { ...booking, metadata } })
  t.end()
})

t.test('an event that a version before has stored has by default what that did not know', (t) => {
  const { status, timeZone, cancelUntil, waitlistClosesAt, ticketTypes } = settings
  const added = { status, timeZone, cancelUntil, waitlistClosesAt, ticketTypes }
  const { id, bookedSeats, heldSeats, waitlistLength, blockedSeats } = counts
  const shown: EventView = { ...settings, ...counts, metadata }
  t.match(shown, { status: 'on_sale', timeZone: null, cancelUntil: null, waitlistClosesAt: null })
  const lacking = new Set([...Object.keys(added), 'pools', 'blockedSeats'])
  const event = Object.fromEntries(Object.entries(shown).filter(([name]) => !lacking.has(name)))
  t.match(event, { id, bookedSeats, heldSeats, waitlistLength })
  t.equal(blockedSeats, 0)
  for (const stored of [['event', event], { kind: 'event', event }]) {
    t.strictSame(successOf(JSON.parse(JSON.stringify(stored))), { kind: 'event', event: shown })
  }
  const set = {
    status: 'paused',
    timeZone: 'UTC',
    cancelUntil: createdAt,
    waitlistClosesAt: createdAt,
  } as const
  const success: Success = { kind: 'event', event: { ...shown, ...set } }
  t.strictSame(successOf(JSON.parse(JSON.stringify(storedFormOf(success)))), success)
  t.end()
})

t.test('what is no outcome is a mistake of ours', (t) => {
  const event = { ...settings, ...counts, metadata }
  const wrong = [
    ...[null, 1, {}, [], [null], { kind: 'booking' }],
    ...[['booking'], ['done', 1], ['toString'], ['constructor', 1]],
    ['booking', 1, 'ann', 2, 0, null, '7'],
    ['booking', 1, null, 2, 0, null, 7],
    ['booking', 1, 'ann', 2, 0, 'then', 7],
    ['waiting', 1, 'ann', 2, 0, null, 7],
    ['booking_with', null, 1, 'ann', 2, 0, null, 7],
    ['booking_with', [], 1, 'ann', 2, 0, null, 7],
    ['booking_with', 1, 'ann', 2, 0, null, 7],
    ...[['event'], ['event', {}], ['event', null], ['event', event, 1]],
    ['event', { ...event, startsAt: 1 }],
    ['event', { ...event, status: 'open' }],
    ['event', { ...event, timeZone: 1 }],
    ['event', { ...event, holdSeconds: undefined }],
  ]
  for (const stored of wrong) {
    t.throws(() => successOf(stored), TypeError, JSON.stringify(stored))
  }
  t.end()
})
