import proxyAddress from '@fastify/proxy-addr'
import type { FastifyRequest } from 'fastify'
import type { IncomingMessage } from 'node:http'
import type { Config } from '../config/config.ts'
import { withoutPort } from './client-address.ts'

/** Whether the peer at this address is believed; hop 0 is whoever has connected to us. */
export type Trust = (address: string, hop: number) => boolean

/** What stands between the service and its clients. */
export interface Proxying {
  /** The path under which clients see the service; empty where it is not set. */
  readonly basePath: string
  readonly trusts: Trust
}

declare module 'fastify' {
  interface FastifyInstance {
    proxying: Proxying
  }
}

// As BASE_PATH; bounded, as it is repeated in answers.
const SANE_PREFIX = /^(?=.{1,256}$)(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._~-]+)+$/
const OWN_PATH = /^\/(api|documentation)(?=[/?]|$)/

/** What `TRUST_PROXY` and `BASE_PATH` ask for. */
export function proxyingOf({ basePath, trustProxy }: Config['http']): Proxying {
  return { basePath, trusts: trustOf(trustProxy) }
}

/** Fastify itself takes a number for none, as it can't tell a proxy from a client that poses as one. */
function trustOf(trustProxy: Config['http']['trustProxy']): Trust {
  if (typeof trustProxy === 'boolean') return () => trustProxy
  if (typeof trustProxy === 'number') return (_address, hop) => hop < trustProxy
  const isTrusted = proxyAddress.compile(trustProxy)
  return (address, hop) => isTrusted(withoutPort(address), hop)
}

/**
 * The path under which the client sees the service: BASE_PATH, or else the `X-Forwarded-Prefix` of a
 * proxy that is believed; empty where there is none.
 */
export function basePathOf({ server, headers, socket }: FastifyRequest): string {
  const { basePath, trusts } = server.proxying
  if (basePath !== '') return basePath
  const prefix = headers['x-forwarded-prefix']
  if (typeof prefix !== 'string' || !SANE_PREFIX.test(prefix)) return ''
  return trusts(socket.remoteAddress ?? '', 0) ? prefix : ''
}

/**
 * For Fastify's `rewriteUrl`: takes the base path off, for a proxy that leaves it there. Undefined
 * where there is none. Where it looks like a path of ours, it is taken off only if one is left.
 */
export function withoutBasePath(
  basePath: string,
): ((request: Pick<IncomingMessage, 'url'>) => string) | undefined {
  if (basePath === '') return undefined
  return ({ url = '/' }) => {
    if (!url.startsWith(basePath)) return url
    const rest = url.slice(basePath.length)
    if (OWN_PATH.test(basePath) && !OWN_PATH.test(rest)) return url
    if (rest === '' || rest.startsWith('?')) return `/${rest}`
    return rest.startsWith('/') ? rest : url
  }
}
