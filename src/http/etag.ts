import type { ExpectedFingerprints } from '../domain/commands/events.ts'
import type { ExpectedSeating } from '../domain/commands/seating.ts'
import { fingerprintOf } from '../domain/fingerprint.ts'
import type { EventView } from '../domain/model.ts'

// RFC 9110, section 8.8.3: entity-tag = [ "W/" ] DQUOTE *etagc DQUOTE
const ENTITY_TAG = /(W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g

/** The strong entity tag of an event (RFC 9110, section 8.8.3). */
export function eventTag(event: EventView): string {
  return `"${fingerprintOf(event)}"`
}

/**
 * The headers of an answer that has an event's tag. A proxy that compresses would weaken the tag, and
 * then `If-Match` never fits: `no-transform` forbids it (RFC 9111, section 5.2.2.6).
 */
export function tagHeaders(tag: string): Record<string, string> {
  return { etag: tag, 'cache-control': 'no-transform' }
}

/** What to say of an `If-Match` that did not fit; undefined where it is the usual. */
export function mismatchText(ifMatch: string | undefined): string | undefined {
  const tags = [...(ifMatch ?? '').matchAll(ENTITY_TAG)]
  return tags.length > 0 && tags.every(([, weak]) => weak !== undefined) ? WEAK_TAG : undefined
}

const WEAK_TAG =
  'If-Match has a weak tag (W/…), which never fits; a proxy that compresses may have weakened it'

/**
 * What `If-Match` asks of an event (RFC 9110, section 13.1.1): tags are compared strongly, so a weak
 * one never fits; nor does a value that is none. Null where anything fits.
 */
export function expectedBy(ifMatch: string | undefined): ExpectedFingerprints {
  if (ifMatch === undefined || ifMatch.trim() === '*') return null
  return [...ifMatch.matchAll(ENTITY_TAG)].flatMap(([, weak, opaque = '']) =>
    weak ? [] : opaque.slice(1, -1),
  )
}

/** The headers by which a change of a seating is made conditional. */
interface SeatingConditions {
  readonly 'if-match'?: string | undefined
  readonly 'if-none-match'?: string | undefined
}

/**
 * What conditions ask of a seating. Unlike an event, it may not be there: then no `If-Match` fits, `*`
 * neither, and `If-None-Match: *` does (RFC 9110, sections 13.1.1 and 13.1.2). Tags in `If-None-Match` ask
 * for nothing: nobody has a use for a change of all but one seating.
 */
export function expectedSeatingBy(headers: SeatingConditions): ExpectedSeating {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers
  const isFirst = ifNoneMatch?.trim() === '*'
  if (ifMatch === undefined) return isFirst ? 'none' : null
  // What is both there and not there nothing is.
  if (isFirst) return []
  return expectedBy(ifMatch) ?? 'some'
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
