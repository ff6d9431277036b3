import { readdir, readFile } from 'node:fs/promises'
import { platform } from 'node:os'

// Linux tells user space in hundredths of a second, on every architecture that Node runs on.
const MICROS_PER_TICK = 10_000

interface Times {
  readonly parent: number
  /** Of the process itself, and of its children that have ended, in microseconds. */
  readonly own: number
  readonly reaped: number
}

/**
 * CPU time that a process and its children have taken so far, in microseconds, those that have ended
 * included; null where the system does not tell.
 */
export async function cpuMicrosOfFamily(pid: number): Promise<number | null> {
  if (platform() !== 'linux') return null
  const entries = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const all = await Promise.all(
    entries.map(async (entry) => [Number(entry), await timesOf(entry)] as const),
  )
  const living = all.reduce(
    (total, [of, times]) => (times?.parent === pid && of !== pid ? total + times.own : total),
    0,
  )
  const parent = all.find(([of]) => of === pid)?.[1]
  return parent == null ? null : living + parent.own + parent.reaped
}

/** Null for a process that has ended meanwhile. */
async function timesOf(pid: string): Promise<Times | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  return text === null ? null : parseStat(text)
}

/** The fields of `/proc/<pid>/stat`; see proc(5). */
export function parseStat(text: string): Times {
  // Before these comes the program's name, in parentheses, with any characters in it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const ticks = (field: number): number => Number(fields[field - 3]) * MICROS_PER_TICK
  return { parent: Number(fields[1]), own: ticks(14) + ticks(15), reaped: ticks(16) + ticks(17) }
}
