import type { Answer, Asked } from './asked.ts'

/** What an event sells, by the names that requests call it. */
export interface Offer {
  readonly pools: readonly string[]
  readonly ticketTypes: readonly string[]
  readonly sections: readonly string[]
  readonly labels: readonly string[]
}

const NOTHING: Offer = { pools: [], ticketTypes: [], sections: [], labels: [] }
/** Labels of an event that are remembered: few, so that several want the same seat. */
const MAX_LABELS = 12

interface EventJson {
  readonly id: number
  readonly pools: readonly { readonly key: string }[]
  readonly ticket_types: readonly { readonly key: string }[]
}

interface SeatingJson {
  readonly sections: readonly {
    readonly key: string
    readonly rows: readonly {
      readonly key: string
      readonly seats: readonly string[] | { readonly from: number; readonly to: number }
    }[]
  }[]
}

interface ReservedJson {
  /** None where the user is to wait. */
  readonly booking?: { readonly id: number; readonly event_id: number }
}

/** What answers have told of the offers of events. */
export class Offers {
  readonly #offers = new Map<string, Offer>()
  readonly #eventsOfBookings = new Map<string, string>()

  /** Of the event with that id, or of the event that the booking with it is for. */
  of(collection: string, id: string): Offer {
    const eventId = collection === 'bookings' ? this.#eventsOfBookings.get(id) : id
    return this.#offers.get(eventId ?? '') ?? NOTHING
  }

  /** Ids of the events that have numbered seats. */
  get seated(): readonly string[] {
    return [...this.#offers].filter(([, { labels }]) => labels.length > 0).map(([id]) => id)
  }

  /** @param answer - a success */
  learn({ operationId, url }: Asked, { body }: Answer): void {
    const [, eventId = ''] = /\/events\/(\d+)/.exec(url) ?? []
    if (operationId === 'createEvent' || operationId === 'changeEvent') {
      const { id, pools, ticket_types: types } = JSON.parse(body) as EventJson
      this.#add(String(id), { pools: keysOf(pools), ticketTypes: keysOf(types) })
    } else if (operationId === 'putSeating') {
      this.#add(eventId, seatsOf(JSON.parse(body) as SeatingJson))
    } else if (operationId === 'deleteEvent') {
      this.#offers.delete(eventId)
    } else if (operationId === 'reserveSeat') {
      const { booking } = JSON.parse(body) as ReservedJson
      if (booking) this.#eventsOfBookings.set(String(booking.id), String(booking.event_id))
    }
  }

  #add(eventId: string, told: Partial<Offer>): void {
    this.#offers.set(eventId, { ...(this.#offers.get(eventId) ?? NOTHING), ...told })
  }
}

function seatsOf({ sections }: SeatingJson): Pick<Offer, 'sections' | 'labels'> {
  const labels = sections.flatMap((section) =>
    section.rows.flatMap((row) =>
      namesOf(row.seats).map((name) => `${section.key}-${row.key}-${name}`),
    ),
  )
  return { sections: keysOf(sections), labels: labels.slice(0, MAX_LABELS) }
}

function namesOf(seats: SeatingJson['sections'][0]['rows'][0]['seats']): readonly string[] {
  if (!('from' in seats)) return seats
  const count = Math.min(seats.to - seats.from + 1, MAX_LABELS)
  return Array.from({ length: count }, (_, place) => String(seats.from + place))
}

function keysOf(things: readonly { readonly key: string }[]): string[] {
  return things.map(({ key }) => key)
}
