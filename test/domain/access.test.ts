import fc from 'fast-check'
import t from 'tap'
import { allows, DEFAULT_TENANT, isOwn, keyWithin, SCOPES } from '../../src/domain/access.ts'
import * as ask from '../helpers/commands.ts'
import { decideOn, inSeconds, type EventGiven } from '../helpers/state.ts'

const event: EventGiven = {
  settings: { totalSeats: 3, maxSeatsPerBooking: 2 },
  bookings: [{ userId: 'ann', seats: 2, expiresAt: inSeconds(60) }],
  line: [['bob', 2]],
  expiredHolds: [
    [5, 'ann'],
    [6, null],
  ],
}

const ALL = [
  ask.plainReserve(1, 'cid'),
  ask.confirm(1, 1),
  ask.extend(1, 1),
  ask.cancel(1, 1),
  ask.resize(1, 1, 1),
  ask.confirm(1, 5),
  ask.leaveWaitlist(1, 11),
  ask.changeEvent(1, { totalSeats: 9 }),
  ask.deleteEvent(1, { force: true }),
  ask.settle(1),
]

t.test('for another tenant an event is not there, nor anything that belongs to it', async (t) => {
  const asked = ALL.map((command) => ask.asCaller({ tenantId: 'acme' }, command))
  const { words, facts } = decideOn(event, asked)
  const nothing = decideOn(event, ALL.map(elsewhere)).words
  t.same(words, nothing, 'as an event that never was')
  t.same(facts, [])
})

/** The same of an event that there is not. */
function elsewhere<C extends (typeof ALL)[number]>(command: C): C {
  return { ...command, eventId: 2 }
}

t.test('who asks for one user touches nothing of others', async (t) => {
  const asked = ALL.slice(0, 7).map((command) => ask.asCaller({ userId: 'eve' }, command))
  const { words, facts } = decideOn(event, asked)
  t.same(words, [
    ...['user_mismatch', 'booking_not_found', 'booking_not_found', 'booking_not_found'],
    ...['booking_not_found', 'booking_not_found', 'waitlist_entry_not_found'],
  ])
  t.same(facts, [])
})

t.test('for himself a user may do all of that', async (t) => {
  const forAnn = [ask.plainReserve(1, 'ann'), ask.extend(1, 1), ask.confirm(1, 5), ask.cancel(1, 1)]
  const asked = forAnn.map((command) => ask.asCaller({ userId: 'ann' }, command))
  t.same(decideOn(event, asked).words, ['already_booked', 'booking', 'hold_expired', 'done'])
  const forBob = ask.asCaller({ userId: 'bob' }, ask.leaveWaitlist(1, 11))
  t.same(decideOn(event, [forBob]).words, ['done'])
})

t.test('of a hold that nobody knows whose it was, only a whole tenant is told', async (t) => {
  const command = ask.confirm(1, 6)
  t.same(decideOn(event, [command]).words, ['hold_expired'])
  const forAnn = ask.asCaller({ userId: 'ann' }, command)
  t.same(decideOn(event, [forAnn]).words, ['booking_not_found'])
  t.equal(isOwn({ userId: 'ann' }, null), false)
})

t.test('the facts tell who did it', async (t) => {
  const asked = [
    ask.asCaller({ actor: 'user:cid' }, ask.resize(1, 1, 1)),
    ask.asCaller({ actor: 'k1' }, ask.changeEvent(1, { totalSeats: 9 })),
  ]
  const { facts } = decideOn({ ...event, line: [] }, asked)
  t.same(
    facts.map(({ type, actor, tenantId }) => [type, actor, tenantId]),
    [
      ['resized', 'user:cid', DEFAULT_TENANT],
      ['capacity_changed', 'k1', DEFAULT_TENANT],
    ],
  )
})

t.test('what a scope allows, admin allows too', async (t) => {
  for (const scope of SCOPES) {
    t.ok(allows(new Set([scope]), scope))
    t.ok(allows(new Set(['admin']), scope))
    const others = new Set(SCOPES.filter((other) => other !== scope && other !== 'admin'))
    t.notOk(allows(others, scope), `${scope} needs itself`)
  }
})

t.test('no two callers share what is remembered under a key', async (t) => {
  const tenantId = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,5}$/)
  const userId = fc.option(fc.string({ minLength: 1, maxLength: 6 }))
  const key = fc.stringMatching(/^[\x21-\x7e]{1,6}$/)
  const asked = fc.record({ tenantId, userId, key })
  const textOf = ({
    key: given,
    ...caller
  }: {
    tenantId: string
    userId: string | null
    key: string
  }) => keyWithin({ ...caller, actor: null }, given)
  fc.assert(
    fc.property(asked, asked, (a, b) => {
      const isSame = a.tenantId === b.tenantId && a.userId === b.userId && a.key === b.key
      return (textOf(a) === textOf(b)) === isSame
    }),
    { numRuns: 5000 },
  )
  // With a space, or two, where others have a border.
  const near = [
    textOf({ tenantId: 'a', userId: 'b', key: 'c' }),
    textOf({ tenantId: 'a', userId: 'b c', key: 'c' }),
    textOf({ tenantId: 'a', userId: null, key: 'c' }),
    textOf({ tenantId: DEFAULT_TENANT, userId: null, key: 'c' }),
    textOf({ tenantId: DEFAULT_TENANT, userId: 'a', key: 'c' }),
    textOf({ tenantId: 'a', userId: 'b ', key: 'c' }),
  ]
  t.equal(new Set(near).size, near.length)
  t.equal(near[3], 'c', 'as before there were tenants')
})
