/** Up to where an API key's secret begins, and the rest of the segment. */
const API_KEY = /(rsv_(?:[a-z0-9]{16}_)?)[^/]*/gi

/** The claims of a JWT tell of a person: whatever begins as base64url of `{"` does. */
const CLAIMS = /eyJ[^/]*/g

/**
 * Three parts, as a JWT has. It is looked for from the beginning of a segment on: from anywhere, a long path
 * without a dot would take the square of its length.
 */
const TOKEN = /\/[-\w]+\.[-\w]+\.[^/]*/g

/** What each of these needs: most paths have none of it. */
const SUSPECT = /rsv_|eyJ|\.[^/]*\./i

const HIDDEN = '***'

/**
 * A path as it may be logged, or be in a trace: up to the first character that no path of ours has. Behind
 * it a query may follow that is written in another way, such as `%3F` or `#`, and so may a credential, such
 * as `%72sv_`. Of an API key that somebody has put into the path its id is left, of a token nothing.
 */
export function loggedPath(url: string): string {
  const end = url.search(/[^-\w./]/)
  const path = end === -1 ? url : url.slice(0, end)
  if (!SUSPECT.test(path)) return path
  return path
    .replaceAll(API_KEY, `$1${HIDDEN}`)
    .replaceAll(TOKEN, `/${HIDDEN}`)
    .replaceAll(CLAIMS, HIDDEN)
}
