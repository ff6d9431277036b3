import { Readable } from 'node:stream'
import { csvHeader, csvRows, type CsvColumns } from './csv.ts'
import { HttpError } from './errors.ts'

/** A page of a list, as JSON has it. */
export interface Paged {
  readonly next_cursor: string | null
}

/** A list whose pages are read one after the other. */
export interface PagedRows<Page extends Paged, Row extends object> {
  readonly columns: CsvColumns<Row>
  readonly rowsOf: (page: Page) => readonly Row[]
  readonly first: Page
  /** Reads the page that begins at a cursor; null where the event of the list is gone. */
  readonly read: (cursor: string) => Promise<Page | null>
  /** Breaks it off. */
  readonly stop: AbortSignal
}

/**
 * All rows of a list from a page on, as CSV. A page is read when somebody wants it: so no more than two
 * are in memory, the database is left alone while a client does not read, and between pages nothing of
 * it is held. The stream fails where a page does: then it has not told everything.
 */
export function csvStream<Page extends Paged, Row extends object>(
  list: PagedRows<Page, Row>,
): Readable {
  return Readable.from(textsOf(list))
}

async function* textsOf<Page extends Paged, Row extends object>({
  columns,
  rowsOf,
  first,
  read,
  stop,
}: PagedRows<Page, Row>): AsyncGenerator<string> {
  yield csvHeader(columns) + csvRows(columns, rowsOf(first))
  let cursor = first.next_cursor
  while (cursor !== null) {
    stop.throwIfAborted()
    const page = await read(cursor)
    if (page === null) throw new HttpError('event_not_found')
    yield csvRows(columns, rowsOf(page))
    cursor = page.next_cursor
  }
}
