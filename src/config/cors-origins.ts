import { ConfigurationError } from './configuration-error.ts'

// scheme "://" host [ ":" port ], as browsers write it (RFC 6454, section 6.2).
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/

/**
 * What CORS_ORIGINS names: origins, each compared as a whole, or the word `any`.
 * @throws ConfigurationError
 */
export function corsOriginsOf(value: string | undefined): 'any' | readonly string[] {
  if (value === undefined) return []
  if (value === 'any') return 'any'
  const origins = value.split(',').map((part) => part.trim())
  const wrong = origins.find((origin) => !isOrigin(origin))
  if (wrong === undefined) return origins
  throw new ConfigurationError(
    'CORS_ORIGINS must be origins such as https://tickets.example, separated by commas, or any, ' +
      `not ${JSON.stringify(wrong)}`,
  )
}

/** One that is written in another way than browsers do would never match. */
function isOrigin(text: string): boolean {
  if (!ORIGIN.test(text) || !URL.canParse(text)) return false
  const { protocol, origin } = new URL(text)
  return protocol === 'http:' || protocol === 'https:' ? origin === text : true
}
