import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { settleDown } from '../arrange/rows.ts'
import type { Fleet } from '../fleet.ts'
import type { LoadJob, LoadResult } from '../load/job.ts'
import { sampleTables, type TableSample } from './sample.ts'
import { CLIENTS, HOLD_SECONDS, HOLD_SHARE, KEY_SHARE, PIECES, requestsAPiece } from './sizes.ts'
import { faultsOf, readTruth, untilHoldsEnded, type Truth } from './verify.ts'

/** What was measured of one piece, and the tables after it. */
export interface Piece {
  readonly requestsPerSecond: number
  readonly p99Ms: number
  readonly generatorShare: number
  readonly tables: readonly TableSample[]
}

/** What came of booking an event all over. */
export interface Turnover {
  readonly requests: number
  readonly holds: number
  readonly keys: number
  readonly pieces: readonly Piece[]
  /** The tables once the last hold has ended. */
  readonly tables: readonly TableSample[]
  readonly truth: Truth
  readonly faults: readonly string[]
}

/**
 * Books the seats of one event through the service, in pieces, with holds that expire and keys among
 * the bookings, and looks at the tables after each piece.
 *
 * @param scale - 1 is the full size
 * @param show - told what is at work
 */
export async function measureTurnover(
  fleet: Fleet,
  scale: number,
  show: (text: string) => void,
): Promise<Turnover> {
  const { pool, servers } = await fleet.candidate('service', 1, 'turnover')
  const aPiece = requestsAPiece(scale)
  const requests = aPiece * PIECES
  const eventId = await makeEvent(pool, requests)
  const ports = servers.map(({ port }) => port)
  const pieces: Piece[] = []
  const statuses: Record<string, number> = {}
  for (let piece = 1; piece <= PIECES; piece += 1) {
    show(`turnover: ${piece} of ${PIECES} pieces of ${aPiece} bookings`)
    const [result] = await fleet.generate([jobOf(ports, eventId, aPiece)])
    if (result === undefined) throw new Error('a piece without a load')
    addTo(statuses, result)
    pieces.push(await pieceOf(pool, result))
  }
  show('turnover: waiting for the last holds to end')
  await untilHoldsEnded(pool)
  const [tables, truth] = await Promise.all([sampleTables(pool), readTruth(pool, eventId)])
  const counts = { requests, holds: requests * HOLD_SHARE, keys: requests * KEY_SHARE }
  return { ...counts, pieces, tables, truth, faults: faultsOf(truth, statuses, counts) }
}

async function makeEvent(pool: pg.Pool, seats: number): Promise<number> {
  const { rows } = await pool.query<{ id: number }>(
    `INSERT INTO events (name, total_seats, hold_seconds) VALUES ('Event', $1, $2) RETURNING id`,
    [seats, HOLD_SECONDS],
  )
  await settleDown(pool)
  return rows[0]?.id ?? 0
}

function jobOf(ports: readonly number[], eventId: number, requests: number): LoadJob {
  return {
    ...{ ports, clients: CLIENTS, ask: 'turnover', goodStatuses: [201], eventIds: [eventId] },
    ...{ userPrefix: randomBytes(4).toString('hex'), requests, warmUpMs: 0, measureMs: 0 },
  }
}

async function pieceOf(
  pool: pg.Pool,
  { requestsPerSecond, p99Ms, generatorShare }: LoadResult,
): Promise<Piece> {
  return { requestsPerSecond, p99Ms, generatorShare, tables: await sampleTables(pool) }
}

function addTo(statuses: Record<string, number>, result: LoadResult): void {
  for (const [status, count] of Object.entries(result.statuses)) {
    statuses[status] = (statuses[status] ?? 0) + count
  }
}
