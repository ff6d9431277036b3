import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Test } from 'tap'
import { KeyRing, type KeyRingBounds } from '../../src/engine/key-ring.ts'
import { readUsableKeys } from '../../src/store/api-keys.ts'
import { startEngine } from './engine.ts'

const BOUNDS: KeyRingBounds = {
  maxKeys: 500,
  maxKeysKept: 1000,
  maxWaiting: 1000,
  timeoutMs: 20_000,
}

/**
 * A key ring on a database, and what it does there; its clock is one that the test moves.
 *
 * @param onRead - holds up what was read on its way to the ring
 */
export function startKeyRing(
  t: Test,
  url: string,
  bounds: Partial<KeyRingBounds> = {},
  onRead: () => Promise<void> = () => Promise.resolve(),
) {
  const { prisma } = startEngine(t, url)
  const statements: (readonly string[])[] = []
  const clock = { nowMs: 0 }
  let underWay: Promise<unknown> = Promise.resolve()
  const used: string[] = []
  const errors: unknown[] = []
  const ring = new KeyRing(
    async (ids) => {
      statements.push(ids)
      const read = readUsableKeys(prisma, ids)
      underWay = read.catch(() => undefined)
      const keys = await read
      await onRead()
      return keys
    },
    { ...BOUNDS, ...bounds },
    { onUse: (id) => used.push(id), onError: (error) => errors.push(error) },
    () => clock.nowMs,
  )
  /** Settles when what the ring reads in the background, if anything, has come or failed. */
  const quiet = async (): Promise<void> => {
    await nextTurn()
    await underWay
    await nextTurn()
  }
  return { ring, statements, used, errors, clock, quiet }
}
