import { Agent, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'

/** What is known of a request before it is sent. */
export type Claim =
  /** It is right by the document: what refuses it must be the state. */
  | 'valid'
  /** It breaks a rule of the document. */
  | 'invalid'
  /** Neither. */
  | 'odd'

export interface Asked {
  readonly operationId: string
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | undefined
  readonly claim: Claim
  /** What is special about it, for a person. */
  readonly about: string
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** No answer takes that long; the service's own limits are shorter. */
const TIMEOUT_MS = 120_000

/** Sends requests over connections that are kept. */
export class Sender {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  readonly #baseUrl: string
  readonly #key: string | null

  /** @param key - an API key that allows everything; null for a service that asks for none */
  constructor(baseUrl: string, key: string | null) {
    this.#baseUrl = baseUrl
    this.#key = key
  }

  async send({ method, url, headers, body }: Asked): Promise<Answer> {
    const { hostname, port } = new URL(this.#baseUrl)
    const ours = {
      ...(this.#key !== null && { authorization: `Bearer ${this.#key}` }),
      ...(body !== undefined && { 'content-length': String(body.length) }),
    }
    // Not as a URL: that would be normalised.
    const options = { hostname, port, path: url, method, headers: { ...headers, ...ours } }
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request({ ...options, agent: this.#agent }, resolve)
      sent.setTimeout(TIMEOUT_MS, () => sent.destroy(new Error(`no answer in ${TIMEOUT_MS} ms`)))
      sent.on('error', reject)
      sent.end(body)
    })
    const received = await text(response)
    return { status: response.statusCode ?? 0, headers: response.headers, body: received }
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** The request as a command line, but for the key that it needs. */
export function curlOf(baseUrl: string, { method, url, headers, body }: Asked): string {
  const quote = (value: string) => `'${value.replaceAll("'", `'\\''`)}'`
  const parts = [
    `curl -i --path-as-is -X ${method} ${quote(baseUrl + url)}`,
    ...Object.entries(headers).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
  ]
  if (body !== undefined) {
    const isText = Buffer.from(body.toString()).equals(body)
    parts.push(
      isText
        ? `--data-binary ${quote(body.toString())}`
        : `--data-binary @<(echo ${body.toString('base64')} | base64 -d)`,
    )
  }
  return parts.join(' ')
}
