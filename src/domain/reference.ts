/**
 * What people call a booking: short enough to be read out, with no characters that look alike. It is the
 * booking's id in another form, and so as unique as that, within a tenant and beyond it.
 */

/** Without 0, 1, I and O. Five bits a character. */
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'
const VALUES = new Map(Array.from(ALPHABET, (character, value) => [character, value]))

/** Ids below this one have references of {@link LENGTH} characters. */
const IDS = 2 ** 40
const LENGTH = 8
/** Characters that come before them for the other ids. */
const MORE_LENGTH = 3

const HALF = 2 ** 20
const HALF_MASK = HALF - 1
const ROUNDS = [0x9e377, 0x7f4a7, 0xc15f3, 0x5bd1e] as const

/**
 * The reference of a booking: 8 characters, and 11 for an id from 2^40 on, of which there are a million
 * million before.
 *
 * Neighbouring ids get references that look nothing alike, so that a slip of the pen names no other
 * booking of the same evening. It hides nothing: the constants are public, and whoever has a reference can
 * work out the id. What may be read is decided by who asks.
 *
 * @param id - from 0 to 2^53 - 1
 */
export function referenceOf(id: number): string {
  const rest = id % IDS
  const more = Math.floor(id / IDS)
  const short = textOf(mixed(rest), LENGTH)
  return more === 0 ? short : textOf(more, MORE_LENGTH) + short
}

/**
 * The id of the booking that has this reference, in whatever case, and with spaces and hyphens anywhere;
 * undefined for a text that is no reference.
 */
export function idOfReference(text: string): number | undefined {
  // Before letters are made large: there are others, such as ß and ſ, that become ours.
  if (!/^[2-9A-Za-z -]*$/.test(text)) return undefined
  const characters = text.replace(/[ -]/g, '').toUpperCase()
  const more = characters.length - LENGTH
  if (more !== 0 && more !== MORE_LENGTH) return undefined
  const rest = valueOf(characters.slice(more))
  const above = valueOf(characters.slice(0, more))
  if (rest === undefined || above === undefined) return undefined
  const id = above * IDS + unmixed(rest)
  // Each booking has one reference, and ids begin with 1.
  const isOne = id > 0 && Number.isSafeInteger(id) && (more === 0 || above > 0)
  return isOne ? id : undefined
}

/** A Feistel network over two halves of 20 bits: whatever a round comes to, it can be undone. */
function mixed(number: number): number {
  let left = Math.floor(number / HALF)
  let right = number % HALF
  for (const constant of ROUNDS) [left, right] = [right, left ^ roundOf(right, constant)]
  return left * HALF + right
}

function unmixed(number: number): number {
  let left = Math.floor(number / HALF)
  let right = number % HALF
  for (const constant of ROUNDS.toReversed()) {
    ;[left, right] = [right ^ roundOf(left, constant), left]
  }
  return left * HALF + right
}

/** The bits in the middle of a product: each of them turns on many of the half's. */
function roundOf(half: number, constant: number): number {
  return (Math.imul(half ^ constant, 0x85ebca6b) >>> 9) & HALF_MASK
}

/** In base 32. */
function textOf(number: number, length: number): string {
  let text = ''
  for (let rest = number; text.length < length; rest = Math.floor(rest / 32)) {
    text = ALPHABET.charAt(rest % 32) + text
  }
  return text
}

function valueOf(characters: string): number | undefined {
  let value = 0
  for (const character of characters) {
    const digit = VALUES.get(character)
    if (digit === undefined) return undefined
    value = value * 32 + digit
  }
  return value
}
