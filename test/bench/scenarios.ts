import type { CandidateName } from './candidates/names.ts'
import type { Ask } from './load/job.ts'

/** The events that a measurement starts from. All have far more room than the clients can take. */
export interface Arrangement {
  readonly events: number
  /** Bookings that the first event has already. */
  readonly booked?: number
  /** Holds that wait to be confirmed, over all events. */
  readonly held?: number
  /** The first event's last seat is among those. */
  readonly soldOut?: boolean
  /** One more event, for the storm. */
  readonly stormed?: boolean
}

/** One thing that is measured. */
export interface Run {
  /** Unique in its scenario. */
  readonly id: string
  readonly label?: string
  readonly candidate: CandidateName
  readonly clients: number
  readonly arrangement: Arrangement
  /** Processes of the candidate that the clients are spread over; default: 1. */
  readonly processes?: number
  /** Clients of a second generator that storm an event apart meanwhile. */
  readonly stormClients?: number
  /** What the clients ask; default: to reserve. */
  readonly ask?: Ask
  readonly expectedStatus: 200 | 201 | 409
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

const CROWD = 256
const MASS = 1000
const COLD_CLIENTS = 20
/** From a crowd to many more than can be served at once. */
export const GOODPUT_CLIENTS = [CROWD, 900, 1500, 2500, 5000] as const
const ONE_EVENT = { events: 1 }
const MANY_EVENTS = { events: 1000 }
const SOLD_OUT = { events: 1, booked: 10_000, soldOut: true }
const WELL_BOOKED = { events: 1, booked: 100_000 }
const ALL: readonly CandidateName[] = ['service', 'empty', 'single', 'predecessor', 'prisma']

/** All that is measured, in this order in every round. */
export const SCENARIOS: readonly Scenario[] = [
  {
    ...throughput('hot', `One hot event, ${CROWD} clients`, true),
    runs: ALL.map((candidate) => runOf(candidate, ONE_EVENT)),
  },
  {
    ...throughput('many', `1,000 events at random, ${CROWD} clients`, true),
    runs: ALL.map((candidate) => runOf(candidate, MANY_EVENTS)),
  },
  {
    ...throughput('sold-out', `Sold out (10,000 seats), ${CROWD} clients`, true),
    runs: ALL.map((candidate) => ({
      ...runOf(candidate, SOLD_OUT),
      expectedStatus: statusOf(candidate),
    })),
  },
  {
    ...throughput('well-booked', `An event with 100,000 bookings, ${CROWD} clients`, true),
    runs: [
      {
        ...runOf('service', ONE_EVENT),
        id: 'service-none',
        label: 'this service, no bookings yet',
      },
      ...(['service', 'single', 'predecessor', 'prisma'] as const).map((candidate) =>
        runOf(candidate, WELL_BOOKED),
      ),
    ],
  },
  {
    name: 'one-client',
    title: 'One client: median latency',
    metric: 'medianMs',
    inChart: false,
    runs: ALL.map((candidate) => ({ ...runOf(candidate, ONE_EVENT), clients: 1 })),
  },
  {
    ...throughput('mass', `One hot event, ${MASS} clients`, false),
    runs: [
      { ...runOf('service', ONE_EVENT), id: 'service-256', label: `${CROWD} clients` },
      { ...runOf('service', ONE_EVENT), label: `${MASS} clients`, clients: MASS },
    ],
  },
  {
    ...throughput('two-processes', `One hot event, ${CROWD} clients over two processes`, false),
    runs: [
      { ...runOf('service', ONE_EVENT), id: 'service-one', label: 'one process' },
      { ...runOf('service', ONE_EVENT), label: 'two processes', processes: 2 },
    ],
  },
  {
    name: 'storm',
    title: `${COLD_CLIENTS} clients at other events while ${CROWD} storm one: p99`,
    metric: 'p99Ms',
    inChart: false,
    runs: (['service', 'single', 'predecessor'] as const).flatMap(stormRuns),
  },
  {
    ...throughput('reads', `Reads of one hot event, ${CROWD} clients`, false),
    runs: (['service', 'empty'] as const).map((candidate) => ({
      ...runOf(candidate, ONE_EVENT),
      ask: 'read',
      expectedStatus: 200,
    })),
  },
  goodput('goodput-reads', 'Reads of one hot event', { ask: 'read', expectedStatus: 200 }),
  goodput('goodput-confirm', 'Holds of 50 events confirmed', {
    ask: 'confirm',
    expectedStatus: 200,
    arrangement: { events: 50, held: 60_000 },
  }),
  goodput('goodput-reserve', 'One hot event booked', {}),
]

/** Good answers a second, however many clients there are. */
function goodput(name: string, title: string, run: Partial<Run>): Scenario {
  return {
    name,
    title: `${title}: good answers, by the number of clients`,
    metric: 'goodPerSecond',
    inChart: false,
    runs: GOODPUT_CLIENTS.map((clients) => ({
      ...runOf('service', ONE_EVENT),
      ...run,
      id: String(clients),
      label: `${clients} clients`,
      clients,
      mayShed: true,
    })),
  }
}

function throughput(name: string, title: string, inChart: boolean) {
  return { name, title, metric: 'requestsPerSecond', inChart } as const
}

function runOf(candidate: CandidateName, arrangement: Arrangement): Run {
  return { id: candidate, candidate, clients: CROWD, arrangement, expectedStatus: 201 }
}

function stormRuns(candidate: CandidateName): Run[] {
  const calm = { ...runOf(candidate, { events: 1000, stormed: true }), clients: COLD_CLIENTS }
  return [
    { ...calm, id: `${candidate}-calm`, label: `${candidate}, calm` },
    { ...calm, label: `${candidate}, storm`, stormClients: CROWD },
  ]
}

// It books nothing, so it is never sold out.
function statusOf(candidate: CandidateName): 201 | 409 {
  return candidate === 'empty' ? 201 : 409
}
