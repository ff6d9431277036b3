import { hash } from 'node:crypto'

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
  return hash('sha256', parts.map((part) => `${part.length}:${part}`).join(''), 'base64url')
}

function sortMembers(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
