import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { Type, type Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
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

// As much as is read of what the standard has (opentelemetry-proto, trace.proto in JSON).
const Attributes = Type.Array(
  Type.Object({ key: Type.String(), value: Type.Record(Type.String(), Type.Unknown()) }),
)
const Nanoseconds = Type.String({ pattern: '^\\d+$' })
const Span = Type.Object({
  name: Type.String(),
  traceId: Type.String(),
  spanId: Type.String(),
  parentSpanId: Type.Optional(Type.String()),
  kind: Type.Integer(),
  startTimeUnixNano: Nanoseconds,
  endTimeUnixNano: Nanoseconds,
  attributes: Attributes,
  links: Type.Optional(Type.Array(Type.Object({ traceId: Type.String(), spanId: Type.String() }))),
  status: Type.Optional(
    Type.Object({ code: Type.Optional(Type.Integer()), message: Type.Optional(Type.String()) }),
  ),
})
const Traces = Type.Object({
  resourceSpans: Type.Array(
    Type.Object({
      resource: Type.Object({ attributes: Attributes }),
      scopeSpans: Type.Array(Type.Object({ spans: Type.Array(Span) })),
    }),
  ),
})

/** A collector that takes spans by OTLP/HTTP in JSON, and keeps them. */
export async function startCollector(t: Test) {
  const spans: SeenSpan[] = []
  const texts: string[] = []
  const strangers: string[] = []
  let status = 200
  const server = createServer((request, response) => {
    if (request.url !== '/v1/traces') strangers.push(`${request.method} ${request.url}`)
    void json(request).then((taken) => {
      texts.push(JSON.stringify(taken))
      if (status === 200) spans.push(...spansOf(Value.Decode(Traces, taken)))
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

/** The warnings that a service has logged so far. */
export const warningsOf = ({ printed }: Service): Record<string, unknown>[] =>
  printed
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ level }) => level === 40)

function spansOf({ resourceSpans }: Static<typeof Traces>): SeenSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = attributesOf(resource.attributes)['service.name']
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => seen(span, service)))
  })
}

function seen(span: Static<typeof Span>, service: unknown): SeenSpan {
  const { name, traceId, spanId, kind } = span
  return {
    name,
    traceId,
    spanId,
    parentSpanId: span.parentSpanId === '' ? undefined : span.parentSpanId,
    kind,
    startedAt: BigInt(span.startTimeUnixNano),
    endedAt: BigInt(span.endTimeUnixNano),
    attributes: attributesOf(span.attributes),
    links: span.links ?? [],
    status: span.status ?? {},
    service,
  }
}

function attributesOf(attributes: Static<typeof Attributes>): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
}
