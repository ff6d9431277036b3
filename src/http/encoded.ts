import { hash } from 'node:crypto'
import { promisify } from 'node:util'
import { pipeline, type Readable } from 'node:stream'
import { brotliCompress, constants, createBrotliCompress, createGzip, gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { parseWeights } from './accept.ts'
import { ifNoneMatchFails } from './etag.ts'
import { varyBy } from './vary.ts'

/** Content codings that we can send, the best first (RFC 9110, section 8.4.1). */
const CODINGS = ['br', 'gzip'] as const
export type Compression = (typeof CODINGS)[number]
type Coding = Compression | 'identity'

interface Variant {
  readonly bytes: Buffer
  /** Each coding has bytes of its own, so a strong tag of its own. */
  readonly tag: string
}

/** A text as bytes, as it is and in the codings that it has been made in. */
export interface Encoded {
  readonly contentType: string
  readonly variants: { readonly identity: Variant } & Readonly<Partial<Record<Coding, Variant>>>
}

// Above this level brotli takes ten times as long for a few per cent.
const BROTLI_LEVEL = 6

/** The bytes of a text as it is: for what is not sent often enough to be worth compressing. */
export function unencoded(text: string, contentType: string): Encoded {
  return { contentType, variants: { identity: variantOf(Buffer.from(text)) } }
}

/** Makes the bytes in each coding, off the main thread. */
export async function encode(text: string, contentType: string): Promise<Encoded> {
  const identity = Buffer.from(text)
  const [br, gzipped] = await Promise.all([
    compress(identity, 'br', BROTLI_LEVEL),
    compress(identity, 'gzip', BROTLI_LEVEL),
  ])
  const variants = { identity: variantOf(identity), br: variantOf(br), gzip: variantOf(gzipped) }
  return { contentType, variants }
}

/** Compresses a text off the main thread. */
export function compress(
  text: string | Buffer,
  coding: Compression,
  brotliLevel: number,
): Promise<Buffer> {
  if (coding === 'gzip') return promisify(gzip)(text)
  const params = { [constants.BROTLI_PARAM_QUALITY]: brotliLevel }
  return promisify(brotliCompress)(text, { params })
}

// With the window that it would take, each stream had some 8 MB.
const STREAMED_BROTLI = {
  params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_LGWIN]: 18 },
}

/** Compresses a stream as it is read. It fails where the stream does, which ends where it is destroyed. */
export function compressing(stream: Readable, coding: Compression): Readable {
  const compressor = coding === 'br' ? createBrotliCompress(STREAMED_BROTLI) : createGzip()
  // Whoever reads it learns of an error.
  return pipeline(stream, compressor, () => undefined)
}

function variantOf(bytes: Buffer): Variant {
  const digest = hash('sha256', bytes, 'base64url')
  return { bytes, tag: `"${digest.slice(0, 27)}"` }
}

/** Sends the variant that the client likes best, or 304 if it has that one already. */
export function sendEncoded(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  { contentType, variants }: Encoded,
): FastifyReply {
  const asked = codingFor(headers['accept-encoding'])
  const coding = variants[asked] === undefined ? 'identity' : asked
  const { bytes, tag } = variants[coding] ?? variants.identity
  varyBy(reply, 'accept-encoding')
  reply.headers({ etag: tag, 'cache-control': 'no-cache' })
  if (ifNoneMatchFails(headers['if-none-match'], tag)) return reply.code(304).send()
  if (coding !== 'identity') reply.header('content-encoding', coding)
  return reply.type(contentType).send(bytes)
}

/**
 * The coding that an `Accept-Encoding` asks for (RFC 9110, section 12.5.3). Without one, or where it
 * has none of ours, the bytes are sent as they are.
 */
export function codingFor(acceptEncoding: string | string[] | undefined): Coding {
  if (typeof acceptEncoding !== 'string') return 'identity'
  const weights = parseWeights(acceptEncoding)
  let best: Coding = 'identity'
  let bestWeight = 0
  for (const coding of CODINGS) {
    const weight = weights.get(coding) ?? weights.get('*') ?? 0
    if (weight > bestWeight) [best, bestWeight] = [coding, weight]
  }
  return (weights.get('identity') ?? 0) > bestWeight ? 'identity' : best
}
