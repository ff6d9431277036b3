import type { Static } from '@sinclair/typebox'
import type { Origin } from '../../domain/commands/asked.ts'
import type { ReserveCommand } from '../../domain/commands/bookings.ts'
import { checkWaitable, seatsAsked } from './lines.ts'
import type { ImportLineSchema } from './reserve-input.ts'

const ONE_SEAT = { seats: 1, lines: null }

/**
 * The command that what is to be reserved comes to, in a request of its own or in a line of an import.
 *
 * @throws HttpError where members don't go together
 */
export function reserveCommand(
  eventId: number,
  input: Static<typeof ImportLineSchema>,
  origin: Origin,
): ReserveCommand {
  const { user_id: userId, hold, waitlist, metadata } = input
  const asked = seatsAsked(input) ?? ONE_SEAT
  if (waitlist) checkWaitable(asked)
  return {
    type: 'reserve',
    eventId,
    origin,
    userId,
    ...asked,
    hold: hold ?? false,
    waitlist: waitlist ?? false,
    metadata,
  }
}
