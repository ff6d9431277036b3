import { CROWD, ONE_EVENT, runOf, throughput, type Scenario } from './model.ts'

/** What it costs to be watched, and to ask who comes, against the same without. */
export const OPERATION: readonly Scenario[] = [
  {
    ...throughput('metrics', `One hot event, ${CROWD} clients, measured or not`, false),
    runs: [
      {
        ...runOf('service', ONE_EVENT),
        ...{ id: 'service-unmeasured', label: 'without metrics', database: 'unmeasured' },
      },
      {
        ...runOf('service', ONE_EVENT),
        ...{ label: 'with metrics', database: 'measured', environment: { METRICS_PORT: '0' } },
      },
    ],
  },
  {
    ...throughput('api-keys', `One hot event, ${CROWD} clients, under an API key or none`, false),
    runs: [
      {
        ...runOf('service', ONE_EVENT),
        ...{ id: 'service-open', label: 'AUTH=off', database: 'open' },
      },
      {
        ...runOf('service', { ...ONE_EVENT, hasApiKey: true }),
        ...{ label: 'AUTH=keys', database: 'locked', environment: { AUTH: 'keys' } },
      },
    ],
  },
]
