import type { Metadata } from '../../src/domain/metadata.ts'
import type { Asker, Round, Step, Wanted } from './script.ts'

/** The first event of the tour; what is for another one is moved: see `atEvent`. */
const event = 0
const by: Asker = { isStranger: false, onlyFor: null }

export function atEvent(other: number): (round: Round) => Round {
  return ({ afterSeconds, steps }) => ({
    afterSeconds,
    steps: steps.map((step) => ({ ...step, event: other })),
  })
}

export function asked(asker: Asker): (step: Step) => Step {
  return (step) => ({ ...step, by: asker })
}

export const SETTLE: Step = { event, by, type: 'settle' }

export function after(afterSeconds: number, ...steps: Step[]): Round {
  return { afterSeconds, steps }
}

type Reserve = Extract<Step, { type: 'reserve' }>

export function reserve(user: string, wish: Partial<Reserve> = {}): Step {
  const plain = { wanted: 1, hold: false, waitlist: false, metadata: {} }
  return { event, by, type: 'reserve', user, ...plain, ...wish }
}

export function on(type: 'confirm' | 'extend' | 'cancel' | 'leave_waitlist', pick: number): Step {
  if (type === 'confirm') return { event, by, type, pick, isLate: false }
  return { event, by, type, pick }
}

export function payLate(pick: number): Step {
  return { event, by, type: 'confirm', pick, isLate: true }
}

export function cancelOfUser(user: string): Step {
  return { event, by, type: 'cancel_of_user', user }
}

export function resize(
  pick: number,
  wanted: Wanted | null,
  metadata: Metadata | null = null,
): Step {
  return { event, by, type: 'resize', pick, wanted, metadata }
}

/** Numbers the seats of sections that have one row each, by their keys and pools. */
export function number(
  ...sections: [key: string, pool: string | null, seats: number | string[]][]
): Step {
  const documents = sections.map(([key, pool, names]) => {
    const seats = typeof names === 'number' ? { from: 1, to: names } : names
    return { key, pool, rows: [{ key: '1', seats }] }
  })
  return { event, by, type: 'set_seating', seating: { sections: documents } }
}

export function block(...labels: number[]): Step {
  return { event, by, type: 'block_seats', labels }
}

export function unblock(...labels: number[]): Step {
  return { event, by, type: 'unblock_seats', labels }
}

type ChangeEvent = Extract<Step, { type: 'change_event' }>

export function change(changes: ChangeEvent['changes'], isExpected = true): Step {
  return { event, by, type: 'change_event', changes, isExpected }
}

export function remove(force: boolean, isExpected = true): Step {
  return { event, by, type: 'delete_event', force, isExpected }
}
