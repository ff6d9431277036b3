/** What a seat can be, each at the number that stands for it: clients know them. */
export const SEAT_STATUSES = ['free', 'held', 'booked', 'blocked'] as const
export type SeatStatus = (typeof SEAT_STATUSES)[number]

const BITS_PER_SEAT = 2
const SEATS_PER_BYTE = 4
const STATUS_BITS = 0b11

/**
 * The statuses of an event's numbered seats, in two bits each: four seats a byte, the first of them in
 * its lowest bits. The bits behind the last seat are 0.
 */
export class SeatMap {
  readonly count: number
  /** What clients get. */
  readonly bytes: Uint8Array

  /** All seats are free. */
  constructor(count: number) {
    this.count = count
    this.bytes = new Uint8Array(Math.ceil(count / SEATS_PER_BYTE))
  }

  /** @throws RangeError where there is no such seat */
  set(seat: number, status: SeatStatus): void {
    const others = this.#byteOf(seat) & ~(STATUS_BITS << shiftOf(seat))
    this.bytes[byteNumberOf(seat)] = others | (SEAT_STATUSES.indexOf(status) << shiftOf(seat))
  }

  #byteOf(seat: number): number {
    const isThere = Number.isInteger(seat) && seat < this.count
    const byte = isThere ? this.bytes[byteNumberOf(seat)] : undefined
    if (byte === undefined) throw new RangeError(`There is no seat ${seat}`)
    return byte
  }
}

function byteNumberOf(seat: number): number {
  return Math.floor(seat / SEATS_PER_BYTE)
}

function shiftOf(seat: number): number {
  return (seat % SEATS_PER_BYTE) * BITS_PER_SEAT
}
