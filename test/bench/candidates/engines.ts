import type { Config } from '../../../src/config/config.ts'
import type { Reservations } from '../../../src/engine/engine.ts'
import { advisoryEngine } from './advisory.ts'
import { emptyEngine } from './empty.ts'
import type { CandidateName } from './names.ts'
import { predecessorEngine } from './predecessor.ts'
import { prismaEngine } from './prisma-per-request.ts'
import { rowASeatEngine } from './row-a-seat.ts'
import { serializableEngine } from './serializable.ts'
import { singleStatementEngine } from './single-statement.ts'
import { skipLockedEngine } from './skip-locked.ts'

/**
 * What stands behind the route in place of the service's engine; undefined leaves that one in
 * place. The route, its validation, its answers and its log are the service's own for all.
 */
export function engineOf(
  name: Exclude<CandidateName, 'bare'>,
  { database }: Config,
): Reservations | undefined {
  switch (name) {
    case 'service':
      return undefined
    case 'empty':
      return emptyEngine()
    case 'single':
      return singleStatementEngine(database.url)
    case 'skip-locked':
      return skipLockedEngine(database.url)
    case 'row-a-seat':
      return rowASeatEngine(database.url)
    case 'advisory':
      return advisoryEngine(database.url)
    case 'serializable':
      return serializableEngine(database.url)
    case 'predecessor':
      return predecessorEngine(database.url)
    case 'prisma':
      return prismaEngine(database.url)
  }
}
