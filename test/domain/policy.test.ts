import t from 'tap'
import {
  DEFAULT_SETTINGS,
  expiryOfHold,
  isExpired,
  isSalesWindow,
  latestExpiry,
  MAX_HOLD_PERIODS,
  salesRefusal,
} from '../../src/domain/policy.ts'
import { inSeconds, NOW } from '../helpers/state.ts'

const INSTANT = 0.001
const settings = { ...DEFAULT_SETTINGS, name: 'Event', totalSeats: 4 }

t.test('a hold has expired from the very instant of its expiry on', async (t) => {
  t.notOk(isExpired({ expiresAt: inSeconds(INSTANT) }, NOW))
  t.ok(isExpired({ expiresAt: NOW }, NOW))
  t.ok(isExpired({ expiresAt: inSeconds(-INSTANT) }, NOW))
  t.notOk(isExpired({ expiresAt: null }, NOW), 'what is confirmed never does')
})

t.test('a hold lasts as long as the event says, and four times that in total', async (t) => {
  const event = { ...settings, holdSeconds: 90 }
  t.same(expiryOfHold(event, NOW), inSeconds(90))
  const booking = {
    ...{ id: 1, eventId: 1, userId: 'ann', seats: 1, status: 'held' as const },
    ...{ expiresAt: inSeconds(90), createdAt: NOW },
  }
  t.same(latestExpiry(booking, event, inSeconds(50)), inSeconds(90 * MAX_HOLD_PERIODS))
  const unknown = { createdAt: null }
  const fromNow = inSeconds(50 + 90 * MAX_HOLD_PERIODS)
  t.same(latestExpiry(unknown, event, inSeconds(50)), fromNow, 'made at an unknown time: from now')
  t.equal(MAX_HOLD_PERIODS, 4)
})

t.test('sales are open from their start on, until before their end', async (t) => {
  const at = (salesStartAt: Date | null, salesEndAt: Date | null) =>
    salesRefusal({ ...settings, salesStartAt, salesEndAt }, NOW)
  t.equal(at(null, null), undefined)
  t.equal(at(NOW, null), undefined)
  t.equal(at(inSeconds(INSTANT), null), 'sales_not_open')
  t.equal(at(null, NOW), 'sales_closed')
  t.equal(at(null, inSeconds(INSTANT)), undefined)
  t.equal(at(inSeconds(1), inSeconds(2)), 'sales_not_open')
  t.equal(at(inSeconds(-2), inSeconds(-1)), 'sales_closed')
})

t.test('a sales window has an instant in it at least', async (t) => {
  const is = (salesStartAt: Date | null, salesEndAt: Date | null) =>
    isSalesWindow({ salesStartAt, salesEndAt })
  t.ok(is(NOW, inSeconds(INSTANT)))
  t.notOk(is(NOW, NOW))
  t.notOk(is(inSeconds(INSTANT), NOW))
  t.ok(is(NOW, null), 'a side that is null is open')
  t.ok(is(null, NOW))
  t.ok(is(null, null))
})
