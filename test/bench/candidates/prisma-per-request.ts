import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient, type Prisma } from '../../../src/generated/prisma/client.ts'
import type { ReserveCommand } from '../../../src/domain/commands/bookings.ts'
import type { Reservations } from '../../../src/engine/engine.ts'
import { POOL_SIZE } from './names.ts'
import { plainEngine, type PlainOutcome } from './plain.ts'

// Generous: where requests pile up they wait, as the others' do, instead of failing.
const PATIENCE = { maxWait: 60_000, timeout: 60_000 }

/** The predecessor's algorithm in Prisma's terms: one interactive transaction a request. */
export function prismaEngine(connectionString: string): Reservations {
  // A client of its own: the service's sessions give up a lock much sooner than waiters here may.
  const adapter = new PrismaPg({ connectionString, max: POOL_SIZE })
  const prisma = new PrismaClient({ adapter })
  return plainEngine(
    (command) => prisma.$transaction((tx) => reserve(tx, command), PATIENCE),
    () => prisma.$disconnect(),
  )
}

async function reserve(
  tx: Prisma.TransactionClient,
  { eventId, userId }: ReserveCommand,
): Promise<PlainOutcome> {
  // Prisma's own queries can't lock a row.
  const [event] = await tx.$queryRaw<{ total_seats: number }[]>`
    SELECT id, total_seats FROM events WHERE id = ${eventId} FOR UPDATE`
  if (event === undefined) return { ok: false, refusal: 'event_not_found' }

  const existing = await tx.booking.findUnique({ where: { eventId_userId: { eventId, userId } } })
  if (existing !== null) return { ok: false, refusal: 'already_booked' }

  const taken = await tx.booking.count({ where: { eventId } })
  if (taken >= event.total_seats) return { ok: false, refusal: 'sold_out' }

  const { id, createdAt } = await tx.booking.create({ data: { eventId, userId } })
  return { ok: true, id: Number(id), createdAt: createdAt ?? new Date(NaN) }
}
