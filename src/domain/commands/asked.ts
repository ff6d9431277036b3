import type { Caller } from '../access.ts'

/** Who asks. It stands in the history of whatever comes of the command. */
export interface Origin extends Caller {
  /** The request's id; null where the service itself asks. */
  readonly requestId: string | null
}

export interface Asked {
  readonly origin: Origin
}

export interface OfEvent extends Asked {
  readonly eventId: number
}
