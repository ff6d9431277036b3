export const PROBLEM_JSON = 'application/problem+json'

/**
 * Whether a client asks for problem details (RFC 9457): its Accept names that type, and gives it
 * at least the weight of plain JSON (RFC 9110, section 12.5.1: the most specific range counts).
 * A wildcard alone does not ask for it: the default envelope is the older contract.
 */
export function prefersProblemDetails(accept: string | undefined): boolean {
  // Nearly all clients end here, before anything is parsed.
  if (accept === undefined || !/problem\+json/i.test(accept)) return false
  const weights = parseWeights(accept)
  const problem = weights.get(PROBLEM_JSON) ?? 0
  const json =
    weights.get('application/json') ?? weights.get('application/*') ?? weights.get('*/*') ?? 0
  return problem > 0 && problem >= json
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
