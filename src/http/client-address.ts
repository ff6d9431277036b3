import { isIP } from 'node:net'
import { normalizeIP } from '@fastify/rate-limit'
import type { FastifyRequest } from 'fastify'
import { Newest } from '../engine/newest.ts'

/** What of a request tells where it comes from. */
export type Client = Pick<FastifyRequest, 'ips' | 'socket'>

/** The bits of an IPv6 address that a site is given at the least (RFC 6177); the others it chooses. */
const SITE_BITS = 64

/** As some proxies write the clients that they forward. */
const WITH_PORT = /^(?:\[([\da-f:.]+)\]|([\d.]+)):\d+$/i

/** The client's address, as far back as proxies are believed and tell one. */
export function clientAddress({ ips = [], socket }: Client): string | undefined {
  return ips.map(withoutPort).findLast((address) => isIP(address) !== 0) ?? socket.remoteAddress
}

/** An address as a proxy has told it. */
export function withoutPort(address: string): string {
  const [, v6, v4] = WITH_PORT.exec(address) ?? []
  return v6 ?? v4 ?? address
}

/**
 * What clients are counted by: an IPv4 address, or of an IPv6 address what its site can't choose, as
 * otherwise each request might come from a new one.
 */
export function clientNetwork(client: Client): string {
  const address = clientAddress(client) ?? ''
  const known = networks.get(address)
  if (known !== undefined) return known
  const network = normalizeIP(address, SITE_BITS)
  networks.set(address, network)
  return network
}

/** By address: to find out takes up to 12 µs, and each request that has to wait asks. */
const networks = new Newest<string, string>(10_000)
