import fc from 'fast-check'
import t from 'tap'
import { SEAT_STATUSES, SeatMap } from '../../../src/domain/seating/seat-map.ts'

t.test('four seats are in a byte, the first one in its lowest bits', async (t) => {
  const map = new SeatMap(6)
  map.set(0, 'held')
  map.set(1, 'booked')
  map.set(3, 'blocked')
  map.set(5, 'held')
  t.same([...map.bytes], [0b11_00_10_01, 0b01_00])
})

/** As clients do: see docs/api.md. */
function unpack(bytes: Uint8Array, seat: number): string | undefined {
  return SEAT_STATUSES[((bytes[Math.floor(seat / 4)] ?? 0) >> (2 * (seat % 4))) & 3]
}

t.test('what is packed comes out again', async (t) => {
  let largest = 0
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...SEAT_STATUSES), { maxLength: 300 }), (statuses) => {
      largest = Math.max(largest, statuses.length)
      const map = new SeatMap(statuses.length)
      // Each of them had another one before.
      for (const seat of statuses.keys()) map.set(seat, 'blocked')
      for (const [seat, status] of statuses.entries()) map.set(seat, status)
      const unpacked = statuses.map((_, seat) => unpack(map.bytes, seat))
      return (
        unpacked.join() === statuses.join() && map.bytes.length === Math.ceil(statuses.length / 4)
      )
    }),
  )
  t.ok(largest > 4, `up to ${largest} seats`)
})

t.test('it has no other seats', async (t) => {
  const map = new SeatMap(5)
  for (const seat of [-1, 5, 7, 0.5, NaN]) {
    t.throws(() => {
      map.set(seat, 'held')
    }, RangeError)
  }
  t.same([...map.bytes], [0, 0])
})
