import type { Answer, Asked } from './asked.ts'
import { Offers } from './offers.ts'

/** How many things of a kind are remembered: few, so that they are met again. */
const MAX_REMEMBERED = 12

/** What answers have told so far: without it nearly every request would name what is not there. */
export class Known {
  readonly #ids = new Map<string, string[]>()
  readonly #successes: { readonly asked: Asked; readonly answer: Answer }[] = []
  /** Ids of the operations that have had a success. */
  readonly succeeded = new Set<string>()
  readonly tags: string[] = []
  readonly cursors: string[] = []
  readonly keys: string[] = []
  readonly offers = new Offers()

  /** Ids of what is under `/api/<collection>/`. */
  ids(collection: string): readonly string[] {
    return this.#ids.get(collection) ?? []
  }

  /** Requests under a key that have had a success, with it. */
  get successes(): readonly { readonly asked: Asked; readonly answer: Answer }[] {
    return this.#successes
  }

  learn(asked: Asked, answer: Answer): void {
    const key = asked.headers['idempotency-key']
    if (key !== undefined && asked.claim === 'valid') remember(this.keys, key)
    if (answer.status < 200 || answer.status > 299) return
    this.succeeded.add(asked.operationId)
    // A replay tells of what was there once.
    if (answer.headers['idempotency-replayed'] === undefined) {
      if (key !== undefined && asked.method !== 'GET') remember(this.#successes, { asked, answer })
      this.offers.learn(asked, answer)
      this.#learnIds(asked, answer)
    }
    if (answer.headers.etag !== undefined) remember(this.tags, answer.headers.etag)
    const cursor = /"next_cursor":"([^"]+)"/.exec(answer.body)?.[1]
    if (cursor !== undefined) remember(this.cursors, cursor)
  }

  /** What is there, and what is there no longer. */
  #learnIds(asked: Asked, answer: Answer): void {
    const isGone = asked.method === 'DELETE'
    const address = isGone ? asked.url : (answer.headers.location ?? '')
    const [, collection, id] = /\/api\/(\w+)\/(\w+)(?:\?|$)/.exec(address) ?? []
    if (collection === undefined || id === undefined) return
    const others = this.ids(collection).filter((other) => other !== id)
    this.#ids.set(collection, others)
    if (!isGone) remember(others, id)
  }
}

function remember<T>(things: T[], thing: T): void {
  things.push(thing)
  if (things.length > MAX_REMEMBERED) things.shift()
}
