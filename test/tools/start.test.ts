import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { stopEmbeddedDatabase } from '../../tools/embedded/index.ts'
import { serverProcesses } from './fixtures/embedded-processes.ts'
import { Program, processesWith } from './fixtures/program.ts'
import { copyProject } from './prisma-cli.ts'

t.setTimeout(300_000)
const project = await copyProject(t)
const dataDir = join(project, '.data/postgres')
t.teardown(() => stopEmbeddedDatabase(dataDir))

// What `npm start` runs when it has built the server.
const START = ['node', '--import=tsx', 'tools/start.ts']

/** Waits until the program suggests a request; gives the origin and the body in it. */
async function suggestion(program: Program): Promise<{ origin: string; body: string }> {
  const [, port = ''] = await program.line(/^Server running on port (\d+)$/)
  const [, origin = '', body = ''] = await program.line(
    /^Try it: curl -i (\S+)\/api\/.* '(\{.*\})'$/,
  )
  if (new URL(origin).port !== port) throw new Error(`${origin} has another port than ${port}`)
  return { origin, body }
}

function reserve(origin: string, body: string): Promise<Response> {
  const headers = { 'Content-Type': 'application/json' }
  return fetch(`${origin}/api/bookings/reserve`, { method: 'POST', headers, body })
}

async function assertStopped(t: Test): Promise<void> {
  t.same(await serverProcesses(dataDir), [], 'the database has stopped')
  t.same(serverPids(), [], 'the server has stopped')
}

function serverPids(): number[] {
  return processesWith(join(project, 'tools/start/companion.mjs').replaceAll(' ', '%20'))
}

await t.test('npm start builds, makes a database, serves, and stops on Ctrl-C', async (t) => {
  const program = new Program(t, project, ['npm', 'start'])
  const { origin, body } = await suggestion(program)
  const response = await reserve(origin, body)
  t.equal(response.status, 201, 'the line that is printed works as it stands')
  t.match(await response.json(), { booking: { id: 1, event_id: 1 } })

  const second = await new Program(t, project, START).end()
  t.equal(second.status, 1)
  t.match(second.stderr, /^Process \d+ holds the database in [^\n]*\.data\/postgres: [^\n]*\n$/)
  t.same(second.stdout, [], 'that is all it says')
  const [, holder = ''] = /(\d+)/.exec(second.stderr) ?? []
  t.ok(processesWith('tools/start.ts').includes(Number(holder)), 'it is the process to stop')

  program.signal('SIGINT')
  const { status, stderr } = await program.end()
  t.equal(status, 0)
  t.notMatch(stderr, 'Second SIGINT')
  await assertStopped(t)
})

await t.test('the data is kept; SIGTERM to the one process stops all', async (t) => {
  const program = new Program(t, project, START)
  const { origin, body } = await suggestion(program)
  t.equal((await fetch(`${origin}/api/bookings/1`)).status, 200)
  t.equal((await reserve(origin, body)).status, 201, 'with another user each time')
  process.kill(program.pid, 'SIGTERM')
  t.equal((await program.end()).status, 0)
  await assertStopped(t)
})

await t.test(
  'keys are made on the database that runs, or one line says that none does',
  async (t) => {
    const create = ['node', '--import=tsx', 'tools/cli.ts', 'keys', 'create']
    create.push('--tenant', 'default', '--scopes', 'events:read')
    const before = await new Program(t, project, create).end()
    t.match(before, { status: 1, stdout: [] })
    t.match(before.stderr, /^DATABASE_URL is not set, and no embedded database runs: [^\n]*\n$/)

    const program = new Program(t, project, START, { AUTH: 'keys' })
    const [, port = ''] = await program.line(/^Server running on port (\d+)$/)
    const origin = `http://localhost:${port}`
    await program.line(/^Make a key: npm run --silent keys -- create /)
    const made = await new Program(t, project, create).end()
    t.equal(made.status, 0, made.stderr)
    const [key = ''] = made.stdout
    const headers = { authorization: `Bearer ${key}` }
    t.equal((await fetch(`${origin}/api/events/1`, { headers })).status, 200)
    t.equal((await fetch(`${origin}/api/events/1`)).status, 401)
    program.signal('SIGINT')
    t.equal((await program.end()).status, 0)
    await assertStopped(t)
  },
)

