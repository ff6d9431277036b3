import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import t from 'tap'
import { loadConfig } from '../../src/config/config.ts'
import { projectDir } from '../helpers/run-state.ts'
import { prisma } from '../tools/prisma-cli.ts'

const run = promisify(execFile)
const URL_BASE = 'postgresql://user:secret@host/name'

/** The URL that pg is given for one with these parameters, or the message that refuses it. */
function given(parameters: string): string {
  try {
    return loadConfig({ DATABASE_URL: `${URL_BASE}?${parameters}` }).database.url
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** What pg makes of the URL: whether it uses TLS, and whether it checks the server. */
function tlsOf(parameters: string): { ssl: boolean; checksServer: boolean } {
  const client = new pg.Client({ connectionString: given(parameters) })
  const ssl: unknown = Reflect.get(client, 'ssl')
  const isObject = typeof ssl === 'object' && ssl !== null
  const isChecked = !(isObject && Reflect.get(ssl, 'rejectUnauthorized') === false)
  return { ssl: Boolean(ssl), checksServer: Boolean(ssl) && isChecked }
}

t.test('each sslmode means what pg says it means', async (t) => {
  const warnings: string[] = []
  const note = ({ message }: Error): number => warnings.push(message)
  process.on('warning', note)
  t.teardown(() => process.off('warning', note))
  t.same(tlsOf(''), { ssl: false, checksServer: false })
  t.same(tlsOf('sslmode=disable'), { ssl: false, checksServer: false })
  t.same(tlsOf('sslmode=no-verify'), { ssl: true, checksServer: false })
  for (const mode of ['prefer', 'require', 'verify-ca', 'verify-full']) {
    t.same(tlsOf(`sslmode=${mode}`), { ssl: true, checksServer: true }, mode)
  }
  t.same(tlsOf('sslmode=require&uselibpqcompat=true'), { ssl: true, checksServer: false })
  t.same(tlsOf('ssl=true'), { ssl: true, checksServer: true })
  t.same(tlsOf('ssl=0'), { ssl: false, checksServer: false })
  await new Promise(setImmediate)
  t.same(warnings, [], 'without a word')
})

t.test('a URL that pg takes without a warning is passed on as it is', async (t) => {
  for (const parameters of ['schema=public', 'sslmode=verify-full&a=%20', 'pgbouncer=true&x=1']) {
    t.equal(given(parameters), `${URL_BASE}?${parameters}`)
  }
})

t.test('what pg would misunderstand is refused in one line, without the password', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'reservation-url-'))
  t.teardown(() => rm(dir, { recursive: true }))
  const nonsense = join(dir, 'nonsense.pem')
  await writeFile(nonsense, 'nonsense')
  const cases: [string, RegExp][] = [
    ['sslmode=allow', /one of disable, .*, no-verify as sslmode$/],
    ['sslmode=Require', /as sslmode$/],
    ['sslmode=', /as sslmode$/],
    ['ssl=false', /one of true, 1, 0, no-verify as ssl$/],
    ['sslnegotiation=maybe', /one of postgres, direct as sslnegotiation$/],
    ['sslmode=verify-ca&uselibpqcompat=true', /name a file in sslrootcert for verify-ca$/],
    [`sslrootcert=${dir}/gone.pem`, /name a readable file as sslrootcert: ENOENT/],
    [`sslcert=${dir}`, /name a readable file as sslcert: EISDIR/],
    [`sslcert=${nonsense}`, /name valid PEM files in sslrootcert, sslcert, sslkey: /],
    ['schema=app', /must not name a schema other than public/],
  ]
  for (const [parameters, rule] of cases) {
    const message = given(parameters)
    t.match(message, /^DATABASE_URL must [^\n]+$/, parameters)
    t.match(message, rule, parameters)
    t.notMatch(message, 'secret')
  }
})

t.test('the server ends at once with that line', async (t) => {
  const env = { PATH: process.env.PATH, DATABASE_URL: `${URL_BASE}?sslmode=allow` }
  const server = run(process.execPath, ['--import=tsx', 'src/server.ts'], { cwd: projectDir, env })
  await t.rejects(server, { code: 1, stderr: /^DATABASE_URL must have one of [^\n]+\n$/ })
})

t.test('the migrations refuse the same', async (t) => {
  for (const parameters of ['schema=app', 'sslmode=allow', 'ssl=false', 'sslkey=gone.pem']) {
    const { exitCode, output } = await prisma(['migrate', 'deploy'], {
      url: `${URL_BASE}?${parameters}`,
    })
    t.equal(exitCode, 1)
    t.match(output, `P1013`)
    t.match(output, given(parameters))
    t.notMatch(output, 'secret')
  }
})

t.test('and need nothing of the sources but those rules', async (t) => {
  // The image of the migrations has these two and no more: see the Dockerfile.
  const dir = await mkdtemp(join(projectDir, '.tap', 'migrate-'))
  t.teardown(() => rm(dir, { recursive: true }))
  const rules = 'src/config/database-url-rules.mjs'
  await cp(join(projectDir, 'tools/schema-engine'), join(dir, 'tools/schema-engine'), {
    recursive: true,
  })
  await cp(join(projectDir, rules), join(dir, rules))
  const { stdout } = await run(process.execPath, [
    '--input-type=module',
    '--eval',
    `import * as engine from ${JSON.stringify(join(dir, 'tools/schema-engine/engine.mjs'))}
     console.log(await engine.engineVersion())`,
  ])
  t.match(stdout, /^\w{40}/)
})
