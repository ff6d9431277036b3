/** What clients ask: to book one seat, to read an event, to confirm a hold. */
export type Ask = 'reserve' | 'read' | 'confirm'

/** What a load generator is asked to do: every client sends its next request when it is answered. */
export interface LoadJob {
  /** Clients are spread evenly over these ports of the loopback interface. */
  readonly ports: readonly number[]
  readonly clients: number
  readonly ask: Ask
  /** The status of a good answer. */
  readonly goodStatus: number
  /** Each request is for one of these, at random. */
  readonly eventIds: readonly number[]
  /** Makes user ids unique over the whole run: no user asks twice. */
  readonly userPrefix: string
  /** The holds that are confirmed, one after the other, by the first and the last of their ids. */
  readonly holds?: readonly [first: number, last: number] | undefined
  readonly warmUpMs: number
  readonly measureMs: number
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
  readonly medianMs: number
  readonly p99Ms: number
  readonly maxMs: number
  /** CPU time that the generator took for an answer: what it costs the others. */
  readonly generatorMicrosPerAnswer: number
  /** The part of one core that the generator took while it measured. */
  readonly generatorShare: number
}
