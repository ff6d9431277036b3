import { Type, type Static } from '@sinclair/typebox'
import type { AskedLine, AskedSeats } from '../../domain/commands/bookings.ts'
import { DEFAULT_TYPE, type Booking } from '../../domain/model.ts'
import { MAX_LINES, MAX_SEATS_PER_BOOKING } from '../../domain/policy.ts'
import { component, refTo } from '../../http/answer-schema.ts'
import { HttpError } from '../../http/errors.ts'
import { Key } from '../../http/schemas.ts'
import { Optional } from '../../http/validation/optional.ts'

// Lines of a booking: its seats by their ticket types.

const LineInputSchema = Type.Object(
  {
    ticket_type: Key('Key of the ticket type'),
    seats: Type.Integer({
      minimum: 1,
      maximum: MAX_SEATS_PER_BOOKING,
      description: 'Number of seats of it',
    }),
    labels: Optional(
      Type.Array(Type.String({ maxLength: 255 }), {
        minItems: 1,
        maxItems: MAX_SEATS_PER_BOOKING,
        description: 'Labels of the numbered seats that they are to be, as many as `seats`',
      }),
    ),
    best_available: Optional(
      Type.Object(
        {
          section: Type.Optional(
            Type.Unsafe<string | null>({
              type: ['string', 'null'],
              maxLength: 64,
              description: 'Key of the section; default: any that the ticket type is for',
            }),
          ),
          split: Optional(
            Type.Boolean({
              description:
                'Whether they may be apart, if they can’t be side by side; default: false',
            }),
          ),
        },
        {
          description:
            'Has the service choose the best seats that are free, side by side. Lines that ask for the ' +
            'same are seated together',
        },
      ),
    ),
  },
  { description: 'Seats of one ticket type that are asked for' },
)

export const Lines = Optional(
  Type.Array(LineInputSchema, {
    minItems: 1,
    maxItems: MAX_LINES,
    description: 'The seats by their ticket types, instead of `seats`',
  }),
)

export const LineSchema = component(
  'Line',
  Type.Object({
    ticket_type: Type.String({ description: 'Key of the ticket type' }),
    seats: Type.Integer({ description: 'Number of seats of it' }),
    labels: Type.Array(Type.String(), {
      description:
        'Labels of the numbered seats that they are; empty if they have no numbers (yet)',
    }),
  }),
  'Seats of one ticket type',
)

export const LinesShown = Type.Array(refTo(LineSchema), {
  description: 'The seats by their ticket types',
})

interface SeatsInput {
  readonly seats?: number
  readonly lines?: readonly LineInput[]
}

type LineInput = Static<typeof LineInputSchema>

/**
 * The seats that a body asks for; undefined where it asks for none.
 *
 * @throws HttpError where it asks twice
 */
export function seatsAsked({ seats, lines }: SeatsInput): AskedSeats | undefined {
  if (lines === undefined) return seats === undefined ? undefined : { seats, lines: null }
  if (seats !== undefined) {
    throw new HttpError('validation_failed', { text: 'seats and lines must not both be given' })
  }
  return {
    seats: lines.reduce((sum, line) => sum + line.seats, 0),
    lines: lines.map(askedLine),
  }
}

function askedLine(line: LineInput, place: number): AskedLine {
  const { ticket_type: ticketType, seats, labels, best_available: best } = line
  if (labels !== undefined && best !== undefined) {
    const text = `lines.${place}.labels and lines.${place}.best_available must not both be given`
    throw new HttpError('validation_failed', { text })
  }
  return {
    ticketType,
    seats,
    ...(labels !== undefined && { labels }),
    ...(best !== undefined && {
      bestAvailable: { section: best.section ?? null, split: best.split ?? false },
    }),
  }
}

/** @throws HttpError where somebody is to wait for seats by their labels */
export function checkWaitable({ lines }: AskedSeats): void {
  const line = (lines ?? []).findIndex(({ labels }) => labels !== undefined)
  if (line === -1) return
  const text = `lines.${line}.labels can't be waited for: with waitlist, leave them out`
  throw new HttpError('validation_failed', { text })
}

/** Lines as JSON. */
export function linesJson({ seats, lines }: Pick<Booking, 'seats' | 'lines'>) {
  if (lines === null) return [{ ticket_type: DEFAULT_TYPE, seats, labels: [] }]
  return lines.map(({ ticketType, seats: ofLine, labels = [] }) => ({
    ticket_type: ticketType,
    seats: ofLine,
    labels: [...labels],
  }))
}
