import { makesThingsUp, type CandidateName } from '../candidates/names.ts'
import {
  CROWD,
  MANY_EVENTS,
  ONE_EVENT,
  runOf,
  throughput,
  type Run,
  type Scenario,
} from './model.ts'

const MASS = 1000
const COLD_CLIENTS = 20
const SOLD_OUT = { events: 1, booked: 10_000, soldOut: true }
const WELL_BOOKED = { events: 1, booked: 2_000_000, isKept: true }
/** It counts them all for each booking: with 2,000,000 its clients would wait for minutes. */
const WELL_BOOKED_FOR_COUNTING = { events: 1, booked: 100_000, isKept: true }
const ALL: readonly CandidateName[] = [
  'bare',
  'service',
  'empty',
  'single',
  'advisory',
  'skip-locked',
  'serializable',
  'predecessor',
  'prisma',
]

/** Plain bookings, against other designs and against no design at all. */
export const BOOKINGS: readonly Scenario[] = [
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
      // What books nothing is never sold out.
      expectedStatuses: makesThingsUp(candidate) ? [201] : [409],
    })),
  },
  {
    ...throughput('well-booked', `An event with 2,000,000 bookings, ${CROWD} clients`, true),
    runs: [
      {
        ...runOf('service', ONE_EVENT),
        ...{ id: 'service-none', label: 'this service, no bookings yet', database: 'none_booked' },
      },
      { ...runOf('service', WELL_BOOKED), database: 'well_booked' },
      { ...runOf('single', WELL_BOOKED), database: 'well_booked_single' },
      {
        ...runOf('predecessor', WELL_BOOKED_FOR_COUNTING),
        ...{ label: "predecessor's, 100,000 only", database: 'well_booked_predecessor' },
      },
    ],
  },
  {
    name: 'one-client',
    title: 'One client: median latency',
    metric: 'medianMs',
    inChart: false,
    runs: (['bare', 'service', 'single', 'predecessor', 'prisma'] as const).map((candidate) => ({
      ...runOf(candidate, ONE_EVENT),
      clients: 1,
    })),
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
]

function stormRuns(candidate: CandidateName): Run[] {
  const calm = { ...runOf(candidate, { events: 1000, stormed: true }), clients: COLD_CLIENTS }
  return [
    { ...calm, id: `${candidate}-calm`, label: `${candidate}, calm` },
    { ...calm, label: `${candidate}, storm`, stormClients: CROWD },
  ]
}
