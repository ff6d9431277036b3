import fc, { type Arbitrary } from 'fast-check'
import type { Schema } from './document.ts'

/** Texts that have been trouble somewhere: in databases, logs, comparisons, URLs. */
const ODD_TEXTS = [
  ...['null', 'undefined', 'NaN', '__proto__', 'constructor', '%', '%00', '../..', '\\', '"', "'"],
  ...["' OR 1=1 --", '$1', '${a}', '😀', 'Zoë', 'Zoe\u0308', '\u202e', 'ﷺ'],
]
export const oddText = fc.constantFrom(...ODD_TEXTS)

// Costly to make.
const ANY_TEXT = fc.string({ unit: 'grapheme', maxLength: 20 })

/** Texts that the schema allows, some of them odd. */
export function texts({ pattern, minLength = 0, maxLength = 255 }: Schema): Arbitrary<string> {
  const fits = pattern === undefined ? undefined : new RegExp(pattern, 'u')
  const plain = /^[^\p{Cc}\p{Cs}]*$/u
  const any = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('ann', 'bob', 'cid', 'dan', 'eve', 'flo') },
    // A time zone, which few texts are.
    { weight: 1, arbitrary: fc.constant('UTC') },
    { weight: 2, arbitrary: ANY_TEXT },
    { weight: 1, arbitrary: oddText },
    { weight: 1, arbitrary: fc.constant('ü'.repeat(Math.min(maxLength, 255))) },
  )
  // What is blank may be refused without a pattern that says so.
  return any.filter(
    (text) =>
      text.trim() !== '' &&
      text.length >= minLength &&
      plain.test(text) &&
      fits?.test(text) !== false,
  )
}

export function moments(): Arbitrary<string> {
  const dates = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
  return fc.tuple(dates, fc.constantFrom('Z', '+02:00', '-11:30')).map(([date, zone]) => {
    return date.toISOString().replace('Z', zone)
  })
}
