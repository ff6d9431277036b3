import { eventIdOf, type Command } from '../domain/commands.ts'
import type { LockedEvent } from './lock-and-load.ts'

/**
 * Events in the order in which commands come for them, those without any last. Where a batch can't do all,
 * whoever is put off comes first the next time.
 */
export function byArrival(
  events: readonly LockedEvent[],
  commands: readonly Command[],
): readonly LockedEvent[] {
  if (events.length < 2) return events
  const ids = [...new Set([...commands.map(eventIdOf), ...events.map(({ id }) => id)])]
  const byId = new Map<number | null, LockedEvent>(events.map((event) => [event.id, event]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}
