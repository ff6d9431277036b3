import t from 'tap'
import type { EventSettings } from '../../src/domain/model.ts'
import {
  cancel,
  changeEvent,
  confirm,
  createEventCommand,
  deleteEvent,
  extend,
  leaveWaitlist,
  plainReserve,
  resize,
  settle,
  asCaller,
} from '../helpers/commands.ts'
import { decidedAs, decideOn, inSeconds, NOW, type EventGiven } from '../helpers/state.ts'

const reserve = (userId: string, seats = 1) => plainReserve(1, userId, { seats })
const wait = (userId: string, seats = 1) => plainReserve(1, userId, { seats, waitlist: true })

const NOT_ON_SALE = ['draft', 'paused', 'cancelled'] as const

t.test(
  'nothing can be reserved at an event that is not on sale, nor can a booking grow',
  async (t) => {
    for (const status of NOT_ON_SALE) {
      const given = { settings: { status }, bookings: [{ userId: 'ann' }] }
      const commands = [reserve('bob'), reserve('bob', 9), wait('bob'), resize(1, 1, 2)]
      const decided = decideOn(given, commands)
      for (const place of commands.keys()) {
        t.same(decidedAs(decided, place), { kind: 'refused', refusal: 'not_on_sale', status })
      }
      t.same(decided.told, [])
    }
    t.same(decideOn({ settings: { status: 'on_sale' } }, [reserve('bob')]).words, ['booking'])
  },
)

t.test('the status comes behind whose user it is, and before all else', async (t) => {
  const given = { settings: { status: 'paused', salesEndAt: NOW }, bookings: [{ userId: 'ann' }] }
  const { words } = decideOn(given as EventGiven, [
    asCaller({ userId: 'eve' }, reserve('ann')),
    reserve('ann'),
    reserve('bob', 9),
  ])
  t.same(words, ['user_mismatch', 'not_on_sale', 'not_on_sale'])
})

t.test(
  'in a draft, or while it is paused, bookings are confirmed, extended, shrunk and given back',
  async (t) => {
    for (const status of ['draft', 'paused'] as const) {
      const bookings = [
        { userId: 'ann', expiresAt: inSeconds(1) },
        { userId: 'bob', expiresAt: inSeconds(1) },
        { userId: 'cid', seats: 2 },
      ]
      const { words, told, isUnsettled } = decideOn(
        { settings: { status }, bookings, line: [['dee'], ['eve']] },
        [
          extend(1, 1),
          confirm(1, 1),
          cancel(1, 2),
          resize(1, 3, 1),
          leaveWaitlist(1, 12),
          settle(1),
        ],
      )
      t.same(words, ['booking', 'booking', 'done', 'booking', 'done', 'done'])
      t.notOk(
        told.some((each) => each.startsWith('promoted')),
        'nobody in line is served',
      )
      t.equal(isUnsettled, false, 'so that there is nothing to go on with')
    }
  },
)

t.test('once it is on sale again the line is served at once', async (t) => {
  const given = { settings: { status: 'paused' }, line: [['ann'], ['bob']], notLoaded: 1 } as const
  t.same(decideOn(given, [settle(1)]).told, [])
  const { told, isUnsettled } = decideOn(given, [changeEvent(1, { status: 'on_sale' })])
  t.same(told, ['settings_changed status', 'promoted ann 1', 'promoted bob 1'])
  t.equal(isUnsettled, true, 'the rest of it by the next batches')
  const raised = decideOn(given, [changeEvent(1, { totalSeats: 9 })])
  t.same([raised.told, raised.isUnsettled], [['capacity_changed 9'], false], 'and not before')
})

t.test('cancelled is final, and other settings may change', async (t) => {
  const given = { settings: { status: 'cancelled' } } as const
  const { words, event } = decideOn(given, [
    ...(['draft', 'on_sale', 'paused'] as const).map((status) => changeEvent(1, { status })),
    changeEvent(1, { status: 'on_sale', name: 'New' }),
    changeEvent(1, { status: 'cancelled', name: 'Newer' }),
    changeEvent(1, { totalSeats: 1 }),
  ])
  const refused = Array<string>(4).fill('event_cancelled')
  t.same(words, [...refused, 'event', 'event'])
  t.match(event.settings, { status: 'cancelled', name: 'Newer', totalSeats: 1 })
  for (const status of NOT_ON_SALE) {
    const back = decideOn({ settings: { status: 'paused' } }, [changeEvent(1, { status })])
    t.same(back.words, ['event'], `from paused to ${status}`)
  }
})

