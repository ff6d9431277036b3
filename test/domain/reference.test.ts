import fc from 'fast-check'
import t from 'tap'
import { idOfReference, referenceOf } from '../../src/domain/reference.ts'
import { seedFor } from '../helpers/random.ts'

const FORM = /^[23456789ABCDEFGHJKLMNPQRSTUVWXYZ]+$/
const LAST_SHORT = 2 ** 40 - 1
const MAX = Number.MAX_SAFE_INTEGER
const anyId = fc.oneof(
  fc.integer({ min: 1, max: 100_000 }),
  fc.integer({ min: 1, max: LAST_SHORT }),
  fc.integer({ min: LAST_SHORT + 1, max: MAX }),
  fc.constantFrom(1, LAST_SHORT, LAST_SHORT + 1, MAX),
)

t.test('a reference is of one id, and short', async (t) => {
  const property = fc.property(anyId, (id) => {
    const reference = referenceOf(id)
    return (
      FORM.test(reference) &&
      reference.length === (id <= LAST_SHORT ? 8 : 11) &&
      idOfReference(reference) === id
    )
  })
  fc.assert(property, { numRuns: 5000, seed: seedFor(t) })
})

t.test('each text of its form that has an id is the reference of that id alone', async (t) => {
  const character = fc.constantFrom(...Array.from('23456789ABCDEFGHJKLMNPQRSTUVWXYZ'))
  const text = fc.oneof(
    fc.string({ unit: character, minLength: 8, maxLength: 8 }),
    fc.string({ unit: character, minLength: 11, maxLength: 11 }),
  )
  const property = fc.property(text, (reference) => {
    const id = idOfReference(reference)
    if (id !== undefined) return referenceOf(id) === reference && id <= MAX
    return reference.length === 11 || reference === referenceOf(0)
  })
  fc.assert(property, { numRuns: 5000, seed: seedFor(t) })
})

t.test('it stands as it was printed, whatever the version', async (t) => {
  t.strictSame([1, 2, 3, LAST_SHORT + 1, MAX].map(referenceOf), [
    ...['TFP7XJZ3', 'JML2CCLQ', 'PXDXEJZV'],
    ...['223B9G34LYR', '9ZZ7XMMTR7C'],
  ])
})

t.test('neighbours look nothing alike', async (t) => {
  const references = Array.from({ length: 2000 }, (_, i) => referenceOf(i + 1))
  const alike = references.slice(1).map((reference, i) => placesInCommon(reference, references[i]))
  t.equal(new Set(references).size, references.length)
  t.ok(Math.max(...alike) <= 4, `${Math.max(...alike)} places at the most`)
})

t.test('case, spaces and hyphens make no difference; nothing else goes', async (t) => {
  const property = fc.property(anyId, fc.nat(7), (id, at) => {
    const reference = referenceOf(id)
    const parted = `${reference.slice(0, at)} -${reference.slice(at)} `
    return [reference.toLowerCase(), parted, parted.toLowerCase()].every(
      (text) => idOfReference(text) === id,
    )
  })
  fc.assert(property, { numRuns: 1000, seed: seedFor(t) })
  const reference = referenceOf(7)
  const wrong = ['', ' - ', reference.slice(1), `${reference}2`, `222${reference}`, referenceOf(0)]
  const unlike = ['0', '1', 'I', 'o', '_', '.', '\u00df', '\u017f', '\n', '\u00a0', '\u{1d5e0}']
  for (const text of [
    ...wrong,
    ...unlike.map((each) => reference.slice(1) + each),
    'Z'.repeat(11),
  ]) {
    t.equal(idOfReference(text), undefined, JSON.stringify(text))
  }
})

function placesInCommon(a: string, b = ''): number {
  return Array.from(a).filter((character, i) => character === b[i]).length
}
