import type { CandidateName } from '../candidates/names.ts'
import type { ListName } from '../arrange/lists.ts'
import type { Offer } from '../arrange/offers.ts'
import type { Ask } from '../load/job.ts'

/** What a measurement starts from. Where nothing else is said there is far more room than is asked. */
export interface Arrangement {
  /** Events that are asked for, at random. */
  readonly events: number
  /** Events beside that nobody asks for. */
  readonly others?: number
  /** Bookings that the first event has already. */
  readonly booked?: number
  /** Live holds, over all events that are asked for. */
  readonly held?: number
  /** Entries in line at the first event. */
  readonly waiting?: number
  /** What the events sell beside equal seats. */
  readonly offer?: Offer
  /** The first event's last seat is among those. */
  readonly soldOut?: boolean
  /** A key of the events' tenant, under which every request is made. */
  readonly hasApiKey?: boolean
  /** One more event, for the storm. */
  readonly stormed?: boolean
  /** In place of all that: lists that are so many times as long as the short ones. */
  readonly listsTimes?: number
  /** Made once a run, and not anew for each measurement: only for a database of its own. */
  readonly isKept?: boolean
}

type Status = 200 | 201 | 202 | 204 | 409

/** One thing that is measured. */
export interface Run {
  /** Unique in its scenario. */
  readonly id: string
  readonly label?: string
  readonly candidate: CandidateName
  readonly clients: number
  readonly arrangement: Arrangement
  /** Names a database, and a process, of its own; by default the candidate's runs share one. */
  readonly database?: string
  /** Variables of its process, beside what all have: only for one of its own. */
  readonly environment?: Readonly<Record<string, string>>
  /** Processes of the candidate that the clients are spread over; default: 1. */
  readonly processes?: number
  /** Clients of a second generator that storm an event apart meanwhile. */
  readonly stormClients?: number
  /** What the clients ask; default: to reserve. */
  readonly ask?: Ask
  /** Of `mixed`: every so manieth request is a booking. */
  readonly bookEvery?: number
  /** Of `page`: the list whose pages are asked for. */
  readonly list?: ListName
  readonly expectedStatuses: readonly Status[]
  /**
   * Where what there is to sell would run out: so many requests are sent, however long it takes, and
   * all of it is measured.
   */
  readonly requests?: number
  /** Whether some may be answered 503: they are more than can be served. */
  readonly mayShed?: boolean
}

export interface Scenario {
  readonly name: string
  readonly title: string
  /** What its table and its figures are about. */
  readonly metric: 'requestsPerSecond' | 'goodPerSecond' | 'medianMs' | 'p99Ms'
  /** Whether it has a panel in the chart. */
  readonly inChart: boolean
  readonly runs: readonly Run[]
}

export const CROWD = 256
export const ONE_EVENT = { events: 1 }
export const MANY_EVENTS = { events: 1000 }

export function throughput(name: string, title: string, inChart: boolean) {
  return { name, title, metric: 'requestsPerSecond', inChart } as const
}

/** What else is asked for, against plain bookings of one hot event. */
export function againstPlain(
  name: string,
  title: string,
  run: Partial<Run>,
  ...peers: readonly Run[]
): Scenario {
  const plain = runOf('service', ONE_EVENT)
  return {
    ...throughput(name, `${title}, ${CROWD} clients`, false),
    runs: [
      { ...plain, id: 'service-plain', label: 'plain bookings' },
      { ...plain, ...run },
      ...peers,
    ],
  }
}

/** A crowd that books. */
export function runOf(candidate: CandidateName, arrangement: Arrangement): Run {
  return { id: candidate, candidate, clients: CROWD, arrangement, expectedStatuses: [201] }
}
