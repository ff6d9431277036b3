import t from 'tap'
import { plainReserve, resize } from '../helpers/commands.ts'
import { decideOn, inSeconds, type EventGiven } from '../helpers/state.ts'
import type { TicketType } from '../../src/domain/model.ts'

// A ticket type that the organizer sells no longer: who has it keeps it, and gets no more of it.

const typeOf = (key: string, more: Partial<TicketType> = {}): TicketType => ({
  ...{ key, name: key, pools: [], maxPerBooking: null, salesStartAt: null, salesEndAt: null },
  ...more,
})
const lineOf = (ticketType: string, seats: number) => ({ ticketType, seats, pools: [] })

/** Ann has two of the type `early`, or of whichever. */
const withAnn = (ticketTypes: readonly TicketType[], key = 'early'): EventGiven => ({
  settings: { totalSeats: 20, maxSeatsPerBooking: 20, ticketTypes },
  bookings: [{ userId: 'ann', seats: 2, lines: key === 'default' ? null : [lineOf(key, 2)] }],
})
const to = (...lines: [key: string, seats: number][]) => ({
  ...resize(
    1,
    1,
    lines.reduce((sum, [, seats]) => sum + seats, 0),
  ),
  lines: lines.map(([ticketType, seats]) => ({ ticketType, seats })),
})

t.test('it does not grow, by its name or by the number of seats alone', (t) => {
  for (const types of [[typeOf('adult')], []]) {
    const { words, verdicts } = decideOn(withAnn(types), [resize(1, 1, 10), to(['early', 3])])
    t.same(words, ['sales_closed', 'sales_closed'], `${types.length} types are sold`)
    t.match(verdicts[0], { details: { line: 0, key: 'early' } })
  }
  const byDefault = decideOn(withAnn([typeOf('adult')], 'default'), [resize(1, 1, 10)])
  t.same(byDefault.words, ['sales_closed'], 'nor what took from no type')
  t.end()
})

t.test('it is kept, shrinks, and is changed for one that is sold', (t) => {
  const types = [typeOf('adult'), typeOf('over', { salesEndAt: inSeconds(-1) })]
  const { words } = decideOn(withAnn(types), [
    to(['early', 2], ['adult', 1]),
    to(['early', 1], ['adult', 2]),
    to(['early', 2], ['adult', 1]),
    to(['early', 1], ['over', 1]),
    to(['adult', 5]),
    to(['early', 1]),
  ])
  t.same(words, [
    ...['booking', 'booking', 'sales_closed', 'sales_closed', 'booking'],
    'unknown_ticket_type',
  ])
  t.end()
})

t.test('where none is set the default one is sold', (t) => {
  const { words } = decideOn(withAnn([], 'default'), [resize(1, 1, 10), plainReserve(1, 'bob')])
  t.same(words, ['booking', 'booking'])
  const other = { ...withAnn([]), settings: { totalSeats: 20, maxSeatsPerBooking: 20 } }
  t.same(decideOn(other, [to(['default', 4])]).words, ['booking'], 'also for who had another')
  t.end()
})
