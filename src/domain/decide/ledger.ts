import type { Origin } from '../commands/asked.ts'
import { evolve } from '../evolve.ts'
import type { Fact, NewFact } from '../facts.ts'
import type { EventState } from '../state.ts'

/** What is told of who asks: the facts that come of it say so. */
type Cause = Pick<Origin, 'actor' | 'requestId'>

const NOBODY: Cause = { actor: null, requestId: null }

/**
 * What is looked for, each with a bound of its own: seats for those who wait, which don't use up what is for
 * those who ask, nor does who numbers seats anew; and in a line those who can be served.
 */
export type Searcher = 'served' | 'asking' | 'numbering' | 'line'

/**
 * Looks that the searches of one batch may take, for each of these: about 20 ms. A search takes from some
 * hundred, of a hall with room, to a million, of one where many seats are pieced together.
 */
export const MAX_LOOKS = 2_000_000

/** Numbered seats that one batch gives to those who wait, over all events; the last one may go past it. */
export const MAX_SEATS_GIVEN = 5000

/**
 * The facts of one batch. New bookings and entries are known by numbers below zero until their rows
 * are written: a command that is refused uses up no id. Bookings and entries count apart, -1 being
 * the first that the batch makes.
 */
export class Ledger {
  readonly now: Date
  readonly facts: Fact[] = []
  #cause = NOBODY
  /** Events of which a command that takes seats was put off: those behind it must not overtake it. */
  readonly #putOff = new Set<number>()
  /** Bookings whose rows are to be written anew: none of them can end before. */
  readonly #takenAgain = new Set<number>()
  #seatsGiven = 0
  readonly #looks: Record<Searcher, number> = { served: 0, asking: 0, numbering: 0, line: 0 }
  #newEvents = 0
  #newBookings = 0
  #newEntries = 0

  constructor(now: Date) {
    this.now = now
  }

  /** Says who asked for what the following facts tell. */
  causedBy(cause: Cause): void {
    this.#cause = cause
  }

  /** Says that the service itself brings about what the following facts tell. */
  causedByNobody(): void {
    this.#cause = NOBODY
  }

  nextBookingId(): number {
    this.#newBookings += 1
    return -this.#newBookings
  }

  nextEntryId(): number {
    this.#newEntries += 1
    return -this.#newEntries
  }

  putOff({ id }: EventState): void {
    this.#putOff.add(id)
  }

  hasPutOff({ id }: EventState): boolean {
    return this.#putOff.has(id)
  }

  /** Has somebody who waits, and could be served, wait for the next batch: nobody is to overtake them. */
  leaveUnserved(event: EventState): void {
    event.isUnserved = true
    this.putOff(event)
  }

  /** Whether those who wait may be given numbered seats, each of which is a row; as many as the first one has. */
  mayGiveSeats(): boolean {
    return this.#seatsGiven < MAX_SEATS_GIVEN
  }

  gaveSeats(count: number): void {
    this.#seatsGiven += count
  }

  /** Whether the batch may go on to look; one search is always allowed. */
  maySearchFor(searcher: Searcher): boolean {
    return this.#looks[searcher] < MAX_LOOKS
  }

  /** @param looks - that it has cost: see `FreeSeats.looks` */
  searchedFor(searcher: Searcher, looks: number): void {
    this.#looks[searcher] += looks
  }

  takeAgain(bookingId: number): void {
    this.#takenAgain.add(bookingId)
  }

  hasTakenAgain(bookingId: number): boolean {
    return this.#takenAgain.has(bookingId)
  }

  /** Writes the first fact of a tenant's new event down; gives the event. */
  begin(tenantId: string, fact: NewFact): EventState {
    this.#newEvents += 1
    return this.#record({ id: -this.#newEvents, tenantId }, undefined, fact)
  }

  /** Writes a fact down and applies it. */
  record(event: EventState, fact: NewFact): void {
    this.#record(event, event, fact)
  }

  #record(
    { id: eventId, tenantId }: Pick<EventState, 'id' | 'tenantId'>,
    event: EventState | undefined,
    fact: NewFact,
  ): EventState {
    const { actor, requestId } = this.#cause
    const sequence = (event?.lastSequence ?? 0) + 1
    const stamp = { eventId, tenantId, sequence, at: this.now, actor, requestId }
    // Not a copy: this is done for each booking, and spreading costs more than deciding.
    const stamped: Fact = Object.assign(fact, stamp)
    this.facts.push(stamped)
    return evolve(event, stamped)
  }
}