t.test('a hold at a cancelled event is neither confirmed nor extended', async (t) => {
  const bookings = [{ userId: 'ann', expiresAt: inSeconds(1) }, { userId: 'bob' }]
  const { words } = decideOn({ settings: { status: 'cancelled' }, bookings }, [
    confirm(1, 1),
    extend(1, 1),
    confirm(1, 2),
    extend(1, 2),
    confirm(1, 3),
    asCaller({ userId: 'eve' }, confirm(1, 1)),
  ])
  t.same(words, [
    ...['event_cancelled', 'event_cancelled', 'booking', 'not_held'],
    ...['booking_not_found', 'booking_not_found'],
  ])
})

t.test('from cancel_until on a confirmed booking keeps its seats, a hold need not', async (t) => {
  const words = (settings: Partial<EventSettings>) =>
    decideOn(
      {
        settings,
        bookings: [
          { userId: 'ann', seats: 2 },
          { userId: 'bob', expiresAt: inSeconds(1), seats: 2 },
        ],
      },
      [
        resize(1, 1, 1),
        cancel(1, 1),
        resize(1, 2, 1),
        cancel(1, 2),
        resize(1, 1, 2),
        resize(1, 1, 3),
      ],
    ).words
  const closed = ['cancellation_closed', 'cancellation_closed', 'booking', 'done']
  t.same(words({ cancelUntil: NOW }), [...closed, 'booking', 'booking'], 'from that instant on')
  t.same(words({ cancelUntil: inSeconds(-1) }), [...closed, 'booking', 'booking'])
  const open = ['booking', 'done', 'booking', 'done', 'booking_not_found', 'booking_not_found']
  t.same(words({ cancelUntil: inSeconds(0.001) }), open)
  t.same(words({ cancelUntil: null }), open)
  const ended = decideOn(
    { settings: { cancelUntil: NOW, status: 'cancelled' }, bookings: [{ userId: 'ann' }] },
    [cancel(1, 1)],
  )
  t.same(ended.words, ['done'], 'what ends in any case may be given back')
})

t.test('from waitlist_closes_at on nobody joins, and who is in line is served', async (t) => {
  const full = [{ userId: 'ann', seats: 3 }]
  const settings = { totalSeats: 3, waitlistClosesAt: NOW }
  const given = { settings, bookings: full, line: [['bob', 2]] } as const
  const { words, told } = decideOn(given, [
    wait('ann'),
    wait('bob'),
    wait('cid', 4),
    reserve('cid'),
    wait('cid'),
    resize(1, 1, 1),
    changeEvent(1, { totalSeats: 9 }),
    wait('cid'),
  ])
  t.same(words, [
    ...['already_booked', 'already_waiting', 'exceeds_capacity', 'sold_out', 'waitlist_closed'],
    ...['booking', 'event', 'booking'],
  ])
  t.ok(told.includes('promoted bob 2'))
  const open = { ...given, settings: { ...settings, waitlistClosesAt: inSeconds(0.001) } }
  t.same(decideOn(open, [wait('cid')]).words, ['waiting'])
})

t.test('an event is made with any status, and is on sale by default', async (t) => {
  for (const status of ['draft', 'on_sale', 'paused', 'cancelled'] as const) {
    const [fact] = decideOn({}, [createEventCommand({ status })]).facts
    t.match(fact, { type: 'event_created', settings: { status } })
  }
  const [fact] = decideOn({}, [createEventCommand()]).facts
  const none = { timeZone: null, cancelUntil: null, waitlistClosesAt: null }
  t.match(fact, { settings: { status: 'on_sale', ...none } })
})

t.test('a cancelled event is deleted as any other is', async (t) => {
  const settings = { status: 'cancelled' } as const
  const booked = { settings, bookings: [{ userId: 'ann' }] }
  t.same(decideOn(booked, [deleteEvent(1)]).words, ['event_has_bookings'])
  t.same(decideOn(booked, [deleteEvent(1, { force: true })]).told, ['event_deleted 0'])
  const line = { settings, line: [['ann']], notLoaded: 5 } as const
  t.same(decideOn(line, [deleteEvent(1)]).words, ['done'], 'its line is in nobody’s way')
})
