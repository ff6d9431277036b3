import type { EventSettings, EventView, TicketType } from '../../domain/model.ts'
import { isoOf } from '../../domain/moment.ts'

/** What an event sells as JSON, with what is left of it. */
export function offerJson(event: EventView) {
  const { pools, ticketTypes, totalSeats, bookedSeats, heldSeats, blockedSeats } = event
  const available = totalSeats - bookedSeats - heldSeats - blockedSeats
  const ofPools = new Map(pools.map((pool) => [pool.key, pool.available]))
  return {
    pools: pools.map((pool) => ({
      key: pool.key,
      capacity: pool.capacity,
      available: pool.available,
    })),
    ticket_types: ticketTypes.map((type) => ({
      ...ticketTypeJson(type),
      available: Math.min(available, ...type.pools.map((pool) => ofPools.get(pool) ?? 0)),
    })),
  }
}

/** What an event is set to sell, as far as it is given, as JSON. */
export function offerSettingsJson({ pools, ticketTypes }: Partial<EventSettings>) {
  return {
    ...(pools !== undefined && {
      pools: pools.map(({ key, capacity }) => ({ key, capacity })),
    }),
    ...(ticketTypes !== undefined && { ticket_types: ticketTypes.map(ticketTypeJson) }),
  }
}

function ticketTypeJson(type: TicketType) {
  return {
    key: type.key,
    name: type.name,
    pools: type.pools,
    max_per_booking: type.maxPerBooking,
    sales_start_at: isoOf(type.salesStartAt),
    sales_end_at: isoOf(type.salesEndAt),
  }
}
