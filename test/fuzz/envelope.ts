import type { Answer } from './asked.ts'

export interface Problem {
  readonly code: string
  readonly detail: string
}

/** What a refusal turns on, where it does. */
const TURNED_ON = new Set([
  ...['line', 'key', 'pool', 'available', 'waiting_before'],
  ...['labels', 'labels_taken', 'event_status', 'booking'],
])

/** Problem details of a refusal; undefined where it has the default envelope. */
export function problemOf({ headers, body }: Answer): Problem | undefined {
  if (!/^application\/problem\+json\b/.test(headers['content-type'] ?? '')) return undefined
  const value = parse(body)
  return isProblem(value) ? value : undefined
}

/** Whether a refusal is in one of the two envelopes, by its type, and has no member beside. */
export function isError(answer: Answer): boolean {
  const { status, headers, body } = answer
  if (/^application\/problem\+json\b/.test(headers['content-type'] ?? '')) {
    const value = parse(body)
    return isProblem(value) && Reflect.get(value, 'status') === status
  }
  if (!/^application\/json\b/.test(headers['content-type'] ?? '')) return false
  const value = parse(body)
  return hasOnly(value, ['error']) && typeof Reflect.get(value, 'error') === 'string'
}

function isProblem(value: unknown): value is Problem {
  if (typeof value !== 'object' || value === null) return false
  const names = ['type', 'title', 'status', 'detail', 'code']
  const given = Object.keys(value).filter((name) => !TURNED_ON.has(name))
  if (given.sort().join() !== names.sort().join()) return false
  return ['type', 'title', 'detail', 'code'].every(
    (name) => typeof Reflect.get(value, name) === 'string',
  )
}

function hasOnly(value: unknown, names: readonly string[]): value is object {
  if (typeof value !== 'object' || value === null) return false
  // The last state of a booking that has ended stands beside.
  const found = Object.keys(value).filter((name) => name !== 'booking')
  return found.sort().join() === [...names].sort().join()
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
