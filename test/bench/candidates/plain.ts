import type { Command, Refusal, ReserveCommand } from '../../../src/domain/commands.ts'
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
  return {
    async execute(command: Command) {
      if (command.type !== 'reserve') throw new TypeError('only reserve is measured')
      const outcome = await reserve(command)
      if (!outcome.ok) return { kind: 'decided', outcome }
      const { eventId, userId } = command
      const { id, createdAt } = outcome
      const plain = { seats: 1, status: 'confirmed', expiresAt: null } as const
      const booking = { id, eventId, userId, createdAt, ...plain }
      return { kind: 'decided', outcome: { ok: true, result: { kind: 'booking', booking } } }
    },
    close,
  }
}
