import { createHash } from 'node:crypto'
import type { Command } from '../../src/domain/commands.ts'
import { seatingOf } from '../domain/seating/halls.ts'
import * as commands from '../helpers/commands.ts'
import { seatsIn } from './model/lines.ts'
import { rowsOf } from './model/hall.ts'
import { DEFAULT, type ModelCommand, type ModelEvent, type Wish } from './model/types.ts'
import { UNKNOWN, type Step, type Wanted } from './script.ts'
import { settingsChanged, withDates } from './translate-settings.ts'

/** One event in both worlds: the system's and the model's. */
export interface Pair {
  readonly id: number
  readonly model: ModelEvent
  readonly owner: string
  readonly stranger: string
  /** The ids of the model's bookings and places in line, once they are seen; those gone as well. */
  readonly bookings: Map<number, number>
  readonly entries: Map<number, number>
}

const NOBODY = { ref: 0, id: 2_000_000_000 }

export interface Translated {
  readonly real: Command
  readonly model: ModelCommand
}

/** A step as both worlds are told it, by who asks. */
export function translateFor(pair: Pair, step: Step, now: Date): Translated {
  const { isStranger, onlyFor: userId } = step.by
  const { real, model } = translate(pair, step, now)
  const tenantId = isStranger ? pair.stranger : pair.owner
  return { model, real: commands.asCaller({ tenantId, userId }, real) }
}

function translate(pair: Pair, step: Step, now: Date): Translated {
  const { event, by } = step
  switch (step.type) {
    case 'reserve': {
      const { user, wanted, ...how } = step
      const wish = wishOf(pair.model, wanted)
      const { hold, waitlist, metadata } = how
      const options = { ...realWish(wish), hold, waitlist, metadata }
      return {
        real: commands.plainReserve(pair.id, user, options),
        model: { ...how, user, ...wish },
      }
    }
    case 'confirm': {
      const { ref, id } = pickFrom(pair.bookings, pair.model.bookings, step.pick)
      const { type, isLate } = step
      return {
        real: commands.confirm(pair.id, id, isLate),
        model: { event, by, type, booking: ref, isLate },
      }
    }
    case 'extend':
    case 'cancel': {
      const { ref, id } = pickFrom(pair.bookings, pair.model.bookings, step.pick)
      const { type } = step
      return { real: commands[type](pair.id, id), model: { event, by, type, booking: ref } }
    }
    case 'cancel_of_user':
      return { real: commands.cancelOfUser(pair.id, step.user), model: step }
    case 'resize': {
      const { ref, id } = pickFrom(pair.bookings, pair.model.bookings, step.pick)
      const { type, wanted, metadata } = step
      const wish = wanted === null ? null : wishOf(pair.model, wanted)
      const plain = commands.resize(pair.id, id, undefined, metadata ?? undefined)
      const real = wish === null ? plain : { ...plain, ...realWish(wish) }
      return { real, model: { event, by, type, booking: ref, wish, metadata } }
    }
    case 'leave_waitlist': {
      const { ref, id } = pickFrom(pair.entries, pair.model.line, step.pick)
      const { type } = step
      return { real: commands.leaveWaitlist(pair.id, id), model: { event, by, type, entry: ref } }
    }
    case 'change_event': {
      const { type, isExpected } = step
      const changes = settingsChanged(step.changes, now)
      const real = commands.changeEvent(pair.id, withDates(changes), { isExpected })
      return { real, model: { event, by, type, changes, isExpected } }
    }
    case 'delete_event':
      return { real: commands.deleteEvent(pair.id, step), model: step }
    case 'set_seating': {
      const { seating: document } = step
      const digest = createHash('sha256').update(JSON.stringify(document)).digest('hex')
      const real = commands.setSeating(pair.id, seatingOf(document), digest)
      return { real, model: step }
    }
    case 'block_seats':
    case 'unblock_seats': {
      const { type } = step
      const labels = labelsOf(pair.model, step.labels)
      return {
        real: commands.blockSeats(pair.id, labels, type),
        model: { event, by, type, labels },
      }
    }
    case 'settle':
      return { real: commands.settle(pair.id), model: step }
  }
}

function wishOf({ settings, seating }: ModelEvent, wanted: Wanted): Wish {
  if (typeof wanted === 'number') return { seats: wanted, lines: null }
  const keys = settings.types.length === 0 ? [DEFAULT] : settings.types.map(({ key }) => key)
  const lines = wanted.map(({ labels, ...line }) => ({
    ...line,
    type: pickOf(keys, line.type, 'unheard-of'),
    ...(labels !== undefined && { labels: labelsOf({ seating }, labels) }),
  }))
  return { seats: seatsIn(lines), lines }
}

/** The labels of seats that there are. */
function labelsOf(event: Pick<ModelEvent, 'seating'>, picks: readonly number[]): string[] {
  const all = rowsOf(event).flatMap(({ labels }) => labels)
  return picks.map((pick) => pickOf(all, pick, 'Z-1-1'))
}

function pickOf(things: readonly string[], pick: number, unknown: string): string {
  return (pick === UNKNOWN ? undefined : things[pick % things.length]) ?? unknown
}

function realWish({ seats, lines }: Wish) {
  const asked = lines?.map(({ type: ticketType, seats: ofLine, labels, best }) => ({
    ...{ ticketType, seats: ofLine },
    ...(labels !== undefined && { labels }),
    ...(best !== undefined && { bestAvailable: best }),
  }))
  return { seats, lines: asked ?? null }
}

/** Picks what is there, mostly, or one of the last that are gone, or what never was. */
function pickFrom(
  known: ReadonlyMap<number, number>,
  live: readonly { ref: number }[],
  pick: number,
): { ref: number; id: number } {
  const isLive = new Set(live.map(({ ref }) => ref))
  const all = [...known].map(([ref, id]) => ({ ref, id }))
  const gone = all.filter(({ ref }) => !isLive.has(ref)).slice(-3)
  const there = all.filter(({ ref }) => isLive.has(ref))
  const choice = [...there, ...gone, NOBODY, ...there, ...there]
  return choice[pick % choice.length] ?? NOBODY
}
