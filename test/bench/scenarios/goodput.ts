import { CROWD, ONE_EVENT, runOf, type Run, type Scenario } from './model.ts'

/** From a crowd to many more than can be served at once. */
export const GOODPUT_CLIENTS = [CROWD, 900, 1500, 2500, 5000] as const

/** Good answers a second, however many clients there are. */
export const GOODPUT: readonly Scenario[] = [
  goodput('goodput-reads', 'Reads of one hot event', { ask: 'read', expectedStatuses: [200] }),
  goodput('goodput-confirm', 'Holds of 50 events confirmed', {
    ask: 'confirm',
    expectedStatuses: [200],
    arrangement: { events: 50, held: 60_000 },
  }),
  goodput('goodput-reserve', 'One hot event booked', {}),
]

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
