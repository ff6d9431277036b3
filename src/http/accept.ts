export const PROBLEM_JSON = 'application/problem+json'
export const CSV = 'text/csv; charset=utf-8'

/** Whether a client asks for problem details (RFC 9457): the default envelope is the older contract. */
export function prefersProblemDetails(accept: string | undefined): boolean {
  // Nearly all clients end here, before anything is parsed.
  if (accept === undefined || !/problem\+json/i.test(accept)) return false
  return prefers(accept, PROBLEM_JSON)
}

/** Whether a client asks for a list as CSV. */
export function prefersCsv(accept: string | undefined): boolean {
  return accept !== undefined && /text\/csv/i.test(accept) && prefers(accept, 'text/csv')
}

/**
 * Whether an Accept names the type, and gives it at least the weight of plain JSON (RFC 9110, section
 * 12.5.1: the most specific range counts). A wildcard alone does not ask for it.
 */
function prefers(accept: string, type: string): boolean {
  const weights = parseWeights(accept)
  const weight = weights.get(type) ?? 0
  const json =
    weights.get('application/json') ?? weights.get('application/*') ?? weights.get('*/*') ?? 0
  return weight > 0 && weight >= json
}

/** What a header of weighted values, such as `Accept`, gives to each (RFC 9110, section 12.4.2). */
export function parseWeights(accept: string): Map<string, number> {
  const weights = new Map<string, number>()
  for (const range of accept.toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim())
    weights.set(type, weightOf(parameters))
  }
  return weights
}

// A weight that is not a number between 0 and 1 counts as absent, as in most servers.
function weightOf(parameters: readonly string[]): number {
  const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
  return weight !== undefined && /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(weight) ? Number(weight) : 1
}
