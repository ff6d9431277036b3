import { isSeatRange, type RowDocument, type SeatRange } from './document.ts'

/** What the seats of a row are called, from the first one on. */
export interface SeatNames {
  readonly count: number
  /** @param place - from 0 on, below the count */
  at(place: number): string
  /** The place of the seat of that name; undefined where there is none. */
  placeOf(name: string): number | undefined
}

/** Up to so many names are looked through, which takes no memory and, for so few, no more time. */
const MAX_LOOKED_THROUGH = 64

/** The names of a row's seats, which have to be right. */
export function seatNamesOf(seats: RowDocument['seats']): SeatNames {
  return isSeatRange(seats) ? new NumberedNames(seats) : new ListedNames(seats)
}

class NumberedNames implements SeatNames {
  readonly count: number
  readonly #from: number

  constructor({ from, to }: SeatRange) {
    this.count = to - from + 1
    this.#from = from
  }

  at(place: number): string {
    return String(this.#from + place)
  }

  placeOf(name: string): number | undefined {
    const place = Number(name) - this.#from
    const isThere = Number.isInteger(place) && place >= 0 && place < this.count
    // Neither `07` nor `0x7` is seat 7.
    return isThere && this.at(place) === name ? place : undefined
  }
}

class ListedNames implements SeatNames {
  readonly #names: readonly string[]
  #places: ReadonlyMap<string, number> | undefined

  constructor(names: readonly string[]) {
    this.#names = names
  }

  get count(): number {
    return this.#names.length
  }

  at(place: number): string {
    const name = this.#names[place]
    if (name === undefined) throw new RangeError(`The row has no seat at ${place}`)
    return name
  }

  placeOf(name: string): number | undefined {
    if (this.#names.length > MAX_LOOKED_THROUGH) {
      // Not before: many a seating is stored, and not looked into.
      this.#places ??= placesOf(this.#names)
      return this.#places.get(name)
    }
    const place = this.#names.indexOf(name)
    return place === -1 ? undefined : place
  }
}

function placesOf(names: readonly string[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>()
  for (const [place, name] of names.entries()) places.set(name, place)
  return places
}