await t.test(
  'where others reach it, keys are asked for unless somebody says otherwise',
  async (t) => {
    const program = new Program(t, project, START, { HOST: '0.0.0.0', AUTH: '' })
    const [, port = ''] = await program.line(/^Server running on port (\d+)$/)
    await program.line(/^Make a key: /)
    t.equal((await fetch(`http://127.0.0.1:${port}/api/events/1`)).status, 401)
    program.signal('SIGINT')
    t.equal((await program.end()).status, 0)
    await assertStopped(t)
  },
)

await t.test('a signal during the start calls it off', async (t) => {
  const program = new Program(t, project, START)
  await program.line(/^DATABASE_URL is not set: PostgreSQL runs/)
  program.signal('SIGINT')
  const { status, stderr } = await program.end()
  t.equal(status, 0)
  t.equal(stderr, '')
  await assertStopped(t)
})

await t.test('the server ends when the process that started it is killed', async (t) => {
  const program = new Program(t, project, START)
  await suggestion(program)
  t.equal(serverPids().length, 1)
  await program.kill()
  while (serverPids().length > 0) await sleep(20) // the test's own timeout bounds it
})

await t.test('all is killed, and the next start works', async (t) => {
  const program = new Program(t, project, START)
  await suggestion(program)
  for (const pid of [...serverPids(), ...(await serverProcesses(dataDir))]) {
    process.kill(pid, 'SIGKILL')
  }
  await program.kill()

  const again = new Program(t, project, START)
  const { origin } = await suggestion(again)
  t.equal((await fetch(`${origin}/api/bookings/1`)).status, 200)
  again.signal('SIGINT')
  t.equal((await again.end()).status, 0)
  await assertStopped(t)
})

await t.test("the server's exit status is its own", async (t) => {
  const occupied = createServer().listen(0, 'localhost')
  await once(occupied, 'listening')
  t.teardown(() => occupied.close())
  const address = occupied.address()
  const port = typeof address === 'object' ? String(address?.port) : ''
  const failed = await new Program(t, project, START, { PORT: port }).end()
  t.equal(failed.status, 1)
  t.match(failed.stderr, `Port ${port} is in use`)
  await assertStopped(t)
})

await t.test('no database is made in production', async (t) => {
  const { status, stderr, stdout } = await new Program(t, project, START, {
    NODE_ENV: 'production',
  }).end()
  t.equal(status, 1)
  t.equal(stderr, 'DATABASE_URL must be set\n')
  t.same(stdout, [])
})

await t.test('npm run dev starts the server again when a source changes', async (t) => {
  const file = join(project, 'src/routes/root/routes.ts')
  const source = await readFile(file, 'utf8')
  const program = new Program(t, project, ['npm', 'run', 'dev'])
  await suggestion(program)

  await writeFile(file, source.replace('Event Booking API is running', 'Changed'))
  await program.line(/^A file has changed/)
  const changed = await suggestion(program)
  t.equal(await (await fetch(changed.origin)).text(), 'Changed')

  await writeFile(file, `${source} syntax error`)
  await program.line(/^The server has ended: the next change/)
  await writeFile(file, source)
  const repaired = await suggestion(program)
  t.equal(await (await fetch(repaired.origin)).text(), 'Event Booking API is running')
  t.equal((await fetch(`${repaired.origin}/api/bookings/1`)).status, 200, 'on the same database')

  program.signal('SIGINT')
  t.equal((await program.end()).status, 0)
  await assertStopped(t)
})
