import {
  formatApiKey,
  type ApiKeyRecord,
  type ApiKeyRequest,
  type KeyRefusal,
} from '../domain/api-key.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import { insertKey, revokeKey } from '../store/api-keys.ts'
import type { Sql } from '../store/rows.ts'
import { OVERLOADED, toEngineError } from './engine-error.ts'
import type { Group } from './groups.ts'
import { Lanes } from './lanes.ts'
import { generateApiKey } from './new-api-key.ts'
import { inTransaction, TransactionFailure, type TransactionBounds } from './transaction.ts'

/** Changes of keys that wait, at the most: they are rare. */
const MAX_WAITING = 100

export interface KeyDeskBounds extends TransactionBounds {
  /** How long a change may wait for its turn until it is given up. */
  readonly timeoutMs: number
}

/** A key that was made. */
export interface IssuedKey {
  readonly record: ApiKeyRecord
  /** The key itself, which is kept nowhere. */
  readonly key: string
}

/**
 * Makes keys and revokes them, one at a time, so that whoever makes many takes one connection; groups
 * by turns, so that nobody who makes many keeps others from revoking one.
 */
export class KeyDesk {
  readonly #prisma: PrismaClient
  readonly #bounds: KeyDeskBounds
  readonly #oneByOne = new Lanes({ lanes: 1, maxWaiting: MAX_WAITING })

  constructor(prisma: PrismaClient, bounds: KeyDeskBounds) {
    this.#prisma = prisma
    this.#bounds = bounds
  }

  /**
   * Makes a key; where something is against it, tells what, and makes none.
   *
   * @param group - whose request it is
   * @throws EngineError
   */
  async issue(request: ApiKeyRequest, group: Group): Promise<IssuedKey | KeyRefusal> {
    const key = generateApiKey()
    const record = await this.#change(group, (tx) => insertKey(tx, key, request))
    return typeof record === 'string' ? record : { record, key: formatApiKey(key) }
  }

  /**
   * Revokes a tenant's key; false where it has none by that id.
   *
   * @param group - whose request it is
   * @throws EngineError
   */
  revoke(tenantId: string, id: string, group: Group): Promise<boolean> {
    return this.#change(group, (tx) => revokeKey(tx, { id, tenantId }))
  }

  #change<T>(group: Group, work: (tx: Sql) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const start = (): Promise<void> => {
        clearTimeout(timer)
        return inTransaction(this.#prisma, this.#bounds, work).then(resolve, (error: unknown) => {
          reject(changeErrorOf(error))
        })
      }
      const change = { group, isReady: () => true, start }
      const timer = setTimeout(() => {
        if (this.#oneByOne.takeBack(change)) reject(OVERLOADED)
      }, this.#bounds.timeoutMs)
      if (this.#oneByOne.add(change)) return
      clearTimeout(timer)
      reject(OVERLOADED)
    })
  }
}

function changeErrorOf(error: unknown): Error {
  if (!(error instanceof TransactionFailure)) {
    return error instanceof Error ? error : new Error('a key was not changed', { cause: error })
  }
  const { kind, stage } = error
  // What a change waits for is no event.
  const isLocked = kind === 'lock_timeout' || kind === 'conflict'
  return toEngineError({ kind: isLocked ? 'unavailable' : kind, stage }, error)
}
