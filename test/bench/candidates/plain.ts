import type { ReserveCommand } from '../../../src/domain/commands/bookings.ts'
import { booked, refuse, type Refusal } from '../../../src/domain/outcomes.ts'
import { isOutcomeOf } from '../../../src/domain/successes.ts'
import type { Reservations } from '../../../src/engine/engine.ts'

/** What came of a plain reservation: one seat, confirmed at once. */
export type PlainOutcome =
  | { readonly ok: true; readonly id: number; readonly createdAt: Date }
  | { readonly ok: false; readonly refusal: Refusal }

/** An engine that knows plain reservations only, in the place of the service's own. */
export function plainEngine(
  reserve: (command: ReserveCommand) => Promise<PlainOutcome>,
  close: () => Promise<void> = () => Promise.resolve(),
): Reservations {
  const plain = { seats: 1, lines: null, status: 'confirmed', expiresAt: null } as const
  return {
    async execute(command) {
      if (command.type !== 'reserve') throw new TypeError('only reserve is measured')
      const made = await reserve(command)
      const { eventId, userId } = command
      const outcome = made.ok
        ? booked({ id: made.id, eventId, userId, createdAt: made.createdAt, ...plain })
        : refuse(made.refusal)
      if (!isOutcomeOf(command, outcome)) throw new TypeError('a reservation came to naught')
      return { outcome, isReplayed: false }
    },
    close,
  }
}
