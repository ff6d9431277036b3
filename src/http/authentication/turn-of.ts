import { parseApiKey } from '../../domain/api-key.ts'
import type { KeyRing } from '../../engine/key-ring.ts'
import { clientNetwork, type Client } from '../client-address.ts'
import { bearerOf } from './credential.ts'

interface Arrival extends Client {
  readonly headers: { readonly authorization?: string | undefined }
}

/**
 * By whom a request takes its turn before anybody has looked who it is: the tenant of an API key that is
 * at hand, else where it comes from. So nobody is more than these two by what he sends.
 */
export function turnOf(request: Arrival, ring: Pick<KeyRing, 'atHand'>): string {
  const key = parseApiKey(bearerOf(request.headers.authorization) ?? '')
  const grant = key && ring.atHand(key)
  return grant === undefined
    ? `network ${clientNetwork(request)}`
    : `tenant ${grant.caller.tenantId}`
}
