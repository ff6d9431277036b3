import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** How many values a body may be made of: {@link MAX_VALUES} where it does not say, and never fewer. */
    maxBodyValues?: number
  }
}

/**
 * Members and elements of a body, in all of its objects and arrays, where its route does not say otherwise:
 * each of them takes time of its own, however few bytes it has.
 */
export const MAX_VALUES = 20_000

/** How much some routes' largest bodies have, with some room. Who books sends no such body. */
const LARGE = {
  /** 100,000 seats that are all named. */
  seating: { bytes: 4 * 1024 * 1024, values: 200_000 },
  /** 1,000 labels, or 100 pools and 100 ticket types, whatever letters they are in. */
  lists: { bytes: 2 * 1024 * 1024, values: MAX_VALUES },
} as const

/** Has a route take bodies as large as it needs, or as `BODY_LIMIT_BYTES` allows all of them. */
export function takingLarge<O extends { readonly config: object }>(
  { initialConfig }: Pick<FastifyInstance, 'initialConfig'>,
  kind: keyof typeof LARGE,
  options: O,
) {
  const { bytes, values } = LARGE[kind]
  const bodyLimit = Math.max(bytes, initialConfig.bodyLimit ?? 0)
  return { ...options, config: { ...options.config, maxBodyValues: values }, bodyLimit }
}
