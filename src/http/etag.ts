import type { ExpectedFingerprints } from '../domain/commands.ts'
import { fingerprintOf } from '../domain/fingerprint.ts'
import type { EventView } from '../domain/model.ts'

// RFC 9110, section 8.8.3: entity-tag = [ "W/" ] DQUOTE *etagc DQUOTE
const ENTITY_TAG = /(W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g

/** The strong entity tag of an event (RFC 9110, section 8.8.3). */
export function eventTag(event: EventView): string {
  return `"${fingerprintOf(event)}"`
}

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

/**
 * Whether `If-None-Match` says that the client has this representation already (RFC 9110, section
 * 13.1.2): compared weakly.
 */
export function ifNoneMatchFails(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false
  if (header.trim() === '*') return true
  return [...header.matchAll(ENTITY_TAG)].some(([, , opaque]) => opaque === tag)
}
