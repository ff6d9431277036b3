import type { Origin } from '../commands.ts'
import { evolve } from '../evolve.ts'
import type { Fact, NewFact } from '../facts.ts'
import type { EventState } from '../state.ts'

/** What is told of who asks: the facts that come of it say so. */
type Cause = Pick<Origin, 'actor' | 'requestId'>

const NOBODY: Cause = { actor: null, requestId: null }

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
