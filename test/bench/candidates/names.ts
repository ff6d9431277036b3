/** What is compared. Each runs as a server of its own, on a database of its own. */
export const CANDIDATES = {
  bare: 'bare Fastify route',
  empty: 'this service without its database',
  service: 'this service (group commit)',
  single: 'one SQL statement, a counter',
  'skip-locked': 'a row a seat, SKIP LOCKED',
  'row-a-seat': 'a row a numbered seat, SKIP LOCKED',
  advisory: 'advisory lock, transaction',
  serializable: 'SERIALIZABLE, with retries',
  predecessor: "predecessor's algorithm (pg)",
  prisma: 'the same, Prisma transaction',
} as const

export type CandidateName = keyof typeof CANDIDATES

/**
 * What a candidate's tables are: all migrations, the first one, that and a plain counter, that and a
 * row for each seat, or for each numbered one.
 */
export type SchemaName = 'migrated' | 'first' | 'counter' | 'seats' | 'numbered'

/** The peers must not pay for our triggers. */
export const SCHEMA_OF: Record<CandidateName, SchemaName> = {
  bare: 'first',
  empty: 'migrated',
  service: 'migrated',
  single: 'counter',
  'skip-locked': 'seats',
  'row-a-seat': 'numbered',
  advisory: 'counter',
  serializable: 'counter',
  predecessor: 'first',
  prisma: 'migrated',
}

/** Connections of each candidate's pool: pg's own default, which the service has too. */
export const POOL_SIZE = 10

export function isCandidate(name: unknown): name is CandidateName {
  return typeof name === 'string' && Object.hasOwn(CANDIDATES, name)
}

/** Whether it answers without a look at any table: the most that can be reached, and no rival. */
export function makesThingsUp(name: CandidateName): boolean {
  return name === 'bare' || name === 'empty'
}
