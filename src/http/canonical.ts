import { createHash } from 'node:crypto'

/**
 * JSON whose members are sorted by name, so that equal values give equal texts whatever order they
 * were written or stored in.
 */
export function canonicalJson(value: object | string | number | boolean | null): string {
  return JSON.stringify(value, sortMembers)
}

/** Whether arrays and objects are nested deeper than `maxDepth`; descends no further. */
export function isDeeperThan(value: unknown, maxDepth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (maxDepth === 0) return true
  return Object.values(value).some((member) => isDeeperThan(member, maxDepth - 1))
}

/** SHA-256 over the parts as base64url. Lengths are hashed too, or `ab, c` would equal `a, bc`. */
export function digest(...parts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length}:`).update(part)
  return hash.digest('base64url')
}

function sortMembers(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
