import { execFile } from 'node:child_process'
import t, { type Test } from 'tap'
import { parseApiKey } from '../../src/domain/api-key.ts'
import { createApi } from '../helpers/api.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { programArgs } from '../helpers/programs.ts'
import { projectDir } from '../helpers/run-state.ts'

interface Ended {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

const program = await programArgs('cli')

/** Runs the command line as an operator does. */
function run(url: string, ...args: string[]): Promise<Ended> {
  const env = { PATH: process.env.PATH, NODE_ENV: 'test', DATABASE_URL: url }
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [...program, ...args],
      { cwd: projectDir, env },
      (error, stdout, stderr) => {
        const status = error === null ? 0 : Number(error.code)
        resolve({ status, stdout, stderr })
      },
    )
    child.stdin?.end()
  })
}

function refuses(t: Test, { status, stdout, stderr }: Ended, expected: number, text: RegExp) {
  t.equal(status, expected, stderr)
  t.equal(stdout, '')
  t.match(stderr, text)
  t.equal(stderr.trimEnd().split('\n').length, 1, 'in one line')
}

t.test('a key is made, lets its holder in, is listed, and revoked', async (t) => {
  const api = await createApi(t, { AUTH: 'keys' })
  const { url } = api.database
  const create = ['keys', 'create', '--tenant', 'acme']
  const made = await run(url, ...create, '--scopes', 'events:write,events:read', '--name', 'Ann')
  t.equal(made.status, 0, made.stderr)
  t.match(made.stdout, /^rsv_[a-z0-9]{16}_[\w-]{43}\n$/, 'the key alone')
  t.match(made.stderr, /not shown again/)
  const key = made.stdout.trim()
  const id = parseApiKey(key)?.id ?? ''
  const headers = { authorization: `Bearer ${key}` }
  const event = { name: 'Concert', total_seats: 1 }
  t.equal((await api.ask('POST', '/events', event, headers)).status, 201)
  t.equal((await api.ask('GET', '/keys', undefined, headers)).status, 403)

  const expires = '2999-01-01T00:00:00Z'
  const second = await run(
    url,
    ...['keys', 'create', '--tenant', 'other', '--scopes', 'admin', '--expires', expires],
    ...['--name', '🎫'.repeat(255)],
  )
  const otherId = parseApiKey(second.stdout.trim())?.id ?? ''
  const all = await run(url, 'keys', 'list')
  t.equal(all.status, 0)
  const lines = all.stdout.trimEnd().split('\n')
  t.equal(lines.length, 2)
  t.match(lines[0], new RegExp(`^${id}\tacme\tevents:write,events:read\t.*\tAnn$`))
  t.match(
    lines[1],
    new RegExp(`^${otherId}\tother\tadmin\t\\S+\t2999-01-01T00:00:00.000Z\t-\t-\t(🎫){255}$`),
  )
  t.notOk(all.stdout.includes(key.slice(-43)), 'without the secret')
  const theirs = await run(url, 'keys', 'list', '--tenant', 'other')
  t.match(theirs.stdout, new RegExp(`^${otherId}\t[^\n]*\n$`))

  const revoked = await run(url, 'keys', 'revoke', id)
  t.match(revoked, { status: 0, stdout: '' })
  api.app.keyRing.forget(id)
  t.equal((await api.ask('GET', '/events', undefined, headers)).status, 401)
  t.match((await run(url, 'keys', 'list', '--tenant', 'acme')).stdout, /\t20\S+Z\tAnn\n$/)
})

t.test('a name from elsewhere does nothing to the terminal, nor to the table', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  await pool.query(
    `INSERT INTO api_keys (id, tenant_id, name, scopes, secret_hash)
     VALUES ('0000000000000000', 'acme', $1, '{admin}', sha256(''))`,
    ['a\x1b[2J\tb\nc\r\u0085\u2028d\u202ee Zoë'],
  )
  const { stdout } = await run(url, 'keys', 'list')
  t.match(stdout, /^[^\n]*\ta\ufffd\[2J\ufffdb\ufffdc\ufffd{3}d\ufffde Zoë\n$/)
  t.equal(stdout.split('\t').length, 8)
})

t.test('what is wrong is said in one line', async (t) => {
  const { url } = await createTestDatabase(t)
  const create = ['keys', 'create', '--tenant', 'acme', '--scopes', 'admin']
  const secret = 'rsv_0123456789abcdef_' + 'x'.repeat(43)
  for (const [args, text] of [
    [['keys'], /create, list and revoke/],
    [['locks'], /only command is keys/],
    [['keys', 'create', '--scopes', 'admin'], /--tenant is required/],
    [['keys', 'create', '--tenant', 'Acme', '--scopes', 'admin'], /--tenant must be/],
    [['keys', 'create', '--tenant', 'acme'], /--scopes must be some of events:read/],
    [['keys', 'create', '--tenant', 'acme', '--scopes', 'root'], /--scopes must be/],
    [[...create, '--expires', 'soon'], /--expires must be a time/],
    [[...create, '--expires', '2020-01-01T00:00:00Z'], /--expires must be in the future/],
    [[...create, '--name', ' '], /--name must be/],
    [[...create, '--name', 'a\u0085b'], /--name must be/],
    [[...create, '--name', '🎫'.repeat(256)], /--name must be/],
    [[...create, '--no-such'], /Unknown option/],
    [[...create, secret], /one argument too many/],
    [['keys', 'revoke'], /needs the id/],
    [['keys', 'revoke', secret], /has 16 characters/],
  ] as const) {
    const ended = await run(url, ...args)
    refuses(t, ended, 2, text)
    t.notOk(ended.stderr.includes(secret))
  }
  refuses(t, await run(url, 'keys', 'revoke', '0'.repeat(16)), 1, /There is no key with the id 0+/)
  refuses(t, await run('', 'keys', 'list'), 1, /DATABASE_URL must be set/)
  const away = 'postgresql://ann:hidden@127.0.0.1:1/x'
  const gone = await run(away, 'keys', 'list')
  refuses(t, gone, 1, /The database at 127\.0\.0\.1:1 does not answer/)
  t.notOk(gone.stderr.includes('hidden'))
  const { url: empty } = await createTestDatabase(t, { template: 'empty' })
  refuses(t, await run(empty, 'keys', 'list'), 1, /prisma migrate deploy/)
})

t.test('--help says what there is', async (t) => {
  for (const args of [['--help'], ['keys', '-h'], []]) {
    t.match(await run('', ...args), { status: 0, stdout: /keys create --tenant/, stderr: '' })
  }
})
