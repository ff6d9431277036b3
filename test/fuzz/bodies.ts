import fc, { type Arbitrary } from 'fast-check'
import type { Schema } from './document.ts'
import { ids, REFERENCES, users } from './ids.ts'
import type { Known } from './known.ts'
import type { Offer } from './offers.ts'
import { mostly, valid, type Named } from './values.ts'

/** Few of what any text is mostly, so that what names another by its key hits upon it. */
const KEYS = ['ann', 'bob', 'cid']
const MOST_LABELS = 3

/** Events that sell something now, to parties, and holds that last. */
const SELLING: Named = {
  hold: fc.boolean(),
  hold_seconds: fc.integer({ min: 60, max: 600 }),
  total_seats: fc.integer({ min: 0, max: 12 }),
  capacity: fc.integer({ min: 0, max: 12 }),
  max_seats_per_booking: fc.integer({ min: 1, max: 6 }),
  sales_start_at: fc.constant('2001-01-01T00:00:00Z'),
  sales_end_at: fc.constant('2099-01-01T00:00:00Z'),
  waitlist_closes_at: fc.constant('2099-01-01T00:00:00+02:00'),
}

/**
 * Bodies that are right by their schema, and name what there is mostly.
 *
 * @param about - the offer of what the path names; a body may name another event
 */
export function bodies(schema: Schema, known: Known, about: Offer): Arbitrary<unknown> {
  const references = Object.keys(schema.properties ?? {}).filter((name) => name in REFERENCES)
  const named = references.map((name) => [name, ids(REFERENCES[name] ?? '', known)] as const)
  return fc.record(Object.fromEntries(named)).chain((those) => {
    const offer = those.event_id === undefined ? about : known.offers.of('events', those.event_id)
    const numbers = Object.entries(those).map(([name, id]) => [name, Number(id)] as const)
    return valid(schema, namesOf(offer)).chain((body) => {
      const right = { ...Object(body), ...Object.fromEntries(numbers) }
      return mostly(fc.constant<unknown>(coherent(right)), fc.constant<unknown>(right))
    })
  })
}

/** What the members can be that name parts of an offer, or make one up. */
function namesOf({ pools, ticketTypes, sections, labels }: Offer): Named {
  return {
    ...SELLING,
    user_id: users,
    key: fc.constantFrom(...KEYS),
    from: fc.constantFrom(0, 1),
    to: fc.integer({ min: 1, max: 5 }),
    pool: fc.constantFrom(null, ...pools),
    ticket_type: fc.constantFrom(...(ticketTypes.length > 0 ? ticketTypes : ['default'])),
    ...(sections.length > 0 && { section: fc.constantFrom(...sections) }),
    ...(labels.length > 0 && {
      labels: fc.uniqueArray(fc.constantFrom(...labels), { minLength: 1, maxLength: MOST_LABELS }),
    }),
  }
}

/** What asks for seats once only, and for as many as it names: no schema tells of either. */
function coherent(body: Readonly<Record<string, unknown>>): unknown {
  if (!Array.isArray(body.lines)) return body
  return { ...body, seats: undefined, lines: body.lines.map(coherentLine) }
}

function coherentLine(line: { readonly labels?: unknown }) {
  const { labels } = line
  return Array.isArray(labels) ? { ...line, seats: labels.length, best_available: undefined } : line
}
