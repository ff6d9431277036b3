import { ConfigurationError } from './configuration-error.ts'
import { assertUrlRules, BrokenUrlRule } from './database-url-rules.mjs'

export { driverUrlOf } from './database-url-rules.mjs'

/** Checks what of DATABASE_URL can be wrong before there is a database. @throws ConfigurationError */
export function assertDatabaseUrl(value: string): void {
  try {
    assertUrlRules(value)
  } catch (error) {
    if (!(error instanceof BrokenUrlRule)) throw error
    throw new ConfigurationError(`DATABASE_URL ${error.message}`)
  }
}
