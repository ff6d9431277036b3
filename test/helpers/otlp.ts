import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { Test } from 'tap'
import type { Service } from './service.ts'

/** A span as a collector gets it. */
export interface SeenSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly kind: number
  readonly startedAt: bigint
  readonly endedAt: bigint
  readonly attributes: Readonly<Record<string, unknown>>
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly status: { readonly code?: number; readonly message?: string }
  readonly service: unknown
}

export const SERVER_KIND = 2
export const CLIENT_KIND = 3

/** A collector that takes spans by OTLP/HTTP in JSON, and keeps them. */
export async function startCollector(t: Test) {
  const spans: SeenSpan[] = []
  const texts: string[] = []
  const strangers: string[] = []
  let status = 200
  const server = createServer((request, response) => {
    if (request.url !== '/v1/traces') strangers.push(`${request.method} ${request.url}`)
    void take(request).then((taken) => {
      texts.push(JSON.stringify(taken))
      if (status === 200) spans.push(...spansOf(taken))
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}`,
    spans,
    /** All that it was sent, as it came. */
    text: () => texts.join('\n'),
    requests: () => texts.length,
    strangers,
    answerWith: (answered: number): void => {
      status = answered
    },
    named: (name: string) => spans.filter((span) => span.name === name),
  }
}

function take(request: IncomingMessage): Promise<unknown> {
  return json(request)
}

/** The warnings that a service has logged so far. */
export const warningsOf = ({ printed }: Service): Record<string, unknown>[] =>
  printed
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ level }) => level === 40)

// Read as the standard has it (opentelemetry-proto, trace.proto in JSON).
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return */
function spansOf(taken: any): SeenSpan[] {
  return taken.resourceSpans.flatMap(({ resource, scopeSpans }: any) =>
    scopeSpans.flatMap((scope: any) =>
      scope.spans.map((span: any): SeenSpan => ({
        name: span.name,
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId === '' ? undefined : span.parentSpanId,
        kind: span.kind,
        startedAt: BigInt(span.startTimeUnixNano),
        endedAt: BigInt(span.endTimeUnixNano),
        attributes: attributesOf(span.attributes),
        links: span.links ?? [],
        status: span.status ?? {},
        service: attributesOf(resource.attributes)['service.name'],
      })),
    ),
  )
}

function attributesOf(attributes: any): Record<string, unknown> {
  const members = attributes.map(({ key, value }: any) => [key, Object.values(value)[0]])
  return Object.fromEntries(members)
}
