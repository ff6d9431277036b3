import { arrayOf, type Sql } from '../rows.ts'
import type { FactsBySubject } from './project.ts'
import { eventsWithBoth } from './seats.ts'

/**
 * Leaves a new version of the rows of events to which facts may have changed nothing: what one command has
 * made, another one of the batch has ended. The history goes on all the same, and whoever waits for the
 * lock has to see that (see `lockAndLoad`).
 */
export async function touchEvents(tx: Sql, { left, events }: FactsBySubject): Promise<void> {
  const ids = [...left.brief.map(({ eventId }) => eventId), ...eventsWithBoth(events)]
  if (ids.length === 0) return
  await tx.$executeRaw`
    UPDATE events SET taken = taken WHERE id = ANY(${arrayOf([...new Set(ids)])}::text::int[])`
}
