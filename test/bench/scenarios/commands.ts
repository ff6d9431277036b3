import { againstPlain, type Scenario } from './model.ts'

const LINE = { events: 1, waiting: 100_000, soldOut: true }

/** What else is asked for, each against plain bookings of one hot event. */
export const COMMANDS: readonly Scenario[] = [
  againstPlain('keys', 'Each booking under a key of its own', {
    ask: 'keyed',
    label: 'under keys',
  }),
  againstPlain('holds', 'Each booking a hold', { ask: 'hold', label: 'holds' }),
  againstPlain('join', 'Joining a line of 100,000', {
    ask: 'join',
    label: 'joins',
    expectedStatuses: [202],
    arrangement: { ...LINE, booked: 1 },
  }),
  againstPlain('cancel', 'Cancelling, each for the next of a line of 100,000', {
    ask: 'cancel',
    label: 'cancellations',
    expectedStatuses: [204],
    arrangement: { ...LINE, booked: 100_000 },
  }),
]
