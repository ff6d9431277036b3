import { digest } from './canonical.ts'

// RFC 9110, section 8.8.3: entity-tag = [ "W/" ] DQUOTE *etagc DQUOTE
const ENTITY_TAG = /(W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g

/** The strong entity tag of a representation (RFC 9110, section 8.8.3). */
export function entityTag(representation: object): string {
  return `"${digest(JSON.stringify(representation)).slice(0, 27)}"`
}

/**
 * Whether `If-Match` lets a request through (RFC 9110, section 13.1.1): compared strongly, so a
 * weak tag never fits; nor does a value that is none. Without the header everything fits.
 *
 * @param tag - makes the current tag, where it is needed
 */
export function ifMatchHolds(header: string | undefined, tag: () => string): boolean {
  if (header === undefined || header.trim() === '*') return true
  const wanted = tag()
  return [...header.matchAll(ENTITY_TAG)].some(([, weak, opaque]) => !weak && opaque === wanted)
}

/**
 * Whether `If-None-Match` says that the client has this representation already (RFC 9110, section
 * 13.1.2): compared weakly.
 */
export function ifNoneMatchFails(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false
  if (header.trim() === '*') return true
  return [...header.matchAll(ENTITY_TAG)].some(([, , opaque]) => opaque === tag)
}
