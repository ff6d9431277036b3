import type { Asked, Claim } from './asked.ts'
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
  return body === undefined
    ? { ...asked, headers, body: undefined }
    : {
        ...asked,
        headers: { 'content-type': 'application/json', ...headers },
        body: Buffer.from(JSON.stringify(body)),
      }
}
