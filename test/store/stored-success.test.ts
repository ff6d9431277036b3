import t from 'tap'
import type { Success } from '../../src/domain/outcomes.ts'
import { DEFAULT_SETTINGS } from '../../src/domain/policy.ts'
import { storedFormOf, successOf } from '../../src/store/stored-success.ts'

const createdAt = new Date('2026-01-15T10:30:00.123Z')
const claim = { id: 7, eventId: 1, userId: 'ann "x" \u2028', seats: 2, createdAt }
const booking = { ...claim, status: 'confirmed' as const, expiresAt: null }
const held = { ...claim, status: 'held' as const, expiresAt: new Date('2026-01-15T10:40:00Z') }
const settings = { ...DEFAULT_SETTINGS, name: 'Concert', totalSeats: 3, startsAt: createdAt }
const counts = { id: 4, bookedSeats: 1, heldSeats: 0, waitlistLength: 2 }
const metadata = { createdAt: '2026-01-15T10:30:00.000Z', kind: 'booking' }

const SUCCESSES: Record<string, Success> = {
  'a booking': { kind: 'booking', booking },
  'a hold': { kind: 'booking', booking: held },
  'one of which it is not known when it was made': {
    kind: 'booking',
    booking: { ...booking, createdAt: null },
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
    if (success.kind !== 'event') t.ok(json.length < 90, `in ${json.length} characters`)
    t.end()
  })
}

t.test('what is no outcome is a mistake of ours', (t) => {
  const event = { ...settings, ...counts, metadata }
  const wrong = [
    ...[null, 1, {}, [], [null], { kind: 'booking' }],
    ...[['booking'], ['done', 1], ['toString'], ['constructor', 1]],
    ['booking', 1, 'ann', 2, 0, null, '7'],
    ['booking', 1, null, 2, 0, null, 7],
    ['booking', 1, 'ann', 2, 0, 'then', 7],
    ['waiting', 1, 'ann', 2, 0, null, 7],
    ...[['event'], ['event', {}], ['event', null], ['event', event, 1]],
    ['event', { ...event, startsAt: 1 }],
    ['event', { ...event, holdSeconds: undefined }],
  ]
  for (const stored of wrong) {
    t.throws(() => successOf(stored), TypeError, JSON.stringify(stored))
  }
  t.end()
})
