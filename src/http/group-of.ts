import type { Caller } from '../domain/access.ts'
import type { Group } from '../engine/groups.ts'

/** The group of who asks, for a fair share: his tenant, where callers are told apart. */
export function groupOf({ actor, tenantId }: Caller): Group {
  return actor === null ? null : tenantId
}
