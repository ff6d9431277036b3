import type { Command } from '../../src/domain/commands.ts'
import type { EventSettings, Pool, TicketType } from '../../src/domain/model.ts'
import type { SeatingDocument } from '../../src/domain/seating/document.ts'
import { seatingOf } from '../domain/seating/halls.ts'
import { setSeating } from '../helpers/commands.ts'

// What the numbered events of a storm sell.

/** Two types share a pool, and one takes from both pools. */
export const TYPES = [
  typeOf('adult', ['stalls']),
  typeOf('child', ['stalls']),
  typeOf('box', []),
  typeOf('meal', ['stalls', 'meals']),
]

/** What numbered events sell. */
export const NUMBERED: Pick<EventSettings, 'pools' | 'ticketTypes'> = {
  pools: poolsOf(8, 3),
  ticketTypes: TYPES,
}

/** One of them has a row more, and the other one lets box into the stalls. */
export const HALLS = [hallOf('stalls', 3), hallOf(null, 2)] as const

export const LABELS = [...seatingOf(HALLS[0]).labels()]

function typeOf(key: string, pools: readonly string[]): TicketType {
  const none = { maxPerBooking: null, salesStartAt: null, salesEndAt: null }
  return { key, name: key, pools, ...none }
}

export function poolsOf(stalls: number, meals: number): Pool[] {
  return [
    { key: 'stalls', capacity: stalls },
    { key: 'meals', capacity: meals },
  ]
}

function hallOf(pool: string | null, rows: number): SeatingDocument {
  const seats = { from: 1, to: 3 }
  const keys = Array.from({ length: rows }, (_, i) => String(i + 1))
  return { sections: [{ key: 'S', pool, rows: keys.map((key) => ({ key, seats })) }] }
}

export function setHall(eventId: number, hall: 0 | 1): Command {
  return setSeating(eventId, seatingOf(HALLS[hall]), `hall ${hall}`)
}
