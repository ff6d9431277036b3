import { Type, type Static } from '@sinclair/typebox'
import { RULE_KEYWORD } from '../../config/describe-rule.ts'
import { MAX_BLOCKED_AT_ONCE } from '../../domain/policy.ts'
import { MAX_NUMBERED_SEATS, MAX_ROW_SEATS } from '../../domain/seating/document.ts'
import { SEAT_STATUSES } from '../../domain/seating/seat-map.ts'
import { component } from '../../http/answer-schema.ts'
import { PageOf } from '../../http/paging.ts'
import { MAX_ID, oneOf } from '../../http/schemas.ts'

const KEY_RULE = 'a string of 1 to 16 letters, digits, `.` and `_`'
const SeatingKey = (description: string) =>
  Type.String({ minLength: 1, maxLength: 64, [RULE_KEYWORD]: KEY_RULE, description })

const Pool = Type.Unsafe<string | null>({
  type: ['string', 'null'],
  maxLength: 63,
  description: 'Key of the pool that its seats are for; null: any ticket type may use them',
})

const SeatsOfRow = Type.Union(
  [
    // What is neither is told by the first of them that it does not fit.
    Type.Array(Type.String({ maxLength: 64 }), {
      [RULE_KEYWORD]: 'an array of names, or an object with the integers from and to',
      description: 'Their names, side by side',
    }),
    Type.Object(
      {
        from: Type.Integer({ minimum: 0, maximum: MAX_ID }),
        to: Type.Integer({ minimum: 0, maximum: MAX_ID }),
      },
      { description: 'Numbers from one through another' },
    ),
  ],
  { description: `The seats of the row, at most ${MAX_ROW_SEATS}` },
)

export const SeatingSchema = component(
  'Seating',
  Type.Object(
    {
      sections: Type.Array(
        Type.Object({
          key: SeatingKey('What labels begin with'),
          pool: Type.Optional(Pool),
          rows: Type.Array(
            Type.Object({ key: SeatingKey('What follows in labels'), seats: SeatsOfRow }),
            { description: 'Its rows, from the best on' },
          ),
        }),
        {
          description: `The sections, from the best on: at most ${MAX_NUMBERED_SEATS} seats in all`,
        },
      ),
    },
    {
      examples: [
        {
          sections: [
            { key: 'A', pool: 'stalls', rows: [{ key: '1', seats: { from: 1, to: 30 } }] },
          ],
        },
      ],
    },
  ),
  'The numbered seats of an event. The label of a seat is `section-row-seat`: `A-1-12`',
)
export type SeatingBody = Static<typeof SeatingSchema>

export const LabelsInputSchema = component(
  'LabelsInput',
  Type.Object(
    {
      labels: Type.Array(Type.String({ maxLength: 255 }), {
        minItems: 1,
        maxItems: MAX_BLOCKED_AT_ONCE,
        description: `Labels of seats, at most ${MAX_BLOCKED_AT_ONCE}`,
      }),
    },
    { examples: [{ labels: ['A-1-1', 'A-1-2'] }] },
  ),
  'Numbered seats',
)

export const SeatStatusSchema = oneOf(SEAT_STATUSES, {
  description: 'free; held or booked by a booking; blocked: not for sale',
})

export const SeatSchema = component(
  'Seat',
  Type.Object({
    label: Type.String({ description: 'What lines of bookings name it by' }),
    section: Type.String({ description: 'Key of its section' }),
    pool: Type.Unsafe<string | null>({
      type: ['string', 'null'],
      description: "Key of the section's pool; null: any ticket type may use it",
    }),
    status: SeatStatusSchema,
  }),
  'A numbered seat as it is now',
)

export const SeatPageSchema = PageOf('SeatPage', {
  description: 'A page of seats',
  rows: 'seats',
  schema: SeatSchema,
  order: 'The seats, in the order of the seating',
})

export const seatingExample: SeatingBody = {
  sections: [{ key: 'A', pool: 'stalls', rows: [{ key: '1', seats: { from: 1, to: 30 } }] }],
}

export const seatExample = {
  label: 'A-1-12',
  section: 'A',
  pool: 'stalls',
  status: 'free' as const,
}
