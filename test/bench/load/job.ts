/**
 * What clients ask:
 * - `reserve` one seat, plainly; `keyed`, under an `Idempotency-Key`; `hold`, for a while; `join`,
 *   with the waitlist where there is no seat
 * - `typed`: a seat of a ticket type at random; `labels`: each seat of the hall once, in a random order;
 *   `best`: the best two seats of a section at random; `best-of-all`: of the whole hall
 * - `read` an event
 * - `confirm` a hold, `cancel` a booking: each of the given ones in turn
 * - `mixed`: one request in so many is a booking, the others read
 * - `turnover`: of ten bookings one is a hold and one under a key
 * - `page`: pages of lists, one after the other
 */
export type Ask =
  | 'reserve'
  | 'keyed'
  | 'hold'
  | 'join'
  | 'typed'
  | 'labels'
  | 'best'
  | 'best-of-all'
  | 'read'
  | 'confirm'
  | 'cancel'
  | 'mixed'
  | 'turnover'
  | 'page'

/** A page that is asked for. */
export interface PageAsk {
  /** With its query, of the list's first page. */
  readonly path: string
  /** The sort keys of the row before the page; the first page if not given. */
  readonly after?: readonly (string | number)[]
}

/** What a load generator is asked to do: every client sends its next request when it is answered. */
export interface LoadJob {
  /** Clients are spread evenly over these ports of the loopback interface. */
  readonly ports: readonly number[]
  readonly clients: number
  readonly ask: Ask
  /** The statuses of a good answer. */
  readonly goodStatuses: readonly number[]
  /** Each request is for one of these, at random. */
  readonly eventIds: readonly number[]
  /** Makes user ids unique over the whole run: no user asks twice. */
  readonly userPrefix: string
  /** What is confirmed or cancelled: the first and the last of the ids. */
  readonly bookingIds?: readonly [first: number, last: number] | undefined
  /** Of `mixed`: every so manieth request is a booking. */
  readonly bookEvery?: number | undefined
  /** The API key that every request carries; none by default. */
  readonly apiKey?: string | undefined
  readonly pages?: readonly PageAsk[] | undefined
  readonly warmUpMs: number
  readonly measureMs: number
  /** Where given, so many requests are sent, however long it takes, and all of it is measured. */
  readonly requests?: number | undefined
}

/** What came of it. */
export interface LoadResult {
  /** All answers by status, those of the warm-up and of the end included. */
  readonly statuses: Record<string, number>
  /** Requests sent whose answer never came: they may have taken effect. */
  readonly unanswered: number
  /** Answers in the measured time alone, and their rate. */
  readonly answers: number
  readonly requestsPerSecond: number
  /** The good ones among them. */
  readonly goodPerSecond: number
  /** Of `page`: of the slowest page. */
  readonly medianMs: number
  readonly p99Ms: number
  readonly maxMs: number
  /** Of `mixed`: the bookings alone. */
  readonly bookings?: Latencies & { readonly perSecond: number }
  /** Of `page`: each page by itself. */
  readonly pages?: readonly PageResult[]
  /** CPU time that the generator took for an answer: what it costs the others. */
  readonly generatorMicrosPerAnswer: number
  /** The part of one core that the generator took while it measured. */
  readonly generatorShare: number
}

export interface Latencies {
  readonly medianMs: number
  readonly p99Ms: number
  readonly maxMs: number
}

export interface PageResult extends Latencies {
  readonly path: string
  /** Rows on the page. */
  readonly rows: number
  readonly isLast: boolean
  readonly answers: number
}
