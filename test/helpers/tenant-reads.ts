import type { PrismaClient } from '../../src/generated/prisma/client.ts'
import { existingEvents } from '../../src/store/lock-and-load.ts'
import { listBookings } from '../../src/store/reads/booking-lists.ts'
import {
  findEventsOfBookings,
  findExpiredHolds,
  readBookings,
} from '../../src/store/reads/bookings.ts'
import { readEvents } from '../../src/store/reads/events.ts'
import { listHistory } from '../../src/store/reads/history.ts'
import {
  entryKey,
  findEntries,
  findEventsOfEntries,
  listWaitlist,
  readEntries,
} from '../../src/store/reads/waitlist.ts'
import { ofEvent } from './tenant-rows.ts'

/** What is read for a tenant, of the event and what belongs to it, or of what does not exist. */
type Read = (sql: PrismaClient, tenantId: string, id: number) => Promise<unknown>

const page = { afterId: 0, limit: 50 }

export const READS: Readonly<Record<string, Read>> = {
  event: (sql, tenantId, id) => readEvents(sql, [{ id, tenantId }]),
  booking: (sql, tenantId, id) => readBookings(sql, [{ id: ofEvent(id), tenantId }]),
  eventOfBooking: (sql, tenantId, id) => findEventsOfBookings(sql, [{ id: ofEvent(id), tenantId }]),
  userOfExpiredHold: (sql, tenantId, id) => findExpiredHolds(sql, [{ id: ofEvent(id), tenantId }]),
  entry: (sql, tenantId, id) => readEntries(sql, [{ id: ofEvent(id), tenantId }]),
  eventOfEntry: (sql, tenantId, id) => findEventsOfEntries(sql, [{ id: ofEvent(id), tenantId }]),
  entryOf: (sql, tenantId, id) =>
    findEntries(sql, [entryKey({ eventId: id, tenantId, userId: 'user 5' })]),
  existingEvents: (sql, tenantId, id) => existingEvents(sql, [{ id, tenantId }]),
  'bookings of an event': (sql, tenantId, eventId) =>
    listBookings(sql, { tenantId, eventId, ...page }),
  'bookings of a user and an event': (sql, tenantId, eventId) =>
    listBookings(sql, { tenantId, eventId, userId: 'user 5', ...page }),
  'bookings of a user': (sql, tenantId) =>
    listBookings(sql, { tenantId, userId: 'user 5', ...page }),
  'all bookings': (sql, tenantId) => listBookings(sql, { tenantId, ...page }),
  waitlist: (sql, tenantId, eventId) =>
    listWaitlist(sql, { tenantId, eventId, before: 0, ...page }),
  history: (sql, tenantId, eventId) => listHistory(sql, { tenantId, eventId, after: 0, limit: 50 }),
}
