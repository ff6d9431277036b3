import helmet from '@fastify/helmet'
import Fastify from 'fastify'
import { once } from './once.ts'

/**
 * What browsers are told of an answer: that it runs nothing, loads nothing and is shown in no frame,
 * that its type is not to be guessed, and that no other site may embed it. A page of ours says itself
 * what it loads.
 *
 * Strict-Transport-Security is not among it: the service speaks no TLS, and the header holds for a whole
 * host, of which this is a part (RFC 6797, section 7.2). Who ends TLS sends it.
 */
const OPTIONS = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  },
  xFrameOptions: { action: 'deny' },
  strictTransportSecurity: false,
  // Of documents only, or of browsers that nobody has any more.
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
} as const

/**
 * What helmet would set on each answer. It works that out anew for every request, and it is always the
 * same: so it is asked once, on an instance of its own.
 */
export const securityHeaders = once(async (): Promise<Readonly<Record<string, string>>> => {
  const app = Fastify()
  await app.register(helmet, OPTIONS)
  app.get('/', (_request, reply) => {
    reply.send()
  })
  const { headers } = await app.inject('/')
  await app.close()
  return Object.freeze(
    Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) =>
        OF_FASTIFY.includes(name) || typeof value !== 'string' ? [] : [[name, value]],
      ),
    ),
  )
})

/** What any answer has without helmet. */
const OF_FASTIFY = ['content-length', 'date', 'connection']
