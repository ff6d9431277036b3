import type pg from 'pg'
import { curlOf, Sender, type Answer, type Asked } from './asked.ts'
import { operationsOf, type Document, type Operation } from './document.ts'
import { generate } from './generate.ts'
import { Judge } from './judge.ts'
import { Known } from './known.ts'
import { faultOfReplayedLines, isLines } from './lines.ts'
import { Watch } from './watch.ts'

export interface FuzzOptions {
  readonly baseUrl: string
  /** An API key that allows everything; by default the service asks for none. */
  readonly key?: string
  readonly requests: number
  /** So many at most while an operation has had no success: one may need much beforehand. */
  readonly mostRequests?: number
  readonly seed: number
  /** To see what a refused request has changed; null where only answers can be looked at. */
  readonly pool: pg.Pool | null
  /** Whether a 503 with `Retry-After` may be justified, as others ask the service too; default: no. */
  readonly mayTurnAway?: boolean
  /** Only the operations with these ids; all of them by default. */
  readonly only?: readonly string[]
  readonly onProgress?: (sent: number) => void
}

export interface FuzzReport {
  /** How many requests were sent: fewer than asked for where a fault was found. */
  readonly sent: number
  readonly fault: { readonly text: string; readonly curl: string } | null
  /** Answers by their status. */
  readonly statuses: ReadonlyMap<number, number>
  /** The operations that have not had a success. */
  readonly withoutSuccess: readonly string[]
}

/**
 * Sends requests that are made from the service's own OpenAPI document, right ones and wrong ones, one
 * after the other, and holds every answer against that document. Ends at the first fault.
 */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { baseUrl, requests, seed, pool, mayTurnAway = false, only, onProgress } = options
  const mostRequests = options.mostRequests ?? requests
  const response = await fetch(`${baseUrl}/documentation/json`)
  const document = (await response.json()) as Document
  const operations = operationsOf(document).filter(({ id }) => only?.includes(id) !== false)
  const sender = new Sender(baseUrl, options.key ?? null)
  const judge = new Judge(document, { mayTurnAway })
  const watch = pool === null ? null : new Watch(pool)
  const known = new Known()
  const statuses = new Map<number, number>()
  const missing = new Set(operations.map(({ id }) => id))
  await watch?.changes()
  let index = 0
  try {
    for (; index < (missing.size > 0 ? mostRequests : requests); index += 1) {
      const asked = generate(operations, known, { seed, index })
      const answer = await sender.send(asked)
      const operation = operationOf(operations, asked)
      const fault =
        judge.faultOf(operation, asked, answer) ??
        faultOfReplay(known, asked, answer) ??
        (await faultOfChange(watch, asked, answer))
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
      if (answer.status < 400) missing.delete(operation.id)
      if (fault !== undefined) {
        const text = `${operation.id} (${asked.about}), request ${index}: ${fault}`
        const found = { text, curl: curlOf(baseUrl, asked) }
        return { sent: index + 1, fault: found, statuses, withoutSuccess: [...missing] }
      }
      known.learn(asked, answer)
      onProgress?.(index + 1)
    }
  } finally {
    sender.close()
  }
  return { sent: index, fault: null, statuses, withoutSuccess: [...missing] }
}

/** What was asked once is asked again as it was written: its operation goes with it. */
function operationOf(operations: readonly Operation[], { operationId }: Asked): Operation {
  const found = operations.find(({ id }) => id === operationId)
  if (found === undefined) throw new RangeError(`there is no operation ${operationId}`)
  return found
}

/** A request that had a success under its key gets the same again. */
function faultOfReplay(known: Known, asked: Asked, answer: Answer): string | undefined {
  const before = known.successes.findLast((success) => success.asked === asked)
  if (before === undefined) return undefined
  if (isLines(answer)) return faultOfReplayedLines(before.answer, answer)
  const { status, body, headers } = before.answer
  const isSame = answer.status === status && answer.body === body
  if (!isSame)
    return `${answer.status} instead of the ${status} before: ${answer.body.slice(0, 200)}`
  if (answer.headers.location !== headers.location) return 'another Location than before'
  return answer.headers['idempotency-replayed'] === 'true' ? undefined : 'no Idempotency-Replayed'
}

async function faultOfChange(
  watch: Watch | null,
  asked: Asked,
  { status, headers }: Answer,
): Promise<string | undefined> {
  const changes = (await watch?.changes()) ?? []
  const isReplay = headers['idempotency-replayed'] !== undefined
  const mayChange = status < 300 && asked.method !== 'GET' && !isReplay
  if (mayChange || changes.length === 0) return undefined
  return `${status}, and yet there were changes: ${changes.join(', ')}`
}
