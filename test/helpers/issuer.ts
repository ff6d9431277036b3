import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import type { Test } from 'tap'
import type { TokenIssuer } from '../../src/config/token-issuers.ts'

export const ISSUER = 'https://id.acme.example'
export const AUDIENCE = 'reservations'

/** A pair of keys under its name. */
export interface SigningKey {
  readonly alg: string
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly jwk: JWK
}

export async function createKey(alg: string, kid: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { alg, kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

/** A token for `ann`, for a minute; a claim that is undefined is left out, and so is the key's name. */
export function createToken(
  { alg, kid, privateKey }: Pick<SigningKey, 'alg' | 'privateKey'> & Partial<SigningKey>,
  claims: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const usual = { iss: ISSUER, aud: AUDIENCE, sub: 'ann', iat: now, exp: now + 60 }
  return new SignJWT({ ...usual, ...claims })
    .setProtectedHeader({ alg, ...(kid !== undefined && { kid }) })
    .sign(privateKey)
}

/** An issuer that shows its keys over HTTP, as one that a tenant has. */
export async function createIssuer(t: Test, ...keys: readonly SigningKey[]) {
  let requests = 0
  let listener: RequestListener = () => undefined
  const server = createServer((request, response) => {
    requests += 1
    listener(request, response)
  })
  const stop = async (): Promise<void> => {
    if (!server.listening) return
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  t.teardown(stop)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const jwksUrl = `http://127.0.0.1:${port}/jwks.json`
  const trusted: TokenIssuer = { tenantId: 'acme', issuer: ISSUER, audience: AUDIENCE, jwksUrl }

  const answerWith = (answer: RequestListener): void => {
    listener = answer
  }
  const show = (...jwks: readonly unknown[]): void => {
    answerWith((_request, response) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: jwks }))
    })
  }
  show(...keys.map(({ jwk }) => jwk))
  return {
    jwksUrl,
    /** As the configuration names it. */
    trusted,
    /** How often it was asked for its keys. */
    requests: () => requests,
    answerWith,
    show,
    stop,
    /** At its address from before. */
    restart: async (): Promise<void> => {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
  }
}
