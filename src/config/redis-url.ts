import { ConfigurationError } from './configuration-error.ts'

const SCHEMES: readonly string[] = ['redis:', 'rediss:']
/** A database is chosen by its number. */
const PATH = /^(\/\d*)?$/

/** Checks what of REDIS_URL can be wrong before there is a server. @throws ConfigurationError */
export function assertRedisUrl(value: string | undefined): void {
  if (value === undefined) return
  const url = URL.canParse(value) ? new URL(value) : null
  const isRight = url !== null && SCHEMES.includes(url.protocol) && url.hostname !== ''
  if (isRight && PATH.test(url.pathname) && url.search === '' && url.hash === '') return
  // Without the value: there may be a password in it.
  throw new ConfigurationError(
    'REDIS_URL must be a URL such as redis://user:password@host:6379/0, or rediss://… for TLS',
  )
}
