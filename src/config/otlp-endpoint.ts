import { ConfigurationError } from './configuration-error.ts'

const SCHEMES: readonly string[] = ['http:', 'https:']

/** Checks OTEL_EXPORTER_OTLP_ENDPOINT, the base of the URL that traces go to. @throws ConfigurationError */
export function assertOtlpEndpoint(value: string | undefined): void {
  if (value === undefined) return
  const url = URL.canParse(value) ? new URL(value) : null
  if (url !== null && SCHEMES.includes(url.protocol) && isPlain(url)) return
  // Without the value: there may be a password in it.
  throw new ConfigurationError(
    'OTEL_EXPORTER_OTLP_ENDPOINT must be a URL such as http://collector:4318, without user, query ' +
      'and fragment; credentials go into OTEL_EXPORTER_OTLP_HEADERS',
  )
}

/** The URL that traces are sent to (OTLP/HTTP: the signal's own path behind the endpoint's). */
export function tracesUrl(endpoint: string): string {
  return `${endpoint.replace(/\/+$/, '')}/v1/traces`
}

function isPlain({ username, password, search, hash }: URL): boolean {
  return username === '' && password === '' && search === '' && hash === ''
}
