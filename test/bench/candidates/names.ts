/** What is compared. Each runs as a server of its own, on a database of its own. */
export const CANDIDATES = {
  service: 'this service (group commit)',
  empty: 'empty route (validates, answers)',
  single: 'one SQL statement, counter on the row',
  predecessor: "predecessor's algorithm (pg)",
  prisma: 'the same, Prisma transaction',
} as const

export type CandidateName = keyof typeof CANDIDATES

/** What a candidate's tables are: all migrations, the first one, or that and a plain counter. */
export type SchemaName = 'migrated' | 'first' | 'counter'

/** The predecessor and the single statement must not pay for our trigger. */
export const SCHEMA_OF: Record<CandidateName, SchemaName> = {
  service: 'migrated',
  empty: 'migrated',
  single: 'counter',
  predecessor: 'first',
  prisma: 'migrated',
}

/** Connections of each candidate's pool: pg's own default, which the service has too. */
export const POOL_SIZE = 10

export function isCandidate(name: unknown): name is CandidateName {
  return typeof name === 'string' && Object.hasOwn(CANDIDATES, name)
}
