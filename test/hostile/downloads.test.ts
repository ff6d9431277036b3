import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t, { type Test } from 'tap'
import { createEvent } from '../helpers/race.ts'
import { recordLog } from '../helpers/log.ts'
import { until } from '../helpers/until.ts'

// The promise: a file of however many rows takes little memory, and no reads while its client does not
// read, or when it has gone; what could not be sent whole is cut.

const ROWS = 100_000
const LIMIT = 100
/** Pages that may be read ahead of a client, beside what its connection takes. */
const AHEAD = 3
/** All rows in memory at once take several times as much. */
const MAX_GROWTH_BYTES = 16 * 1024 * 1024

setFlagsFromString('--expose-gc')
const collectGarbage: unknown = runInNewContext('gc')

/** Of the heap, without what nobody uses any more. */
function usedBytes(): number {
  if (typeof collectGarbage === 'function') Reflect.apply(collectGarbage, undefined, [])
  return process.memoryUsage().heapUsed
}

async function createDownloads(t: Test, environment: Record<string, string> = {}) {
  const { app, database, lines } = await recordLog(t, environment)
  const eventId = await createEvent(database.pool, ROWS)
  await database.pool.query(
    `INSERT INTO bookings (event_id, user_id) SELECT $1, rpad(n::text, 250, 'x') FROM generate_series(1, $2::int) n`,
    [eventId, ROWS],
  )
  let pages = 0
  // Each page is read in a transaction of its own.
  const transact: unknown = Reflect.get(app.readPrisma, '$transaction')
  if (typeof transact !== 'function') throw new TypeError('Prisma has changed')
  Reflect.set(app.readPrisma, '$transaction', (...work: unknown[]): unknown => {
    pages += 1
    const done: unknown = Reflect.apply(transact, app.readPrisma, work)
    return done
  })
  const url = `${await app.listen({ port: 0 })}/api/bookings?event_id=${eventId}&limit=${LIMIT}`
  return {
    database,
    lines,
    pages: () => pages,
    /** Reads pages by another way: whatever was to be read before has been begun when they are there. */
    readOthers: async () => {
      for (let i = 0; i < 5; i += 1) await (await fetch(`${url}&order=desc`)).arrayBuffer()
      return 5
    },
    /** A file that is not read yet, and the server's end of its connection, which is full. */
    open: async (): Promise<{ file: IncomingMessage; socket: Socket }> => {
      const connected = once(app.server, 'connection')
      const asking = get(url, { headers: { accept: 'text/csv' }, agent: false })
      asking.on('error', () => undefined)
      const [[socket], [file]] = await Promise.all([connected, once(asking, 'response')])
      await until(() => Promise.resolve(socket.writableNeedDrain), 'the connection is full')
      return { file, socket }
    },
  }
}

t.test('files', { timeout: 300_000 }, async (t) => {
  const { open, pages, readOthers, database, lines } = await createDownloads(t)

  await t.test(
    'nothing is read while the client does not read, and little is in memory',
    async (t) => {
      const { file } = await open()
      const before = pages()
      const others = await readOthers()
      t.ok(before > 0, `${before} pages`)
      t.ok(pages() - others - before <= AHEAD, `${pages() - others - before} pages more`)

      const heapBytes = usedBytes()
      let [most, rows, chunks] = [0, -1, 0]
      for await (const chunk of file) {
        rows += String(chunk).split('\n').length - 1
        if ((chunks += 1) % 500 === 0) most = Math.max(most, usedBytes())
      }
      t.ok(file.complete)
      t.equal(rows, ROWS)
      t.ok(most - heapBytes < MAX_GROWTH_BYTES, `the heap grew by ${most - heapBytes} bytes`)
    },
  )

  await t.test('nothing is read for a client that has gone', async (t) => {
    const { file, socket } = await open()
    // Not by `once` of events, which would fail at the error that may come first.
    const closed = new Promise((resolve) => socket.once('close', resolve))
    file.on('error', () => undefined).destroy()
    await closed
    const before = pages()
    const others = await readOthers()
    t.ok(pages() - others - before <= 1, `${pages() - others - before} pages more`)
    await until(
      () => Promise.resolve(lines().some(({ msg }) => msg === 'client has gone')),
      'a line',
    )
  })

  await t.test('what fails in the middle is cut, and logged', async (t) => {
    const { file } = await open()
    await database.pool.query('ALTER TABLE bookings RENAME TO gone')
    await t.rejects(file.toArray(), { code: 'ECONNRESET' })
    t.equal(file.complete, false)
    const isTold = () => lines().some(({ msg, level }) => msg === 'answer cut off' && level === 50)
    await until(() => Promise.resolve(isTold()), 'a line at error')
    await database.pool.query('ALTER TABLE gone RENAME TO bookings')
  })
})
