import { readFileSync } from 'node:fs'

/** The part of the file descriptors that clients may have: the database and files need the rest. */
const PART_FOR_CLIENTS = 0.75

/**
 * How many connections the process can hold open, up to `wanted`: without a file descriptor left,
 * it could accept nobody and reach no database.
 */
export function affordableConnections(wanted: number): number {
  const descriptors = maxDescriptors()
  return Math.max(1, Math.min(wanted, Math.floor(descriptors * PART_FOR_CLIENTS)))
}

/** The process's soft limit of file descriptors; infinite where the system does not tell. */
export function maxDescriptors(): number {
  const soft = /^Max open files\s+(\d+)/m.exec(limits())?.[1]
  return soft === undefined ? Infinity : Number(soft)
}

// Linux only; elsewhere the operator has to know.
function limits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8')
  } catch {
    return ''
  }
}
