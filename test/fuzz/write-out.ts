import type { Asked, Claim } from './asked.ts'
import { NDJSON } from './document.ts'
import type { Draft } from './draft.ts'

/** A draft as it is sent. */
export function writeOut(draft: Draft, claim: Claim, about: string): Asked {
  const { operation, params, query, headers, body } = draft
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? '')
  const members = query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  const asked = {
    operationId: operation.id,
    method: operation.method,
    url: members.length === 0 ? path : `${path}?${members.join('&')}`,
    claim,
    about,
  }
  if (body === undefined) return { ...asked, headers, body: undefined }
  const json = JSON.stringify(body)
  const [type, text] = operation.takesLines
    ? // The same twice: the second one meets what the first one has done.
      [NDJSON, `${json}\n${json}\n`]
    : ['application/json', json]
  return { ...asked, headers: { 'content-type': type, ...headers }, body: Buffer.from(text) }
}
