import fc from 'fast-check'
import type { Booking } from '../../src/domain/model.ts'
import type { EventState } from '../../src/domain/state.ts'
import { inSeconds, seatsOf, stateOf } from '../helpers/state.ts'
import { someSettings } from './script.ts'
import { EVENT_ID } from './tables.ts'

type Holder = Pick<Booking, 'seats'> & { readonly expiresIn: number | null }

const holders = fc.array(
  fc.record({
    seats: fc.constantFrom(1, 1, 2, 3),
    expiresIn: fc.constantFrom(-10, -5, -5, 0, 0, 5, null),
  }),
  { maxLength: 30, size: 'max' },
)
const waiting = fc.array(
  fc.record({
    seats: fc.constantFrom(1, 1, 2, 3),
    // Booked by somebody who wrote past the service.
    isBooked: fc.nat({ max: 9 }).map((n) => n === 0),
  }),
  { maxLength: 30, size: 'max' },
)

/** An event on which much may have gathered: users h1, h2 … are booked, w1, w2 … wait. */
export const gatheredEvents = eventsWith(waiting)

/** The same, where nobody in line has been booked past the service. */
export const orderlyEvents = eventsWith(
  waiting.map((line) => line.map(({ seats }) => ({ seats, isBooked: false }))),
)

function eventsWith(line: typeof waiting): fc.Arbitrary<EventState> {
  return fc
    .record({ settings: someSettings, freeSeats: fc.nat({ max: 20 }), holders, waiting: line })
    .map(({ settings, freeSeats, holders: booked, waiting: inLine }) => {
      const totalSeats = seatsOf(booked) + freeSeats
      const fitting = inLine.filter(({ seats }) => seats <= totalSeats)
      const state = stateOf({
        settings: { ...settings, totalSeats },
        bookings: booked.map(({ seats, expiresIn }: Holder, i) => ({
          userId: `h${i + 1}`,
          seats,
          expiresAt: expiresIn === null ? null : inSeconds(expiresIn),
          createdAt: inSeconds(-20),
        })),
        line: fitting.map(({ seats, isBooked }, i) => [
          isBooked && i < booked.length ? `h${i + 1}` : `w${i + 1}`,
          seats,
        ]),
      })
      const event = state.events.get(EVENT_ID)
      if (event === undefined) throw new RangeError('there is no event 1')
      return event
    })
}
