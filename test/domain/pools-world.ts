import { deepStrictEqual, ok } from 'node:assert/strict'
import type { Command } from '../../src/domain/commands.ts'
import { decide, type Verdict } from '../../src/domain/decide/decide.ts'
import { evolve } from '../../src/domain/evolve.ts'
import type { Fact } from '../../src/domain/facts.ts'
import type { EventState } from '../../src/domain/state.ts'
import { WaitingKinds } from '../../src/domain/waiting-kinds.ts'
import { cancel, changeEvent, leaveWaitlist, plainReserve, resize } from '../helpers/commands.ts'
import { NOW, stateOf } from '../helpers/state.ts'
import { Judge } from './judge.ts'
import { loadPiece, loadWhole } from './load.ts'
import { ALL, ModelPools, partyOf, type MayOvertake, type Seats } from './pools-model.ts'
import type { LineAsked, Offer, PoolStep } from './pools-script.ts'
import { EVENT_ID, RowIds } from './tables.ts'

const NOBODY = 1_000_000

/** An event as the tables hold it, changed by `decide` and its facts alone. */
export class World {
  event: EventState
  readonly #ids = new RowIds()
  readonly #judge = new Judge()
  readonly #mayOvertake: MayOvertake | undefined

  /** @param mayOvertake - the rule by which each fact is judged */
  constructor(offer: Offer, mayOvertake?: MayOvertake) {
    const settings = { ...offer, maxSeatsPerBooking: 1000 }
    const event = stateOf({ settings }).events.get(EVENT_ID)
    if (event === undefined) throw new RangeError('there is no event 1')
    this.event = { ...event, kinds: new WaitingKinds() }
    this.#mayOvertake = mayOvertake
  }

  commandOf(step: PoolStep): Command {
    const user = 'user' in step ? step.user : ''
    const ids = {
      eventId: EVENT_ID,
      bookingId: this.#bookingOf(user),
      entryId: this.#entryOf(user),
    }
    return commandFor(step, ids, this.event.settings.ticketTypes)
  }

  /** @param maxSettled - how many of each kind are loaded; all where it is left out */
  batch(
    commands: readonly Command[],
    maxSettled?: number,
  ): { verdicts: readonly Verdict[]; isUnsettled: boolean } {
    const state =
      maxSettled === undefined
        ? loadWhole(this.event, NOW)
        : loadPiece(this.event, commands, NOW, maxSettled)
    const events = new Map([[EVENT_ID, state]])
    const { verdicts, facts, unsettled } = decide({ events, now: NOW }, commands)
    const ids = this.#ids.ofBatch()
    for (const fact of facts) this.#write(ids.inFact(fact))
    return { verdicts, isUnsettled: unsettled.length > 0 }
  }

  /** As the slow model tells it. */
  asModel(mayOvertake?: MayOvertake): ModelPools {
    return asModel(this.event, mayOvertake)
  }

  #write(fact: Fact): void {
    this.#judge.see(this.asModel(this.#mayOvertake), fact)
    this.event = evolve(this.event, fact)
    const model = this.asModel()
    for (const pool of Object.keys(model.capacities)) ok(model.free(pool) >= 0, 'never too many')
    const { poolsTaken } = this.event
    const counted = [...poolsTaken].filter(([, taken]) => taken !== 0)
    const taken = ([pool]: [string, number]) => [
      pool,
      model.bookings.reduce((sum, { takes }) => sum + (takes[pool] ?? 0), 0),
    ]
    deepStrictEqual(counted, counted.map(taken), 'the counters say what the bookings do')
  }

  /** Has a user's hold expire. */
  expire(user: string): void {
    const booking = this.event.bookings.get(this.#bookingOf(user))
    if (booking !== undefined) this.event.bookings.set(booking.id, { ...booking, expiresAt: NOW })
  }

  #bookingOf(user: string): number {
    return [...this.event.bookings.values()].find(({ userId }) => userId === user)?.id ?? NOBODY
  }

  #entryOf(user: string): number {
    return [...this.event.line.values()].find(({ userId }) => userId === user)?.id ?? NOBODY
  }
}

interface Named {
  readonly eventId: number
  readonly bookingId: number
  readonly entryId: number
}

/** The command of a step, by the types that there are. */
export function commandFor(
  step: PoolStep,
  { eventId, bookingId, entryId }: Named,
  ticketTypes: Offer['ticketTypes'],
): Command {
  const linesOf = (asked: readonly LineAsked[]) =>
    asked.map(({ type, seats }) => ({
      ticketType: ticketTypes[type % ticketTypes.length]?.key ?? '',
      seats,
    }))
  switch (step.type) {
    case 'reserve': {
      const [seats, lines] = [seatsIn(step.lines), linesOf(step.lines)]
      return plainReserve(eventId, step.user, { seats, lines, waitlist: step.waitlist })
    }
    case 'resize':
      return { ...resize(eventId, bookingId, seatsIn(step.lines)), lines: linesOf(step.lines) }
    case 'cancel':
      return cancel(eventId, bookingId)
    case 'leave':
      return leaveWaitlist(eventId, entryId)
    case 'change':
      return changeEvent(eventId, step.offer)
  }
}

/** An event as the slow model tells it. */
export function asModel(event: EventState, mayOvertake?: MayOvertake): ModelPools {
  const model = new ModelPools(capacitiesOf(event.settings), mayOvertake)
  model.bookings = [...event.bookings.values()].map(partyOf)
  model.line = [...event.line.values()].map(partyOf)
  return model
}

function seatsIn(lines: readonly LineAsked[]): number {
  return lines.reduce((sum, { seats }) => sum + seats, 0)
}

export function capacitiesOf({ totalSeats, pools }: Pick<Offer, 'totalSeats' | 'pools'>): Seats {
  return Object.fromEntries([
    [ALL, totalSeats],
    ...pools.map(({ key, capacity }): [string, number] => [key, capacity]),
  ])
}

/** What the model comes to with a step; the types are those that the event has then. */
export function stepOf(model: ModelPools, step: PoolStep, offer: Offer): string {
  switch (step.type) {
    case 'reserve':
      return model.reserve({ user: step.user, takes: takesOf(step.lines, offer) }, step.waitlist)
    case 'resize':
      return model.resize(step.user, takesOf(step.lines, offer))
    case 'cancel':
      return model.cancel(step.user)
    case 'leave':
      return model.leave(step.user)
    case 'change':
      return model.change(capacitiesOf(step.offer))
  }
}

function takesOf(lines: readonly LineAsked[], { ticketTypes }: Offer): Seats {
  const takes: Record<string, number> = { [ALL]: 0 }
  for (const { type, seats } of lines) {
    const { pools } = ticketTypes[type % ticketTypes.length] ?? { pools: [] }
    for (const pool of [ALL, ...pools]) takes[pool] = (takes[pool] ?? 0) + seats
  }
  return takes
}
