import { againstPlain, runOf, type Scenario } from './model.ts'

/** The hall is three quarters full in the end. */
const IN_HALL = { events: 1, offer: 'hall' } as const
const SEATS = 15_000

/** What is really sold, each against plain bookings of one hot event. */
export const OFFERS: readonly Scenario[] = [
  againstPlain('pools', 'Three ticket types over two pools', {
    ask: 'typed',
    label: 'of a type at random',
    arrangement: { events: 1, offer: 'types' },
  }),
  againstPlain(
    'labels',
    'Numbered seats at random, in a hall of 20,000',
    { ask: 'labels', label: 'a seat by its label', arrangement: IN_HALL, requests: SEATS },
    { ...runOf('row-a-seat', IN_HALL), ask: 'labels', requests: SEATS },
  ),
  againstPlain(
    'best-available',
    'The best two seats, in a hall of 20,000',
    {
      ...{ ask: 'best', label: 'of a section at random' },
      ...{ arrangement: IN_HALL, requests: SEATS / 2 },
    },
    {
      ...{ ...runOf('service', IN_HALL), id: 'service-whole', label: 'of the whole hall' },
      ...{ ask: 'best-of-all', requests: SEATS / 2 },
    },
  ),
]
