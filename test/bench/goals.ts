import type { Metric } from './metrics.ts'
import { GOODPUT_CLIENTS, SCENARIOS } from './scenarios.ts'

/** What is to be reached, on one machine in one run. */
export interface Goal {
  readonly scenario: string
  /**
   * Ids of runs of that scenario: the median of the one is divided by that of the other, or by the
   * best of all.
   */
  readonly of: string
  readonly to: string
  /** Default: what the scenario is about. */
  readonly metric?: Metric
  readonly bound: 'at least' | 'at most'
  readonly ratio: number
  readonly text: string
}

export const BEST = 'best'

export const GOALS: readonly Goal[] = [
  atLeast(0.8, 'read-hot', 'bare', 'reads of one hot event, to the bare route'),
  atLeast(0.8, 'read-gathered', 'bare', 'the same with 100,000 holds and as many in line'),
  atLeast(0.5, 'read-many', 'bare', 'reads of 1,000 events, to the bare route'),
  atLeast(0.6, 'mixed', 'bare', '95 % reads and 5 % bookings, to the bare route'),
  {
    ...atMost(2, 'mixed', 'service-alone', "p99 of those bookings, to bookings' alone"),
    metric: 'bookingsP99Ms',
  },
  atLeast(0.6, 'hot', 'bare', 'one hot event booked, to the bare route'),
  atLeast(20, 'hot', 'predecessor', "one hot event booked, to the predecessor's algorithm"),
  atLeast(0.5, 'many', 'bare', '1,000 events booked, to the bare route'),
  atLeast(1.5, 'many', 'single', '1,000 events booked, to the single statement'),
  atLeast(0.8, 'sold-out', 'bare', 'sold out, to the bare route'),
  atLeast(0.75, 'keys', 'service-plain', 'under keys, to plain bookings'),
  atLeast(0.9, 'holds', 'service-plain', 'holds, to plain bookings'),
  atLeast(0.7, 'join', 'service-plain', 'joining a line of 100,000, to plain bookings'),
  atLeast(0.85, 'pools', 'service-plain', 'three ticket types over two pools, to plain bookings'),
  atLeast(0.5, 'labels', 'service-plain', 'numbered seats by label, to plain bookings'),
  atLeast(0.35, 'best-available', 'service-plain', 'the best two seats, to plain bookings'),
  atLeast(0.97, 'metrics', 'service-unmeasured', 'one hot event booked, with metrics to without'),
  atLeast(0.95, 'api-keys', 'service-open', 'one hot event booked, AUTH=keys to AUTH=off'),
  ...pages(),
  atLeast(0.95, 'well-booked', 'service-none', '2,000,000 bookings on the event, to none'),
  atMost(2, 'one-client', 'single', "one client, median latency to the single statement's"),
  {
    ...atMost(
      2.5,
      'one-client',
      'single',
      "one client, the process's CPU to the single statement's",
    ),
    metric: 'serverMicrosPerAnswer',
  },
  atMost(1, 'one-client', 'predecessor', "one client, median latency to the predecessor's"),
  atLeast(0.9, 'mass', 'service-256', '1,000 clients, to 256'),
  atLeast(1, 'two-processes', 'service-one', 'two processes, to one'),
  atMost(2, 'storm', 'service-calm', 'cold events, p99 in a storm to calm'),
  ...goodput('goodput-reads', 'good answers to reads'),
  ...goodput('goodput-confirm', 'good answers to confirm'),
  ...goodput('goodput-reserve', 'good answers to reserve'),
]

/** Any page of any list, with many times the rows. */
function pages(): Goal[] {
  const runs = SCENARIOS.find(({ name }) => name === 'pages')?.runs ?? []
  const lists = runs.filter(({ id }) => id.endsWith('/many')).map(({ id }) => id.split('/')[0])
  return lists.map((list) => ({
    scenario: 'pages',
    of: `${list}/many`,
    to: `${list}/few`,
    bound: 'at most',
    ratio: 2,
    text: `pages of ${list}, with 300 times the rows`,
  }))
}

/** However many more clients there are than can be served at once. */
function goodput(scenario: string, text: string): Goal[] {
  return GOODPUT_CLIENTS.filter((clients) => clients > 1000).map((clients) => ({
    scenario,
    of: String(clients),
    to: BEST,
    bound: 'at least',
    ratio: 0.7,
    text: `${text}, ${clients} clients to the best`,
  }))
}

function atLeast(ratio: number, scenario: string, to: string, text: string): Goal {
  return { scenario, of: 'service', to, bound: 'at least', ratio, text }
}

function atMost(ratio: number, scenario: string, to: string, text: string): Goal {
  return { scenario, of: 'service', to, bound: 'at most', ratio, text }
}
