import type { EventSettings, TicketType } from '../../domain/model.ts'
import type { OfferInput, TypeInput } from './offer.ts'

/** What is to be sold, as the rules have it. */
export function offerOf(body: OfferInput): Partial<Pick<EventSettings, 'pools' | 'ticketTypes'>> {
  return {
    ...(body.pools !== undefined && { pools: body.pools }),
    ...(body.ticket_types !== undefined && { ticketTypes: body.ticket_types.map(ticketTypeOf) }),
  }
}

function ticketTypeOf(type: TypeInput): TicketType {
  return {
    key: type.key,
    name: type.name,
    pools: type.pools ?? [],
    maxPerBooking: type.max_per_booking ?? null,
    salesStartAt: dateOf(type.sales_start_at),
    salesEndAt: dateOf(type.sales_end_at),
  }
}

function dateOf(text: string | null | undefined): Date | null {
  return text === null || text === undefined ? null : new Date(text)
}
