import type { Command } from '../commands.ts'
import { evolve } from '../evolve.ts'
import type { Fact, NewFact } from '../facts.ts'
import type { EventState } from '../state.ts'

/** A command that is asked for an event: the facts that come of it name its request. */
type Cause = Pick<Command, 'origin'>

const NOBODY: Cause = { origin: { requestId: null } }

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
  #newEvents = 0
  #newBookings = 0
  #newEntries = 0

  constructor(now: Date) {
    this.now = now
  }

  /** Says what the following facts come of. */
  causedBy(cause: Cause): void {
    this.#cause = cause
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

  /** Writes the first fact of a new event down; gives the event. */
  begin(fact: NewFact): EventState {
    this.#newEvents += 1
    return this.#record(-this.#newEvents, undefined, fact)
  }

  /** Writes a fact down and applies it. */
  record(event: EventState, fact: NewFact): void {
    this.#record(event.id, event, fact)
  }

  #record(eventId: number, event: EventState | undefined, fact: NewFact): EventState {
    const { requestId } = this.#cause.origin
    const sequence = (event?.lastSequence ?? 0) + 1
    // Not a copy: this is done for each booking, and spreading costs more than deciding.
    const stamped: Fact = Object.assign(fact, { eventId, sequence, at: this.now, requestId })
    this.facts.push(stamped)
    return evolve(event, stamped)
  }
}
