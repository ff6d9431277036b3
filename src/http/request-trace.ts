import type { CommandTrace } from '../engine/traces.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Null where the request is not traced. */
    readonly trace: RequestTrace | null
  }
}

/** The trace that a request is part of (W3C Trace Context). */
export interface RequestTrace {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** Goes with the request's command; undefined where the request is not recorded. */
  readonly command: CommandTrace | undefined
  /** Asks another service, in a span of its own. `send` has to send the headers that it is given. */
  readonly ask: <T>(
    method: string,
    url: string,
    send: (headers: Readonly<Record<string, string>>) => Promise<T>,
  ) => Promise<T>
}
