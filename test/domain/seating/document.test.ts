import t from 'tap'
import {
  isSeatingKey,
  MAX_SEATING_PROBLEMS,
  type RowDocument,
  type SeatingDocument,
} from '../../../src/domain/seating/document.ts'
import { expandSeating } from '../../../src/domain/seating/seating.ts'
import { sectionOf } from './halls.ts'

const KEY_RULE =
  "must be 1 to 16 letters, digits, '.' or '_', none of them invisible, in Unicode's composed form"
const NUMBER_RULE = 'must be an integer between 0 and 9007199254740991'

/** The problems, as sentences. */
function told(document: SeatingDocument): string[] {
  const expanded = expandSeating(document)
  if (expanded.kind === 'seating') return []
  return expanded.problems.map(({ path, text }) => `${path} ${text}`)
}

/** The problems of a row with these seats. */
function toldOf(seats: RowDocument['seats']): string[] {
  return told({ sections: [sectionOf('A', seats)] })
}

t.test('keys have letters of any script, digits, dots and underscores', async (t) => {
  for (const key of [
    'A',
    '12',
    '0',
    'é',
    'Ложа',
    '階',
    'क्ष',
    '٣',
    'a.b_c',
    'x'.repeat(16),
    '𝒜'.repeat(16),
  ]) {
    t.ok(isSeatingKey(key), key)
  }
  for (const key of [
    '',
    'a-b',
    'a b',
    'x'.repeat(17),
    '1\n',
    'a/b',
    '-',
    '–',
    '\0',
    '½',
    '😀',
    '\ud835',
  ]) {
    t.notOk(isSeatingKey(key), JSON.stringify(key))
  }
  t.notOk(isSeatingKey('e\u0301'), 'it looks like é, and is another text')
  // Of the code points that are not to be shown, those that are letters, or marks.
  for (const unseen of ['\u3164', '\uffa0', '\u115f', '\u034f', '\ufe0f', '\u180b', '\u{e0100}']) {
    for (const key of [unseen, `A${unseen}`, `${unseen}1`, `a${unseen}b`]) {
      t.notOk(isSeatingKey(key), JSON.stringify(key))
    }
  }
})

t.test('nothing is called like its neighbour', async (t) => {
  t.same(
    told({ sections: [sectionOf('A', ['1']), sectionOf('B', ['1']), sectionOf('A', ['1'])] }),
    ['sections.2.key must not be the same as sections.0.key'],
  )
  const rows = ['1', '2', '2'].map((key) => ({ key, seats: ['1'] }))
  t.same(told({ sections: [sectionOf('A', ['1']), { key: 'B', pool: null, rows }] }), [
    'sections.1.rows.2.key must not be the same as sections.1.rows.1.key',
  ])
  t.same(toldOf(['1', '2', '1', '1']), [
    'sections.0.rows.0.seats.2 must not be the same as sections.0.rows.0.seats.0',
    'sections.0.rows.0.seats.3 must not be the same as sections.0.rows.0.seats.0',
  ])
  t.same(told({ sections: [sectionOf('A', ['1'], ['1']), sectionOf('B', ['1'])] }), [])
})

t.test('each key is looked at', async (t) => {
  const rows = [{ key: 'a b', seats: ['1', 'a-b'] }]
  t.same(told({ sections: [sectionOf('A', ['1']), { key: '', pool: null, rows }] }), [
    `sections.1.key ${KEY_RULE}`,
    `sections.1.rows.0.key ${KEY_RULE}`,
    `sections.1.rows.0.seats.1 ${KEY_RULE}`,
  ])
})

t.test('nothing is empty', async (t) => {
  t.same(told({ sections: [] }), ['sections must not be empty'])
  t.same(told({ sections: [sectionOf('A')] }), ['sections.0.rows must not be empty'])
  t.same(toldOf([]), ['sections.0.rows.0.seats must not be empty'])
})

t.test('numbers of seats are whole, exact and in order', async (t) => {
  t.same(toldOf({ from: 7, to: 7 }), [])
  t.same(toldOf({ from: 0, to: 1 }), [])
  t.same(toldOf({ from: 8, to: 7 }), ['sections.0.rows.0.seats.to must not be below from'])
  t.same(toldOf({ from: -1, to: 7 }), [`sections.0.rows.0.seats.from ${NUMBER_RULE}`])
  t.same(toldOf({ from: 1, to: 7.5 }), [`sections.0.rows.0.seats.to ${NUMBER_RULE}`])
  const largest = Number.MAX_SAFE_INTEGER
  t.same(toldOf({ from: largest - 1, to: largest }), [])
  t.same(toldOf({ from: largest, to: largest + 1 }), [`sections.0.rows.0.seats.to ${NUMBER_RULE}`])
})

t.test('seats, rows and sections are counted before any of them is made', async (t) => {
  const longest = { from: 1, to: 1000 }
  const half = Array.from({ length: 50 }, () => longest)
  t.same(told({ sections: [sectionOf('A', ...half), sectionOf('B', ...half)] }), [])
  t.same(told({ sections: [sectionOf('A', ...half, ['a b']), sectionOf('A', ...half)] }), [
    'sections must have at most 100000 seats in all, not 100001',
  ])
  t.same(
    told({ sections: [sectionOf('A', ...half, ...half, ['1'], { from: 9, to: 1 })] }),
    ['sections must have at most 100000 seats in all, not 100001'],
    'a row that has less than none takes nothing off',
  )
  const rows = Array.from({ length: 20_001 }, () => ['1'])
  t.same(told({ sections: [sectionOf('A', ...rows)] }), [
    'sections must have at most 20000 rows in all, not 20001',
  ])
  t.same(told({ sections: [sectionOf('A', ...rows.slice(1))] }), [])
  const sections = Array.from({ length: 1001 }, (_, i) => sectionOf(`S${i}`, ['1']))
  t.same(told({ sections }), ['sections must have at most 1000 sections in all, not 1001'])
  t.same(told({ sections: sections.slice(1) }), [])
})

t.test('each row that is too long is named, before its seats are made', async (t) => {
  const [names, range] = [Array.from({ length: 1001 }, () => '-'), { from: 1, to: 1001 }]
  const second = sectionOf('A', ['1'], ['a b'], range)
  t.same(told({ sections: [sectionOf('A', names), second] }), [
    'sections.0.rows.0.seats must be at most 1000 seats, not 1001',
    'sections.1.rows.2.seats must be at most 1000 seats, not 1001',
  ])
  t.same(toldOf({ from: 1, to: 2_000_000_000 }), [
    'sections.0.rows.0.seats must be at most 1000 seats, not 2000000000',
    'sections must have at most 100000 seats in all, not 2000000000',
  ])
  const tooLong = Array.from({ length: 30 }, () => range)
  t.equal(told({ sections: [sectionOf('A', ...tooLong)] }).length, MAX_SEATING_PROBLEMS)
})

t.test('only the first problems are told', async (t) => {
  const problems = toldOf(Array.from({ length: 1000 }, () => '-'))
  t.equal(problems.length, MAX_SEATING_PROBLEMS)
  t.equal(problems[0], `sections.0.rows.0.seats.0 ${KEY_RULE}`)
})
