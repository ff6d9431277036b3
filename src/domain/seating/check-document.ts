import {
  isSeatingKey,
  isSeatRange,
  MAX_NUMBERED_SEATS,
  MAX_ROW_SEATS,
  MAX_ROWS,
  MAX_SEATING_PROBLEMS,
  MAX_SECTIONS,
  seatCountOf,
  type RowDocument,
  type SeatingDocument,
  type SeatingProblem,
  type SeatRange,
} from './document.ts'

const KEY_RULE =
  "must be 1 to 16 letters, digits, '.' or '_', none of them invisible, in Unicode's composed form"
const RANGE_END_RULE = `must be an integer between 0 and ${Number.MAX_SAFE_INTEGER}`

/**
 * What is wrong with a document: the first problems, or none if it is right. Sections, rows and seats are
 * counted before anything else is looked at, so that too many of them cost nothing; no other problem is
 * told then.
 */
export function problemsOf(document: SeatingDocument): readonly SeatingProblem[] {
  const problems = new Problems()
  checkSize(document, problems)
  if (problems.told.length === 0) checkSections(document, problems)
  return problems.told
}

class Problems {
  readonly told: SeatingProblem[] = []

  add(path: string, text: string): void {
    if (!this.isFull) this.told.push({ path, text })
  }

  get isFull(): boolean {
    return this.told.length >= MAX_SEATING_PROBLEMS
  }
}

function checkSize({ sections }: SeatingDocument, problems: Problems): void {
  let rowCount = 0
  let seatCount = 0
  for (const [i, { rows }] of sections.entries()) {
    rowCount += rows.length
    for (const [j, { seats }] of rows.entries()) {
      const count = Math.max(0, seatCountOf(seats))
      seatCount += count
      if (count > MAX_ROW_SEATS) {
        const text = `must be at most ${MAX_ROW_SEATS} seats, not ${count}`
        problems.add(`sections.${i}.rows.${j}.seats`, text)
      }
    }
  }
  checkCount('sections', sections.length, MAX_SECTIONS, problems)
  checkCount('rows', rowCount, MAX_ROWS, problems)
  checkCount('seats', seatCount, MAX_NUMBERED_SEATS, problems)
}

function checkCount(what: string, count: number, limit: number, problems: Problems): void {
  if (count > limit)
    problems.add('sections', `must have at most ${limit} ${what} in all, not ${count}`)
}

function checkSections({ sections }: SeatingDocument, problems: Problems): void {
  if (sections.length === 0) problems.add('sections', 'must not be empty')
  const keys = sections.map(({ key }) => key)
  checkKeys(keys, (i) => `sections.${i}.key`, problems)
  for (const [i, { rows }] of sections.entries()) {
    if (problems.isFull) return
    checkRows(`sections.${i}.rows`, rows, problems)
  }
}

function checkRows(path: string, rows: readonly RowDocument[], problems: Problems): void {
  if (rows.length === 0) problems.add(path, 'must not be empty')
  const keys = rows.map(({ key }) => key)
  checkKeys(keys, (i) => `${path}.${i}.key`, problems)
  for (const [i, { seats }] of rows.entries()) {
    if (problems.isFull) return
    checkSeats(`${path}.${i}.seats`, seats, problems)
  }
}

function checkSeats(path: string, seats: RowDocument['seats'], problems: Problems): void {
  if (isSeatRange(seats)) {
    checkRange(path, seats, problems)
  } else {
    if (seats.length === 0) problems.add(path, 'must not be empty')
    checkKeys(seats, (i) => `${path}.${i}`, problems)
  }
}

function checkRange(path: string, { from, to }: SeatRange, problems: Problems): void {
  if (!isRangeEnd(from)) problems.add(`${path}.from`, RANGE_END_RULE)
  if (!isRangeEnd(to)) problems.add(`${path}.to`, RANGE_END_RULE)
  if (from > to) problems.add(`${path}.to`, 'must not be below from')
}

/** Numbers that are exact: the seats between them have names of their own, of 16 digits at the most. */
function isRangeEnd(number: number): boolean {
  return Number.isSafeInteger(number) && number >= 0
}

/** Each is a key, and is there once. */
function checkKeys(
  keys: readonly string[],
  pathOf: (i: number) => string,
  problems: Problems,
): void {
  const places = new Map<string, number>()
  for (const [i, key] of keys.entries()) {
    if (problems.isFull) return
    if (!isSeatingKey(key)) problems.add(pathOf(i), KEY_RULE)
    const earlier = places.get(key)
    if (earlier === undefined) places.set(key, i)
    else problems.add(pathOf(i), `must not be the same as ${pathOf(earlier)}`)
  }
}
