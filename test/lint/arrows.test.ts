import { ESLint } from 'eslint'
import t from 'tap'
import tseslint from 'typescript-eslint'
import { projectDir } from '../helpers/run-state.ts'

// The promise: `npm run lint` holds the arrows between the rooms of src/. What is linted here need
// not be there, so that the rules which ask the compiler are left out.
const HELD_BY = ['no-restricted-imports', 'no-restricted-syntax']

const eslint = new ESLint({
  cwd: projectDir,
  overrideConfig: [tseslint.configs.disableTypeChecked],
  ruleFilter: ({ ruleId }) => HELD_BY.includes(ruleId),
})

/** The messages about a file of that content. */
async function messagesOf(filePath: string, code: string): Promise<string[]> {
  const results = await eslint.lintText(code, { filePath: `${projectDir}/${filePath}` })
  return results.flatMap(({ messages }) => messages.map(({ message }) => message))
}

function importOf(path: string): string {
  return `import { x } from '${path}'\nexport const y = x\n`
}

const FORBIDDEN: [filePath: string, path: string][] = [
  ['src/domain/x.ts', '../store/rows.ts'],
  ['src/plugins/x.ts', '../cli/keys.ts'],
  ['src/app.ts', './cli.ts'],
  ['src/cli/x.ts', '../generated/prisma/client.ts'],
  ['src/cli/x.ts', '../server.ts'],
  ['src/domain/x.ts', '../config/config.ts'],
  ['src/domain/x.ts', '../generated/prisma/client.ts'],
  ['src/domain/deep/x.ts', '../../engine/engine.ts'],
  ['src/store/x.ts', '../engine/engine.ts'],
  ['src/store/reads/x.ts', '../../http/paging.ts'],
  ['src/engine/x.ts', 'prom-client'],
  ['src/engine/x.ts', '@opentelemetry/api'],
  ['src/http/x.ts', '@opentelemetry/api'],
  ['src/plugins/tracing/x.ts', '@opentelemetry/sdk-trace-base'],
  ['src/plugins/tracing/x.ts', '@fastify/otel'],
  ['src/engine/x.ts', '../http/errors.ts'],
  ['src/engine/x.ts', '../plugins/prisma.ts'],
  ['src/engine/x.ts', '../generated/prisma/client.ts'],
  ['src/http/x.ts', '../routes/events/view.ts'],
  ['src/http/x.ts', '../plugins/reads.ts'],
  ['src/routes/events/x.ts', '../../plugins/reads.ts'],
  ['src/routes/events/x.ts', '../../store/write.ts'],
  ['src/routes/events/x.ts', '../../generated/prisma/client.ts'],
  ['src/routes/events/x.ts', 'pg'],
  ['src/plugins/x.ts', '../app.ts'],
  ['src/plugins/x.ts', '../generated/prisma/client.ts'],
  ['src/plugins/x.ts', '@prisma/adapter-pg'],
  ['src/config/x.ts', '../domain/commands.ts'],
  ['src/engine/x.ts', '../config/config.ts'],
  ['src/store/x.ts', '../config/config.ts'],
  ['src/app.ts', './server.ts'],
  ['src/server.ts', '../tools/start.ts'],
  ['src/plugins/prisma.ts', '../../tools/start.ts'],
  ['src/domain/x.ts', '../../test/helpers/state.ts'],
  ['src/domain/x.ts', '../../src/store/rows.ts'],
  ['src/domain/x.ts', './../store/rows.ts'],
  ['src/domain/x.ts', '../domain/../store/rows.ts'],
]

const ALLOWED: [filePath: string, path: string][] = [
  ['src/cli/x.ts', '../store/api-keys.ts'],
  ['src/domain/x.ts', './commands.ts'],
  ['src/store/x.ts', '../domain/commands.ts'],
  ['src/store/reads/x.ts', '../../generated/prisma/client.ts'],
  ['src/store/connections/x.ts', 'pg'],
  ['src/engine/x.ts', '../store/write.ts'],
  ['src/http/x.ts', '../engine/engine-error.ts'],
  ['src/http/x.ts', '../config/describe-rule.ts'],
  ['src/routes/events/x.ts', '../../store/reads/events.ts'],
  ['src/routes/events/x.ts', '../bookings/view.ts'],
  ['src/plugins/x.ts', '../store/sweep.ts'],
  ['src/plugins/metrics/x.ts', 'prom-client'],
  ['src/plugins/tracing/x.ts', '@opentelemetry/api'],
  ['src/plugins/prisma.ts', '../generated/prisma/client.ts'],
  ['src/app.ts', './plugins/prisma.ts'],
  ['src/server.ts', './app.ts'],
  ['tools/x.ts', '../src/config/config.ts'],
  ['test/x.test.ts', '../src/store/write.ts'],
]

t.test('an import against the arrows fails', async (t) => {
  for (const [filePath, path] of FORBIDDEN) {
    const messages = await messagesOf(filePath, importOf(path))
    t.ok(messages.length > 0, `${filePath} from ${path}`)
    const exported = await messagesOf(filePath, `export * from '${path}'\n`)
    t.ok(exported.length > 0, `${filePath} passes ${path} on`)
  }
})

t.test('an import along the arrows passes', async (t) => {
  for (const [filePath, path] of ALLOWED) {
    t.same(await messagesOf(filePath, importOf(path)), [], `${filePath} from ${path}`)
  }
})

t.test('a type goes against no arrow either, but Prisma’s may be named', async (t) => {
  const type = (path: string) => `import type { X } from '${path}'\nexport type Y = X\n`
  const fails = async (filePath: string, path: string) =>
    (await messagesOf(filePath, type(path))).length > 0
  t.ok(await fails('src/store/x.ts', '../engine/group-commit.ts'))
  t.ok(await fails('src/domain/x.ts', '../generated/prisma/client.ts'))
  t.ok(await fails('src/routes/events/x.ts', '../../generated/prisma/client.ts'))
  t.notOk(await fails('src/engine/x.ts', '../generated/prisma/client.ts'))
  t.notOk(await fails('src/plugins/x.ts', '../generated/prisma/client.ts'))
  t.notOk(await fails('src/routes/events/x.ts', '../../store/rows.ts'))
})

t.test('SQL is written in store/ only', async (t) => {
  const statements = [
    'export const read = (tx) => tx.$queryRaw`SELECT 1`',
    'export const read = (tx) => tx["$queryRawUnsafe"]("SELECT 1")',
    'export const write = ({ $executeRaw }) => $executeRaw`DELETE FROM events`',
    'export const part = (Prisma) => Prisma.sql`SELECT 1`',
    'export const read = (pool) => pool.query("SELECT 1")',
  ]
  for (const statement of statements) {
    for (const filePath of ['src/routes/events/x.ts', 'src/engine/x.ts', 'src/plugins/prisma.ts']) {
      t.ok((await messagesOf(filePath, statement)).length > 0, `${filePath}: ${statement}`)
    }
    t.same(await messagesOf('src/store/x.ts', statement), [], `src/store/x.ts: ${statement}`)
  }
})

t.test('an import at run time would get by unseen', async (t) => {
  const messages = await messagesOf('src/domain/x.ts', `await import('../store/rows.ts')\n`)
  t.equal(messages.length, 1)
  for (const name of ['@opentelemetry/sdk-trace-base', '@fastify/otel', 'ioredis']) {
    t.strictSame(await messagesOf('src/plugins/x.ts', `await import('${name}')\n`), [], name)
  }
})
