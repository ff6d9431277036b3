import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { CSV, prefersCsv } from './accept.ts'
import { csvStream, type Paged } from './csv-stream.ts'
import type { CsvColumns } from './csv.ts'
import { codingFor, compressing } from './encoded.ts'
import { failureOf, sendFailure } from './failure.ts'
import { pagesShown } from './shown.ts'
import { varyBy } from './vary.ts'

/** A list as somebody asks for it. */
interface AskedList<Page> {
  /** What a file of it is called, without an ending. */
  readonly name: string
  readonly cursor: string | undefined
  /** Reads the page that begins at a cursor; null where there is no such event. */
  readonly read: (cursor: string | undefined) => Promise<Page | null>
}

/**
 * Sends lists: a page as JSON or, where the client prefers that, all rows from there on as CSV. What
 * goes wrong before the first row is answered as ever; later the connection is cut, so that the client
 * can tell that rows are missing.
 */
export function listsShown<Page extends Paged, Row extends object>(
  columns: CsvColumns<Row>,
  rowsOf: (page: Page) => readonly Row[],
) {
  const sendPage = pagesShown()
  return async (
    request: FastifyRequest,
    reply: FastifyReply,
    { name, cursor, read }: AskedList<Page>,
  ): Promise<FastifyReply> => {
    const first = await read(cursor)
    if (first === null) return sendFailure(request, reply, failureOf('event_not_found'))
    varyBy(reply, 'accept')
    if (!prefersCsv(request.headers.accept)) return sendPage(reply, first)
    const list = { columns, rowsOf, first, read, stop: request.server.closing }
    return sendFile(request, reply, `${name}.csv`, () => csvStream(list))
  }
}

function sendFile(
  { method, headers }: FastifyRequest,
  reply: FastifyReply,
  name: string,
  open: () => Readable,
): FastifyReply {
  varyBy(reply.type(CSV), 'accept-encoding')
  reply.header('content-disposition', `attachment; filename="${name}"`)
  const coding = codingFor(headers['accept-encoding'])
  if (coding !== 'identity') reply.header('content-encoding', coding)
  // The framework would read to its end what HEAD leaves out.
  if (method === 'HEAD') return reply.send(Readable.from([]))
  return reply.send(coding === 'identity' ? open() : compressing(open(), coding))
}
