/** The numbered seats of an event, as its organizer gives them. */
export interface SeatingDocument {
  readonly sections: readonly SectionDocument[]
}

export interface SectionDocument {
  readonly key: string
  /** The key of the pool that its seats are for; null for a section that any ticket type may use. */
  readonly pool: string | null
  readonly rows: readonly RowDocument[]
}

export interface RowDocument {
  readonly key: string
  /** The names of the seats as they stand side by side, or the numbers that they have. */
  readonly seats: readonly string[] | SeatRange
}

/** Seats that are called by the whole numbers from one on, through another. */
export interface SeatRange {
  readonly from: number
  readonly to: number
}

/** What is wrong with a part of the document: `path` and `text` make a sentence. */
export interface SeatingProblem {
  /** The place in the document: `sections.0.rows.2.key`. */
  readonly path: string
  readonly text: string
}

/** No event may have more numbered seats. */
export const MAX_NUMBERED_SEATS = 100_000

/** No row may have more: to choose seats of a row, all of it is looked at, often more than once. */
export const MAX_ROW_SEATS = 1000

/** No event may have more rows, in all sections: a row takes as much memory as many seats. */
export const MAX_ROWS = 20_000

/** Nor more sections. */
export const MAX_SECTIONS = 1000

/** As many problems are told at the most: each of them costs memory, and is sent. */
export const MAX_SEATING_PROBLEMS = 20

/**
 * A key of a section or a row, or the name of a seat: 1 to 16 letters of any script (and the marks on
 * them), digits, `.` and `_`, as code points. There is neither a hyphen nor a space in it, so that a
 * label such as `A-1-12` comes apart in one way only; nor a letter or a mark that nobody sees, such as
 * U+3164 and the variation selectors.
 */
export const SEATING_KEY = /^(?:(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{M}\p{Nd}._]){1,16}$/u

/** Most are; that is faster to see. */
const PLAIN_KEY = /^[A-Za-z0-9._]{1,16}$/

/**
 * Whether a section, row or seat may be called so. Text that can be written in several ways has to be
 * in its composed form (NFC): two seats must not look the same.
 */
export function isSeatingKey(text: string): boolean {
  return PLAIN_KEY.test(text) || (SEATING_KEY.test(text) && text === text.normalize())
}

/** Whether the seats of a row are given by their numbers. */
export function isSeatRange(seats: RowDocument['seats']): seats is SeatRange {
  return 'from' in seats
}

/** The seats that a row has, for a range that is right; 0 or less where it has none. */
export function seatCountOf(seats: RowDocument['seats']): number {
  return isSeatRange(seats) ? seats.to - seats.from + 1 : seats.length
}
