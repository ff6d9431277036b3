import { BOOKINGS } from './scenarios/bookings.ts'
import { COMMANDS } from './scenarios/commands.ts'
import { GOODPUT } from './scenarios/goodput.ts'
import type { Scenario } from './scenarios/model.ts'
import { OFFERS } from './scenarios/offers.ts'
import { OPERATION } from './scenarios/operation.ts'
import { PAGES } from './scenarios/pages.ts'
import { READS } from './scenarios/reads.ts'

export type { Arrangement, Run, Scenario } from './scenarios/model.ts'
export { GOODPUT_CLIENTS } from './scenarios/goodput.ts'

/** All that is measured, in this order in every round. */
export const SCENARIOS: readonly Scenario[] = [
  ...BOOKINGS,
  ...READS,
  ...COMMANDS,
  ...OFFERS,
  ...OPERATION,
  PAGES,
  ...GOODPUT,
]
