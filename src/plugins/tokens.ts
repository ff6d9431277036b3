import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../config/config.ts'
import { TokenVerifier } from '../http/tokens/token-verifier.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Tells for whom a token is. */
    tokens: TokenVerifier
  }
}

/** Tokens for people, of the issuers that the configuration names. */
function tokens(
  app: FastifyInstance,
  { config }: { config: Pick<Config, 'tokens'> },
  done: () => void,
): void {
  app.decorate('tokens', new TokenVerifier({ ...config.tokens, log: app.log }))
  done()
}

export default fp(tokens, { name: 'tokens', fastify: '5.x' })
