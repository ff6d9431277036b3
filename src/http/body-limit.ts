import type { FastifyInstance } from 'fastify'

/** Bytes that the largest body of some routes has, with some room. Who books sends no such body. */
const BODY_BYTES = {
  /** 100,000 seats that are all named. */
  seating: 4 * 1024 * 1024,
  /** 1,000 labels, or 100 pools and 100 ticket types, whatever letters they are in. */
  lists: 2 * 1024 * 1024,
} as const

/** How large a route's bodies may be: what it needs, or what `BODY_LIMIT_BYTES` allows all of them. */
export function bodyLimitOf(
  { initialConfig }: Pick<FastifyInstance, 'initialConfig'>,
  kind: keyof typeof BODY_BYTES,
): number {
  return Math.max(BODY_BYTES[kind], initialConfig.bodyLimit ?? 0)
}
