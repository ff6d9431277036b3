import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedDatabase } from './embedded/index.ts'
import { prisma } from './prisma-cli.ts'

// Whether the migrations lead to what schema.prisma says: they are applied to an empty embedded
// PostgreSQL, and the tables that come out are compared with the schema. Exits with 1 where they
// differ. CHECK constraints, triggers and functions are not Prisma's business and not compared.

// Ctrl-C ends the CLI below, and so this, but not before the database is stopped.
process.on('SIGINT', () => undefined)

const dir = await mkdtemp(join(tmpdir(), 'reservation-schema-'))
try {
  const database = await startEmbeddedDatabase({ dataDir: join(dir, 'postgres') })
  try {
    process.exitCode = (await check(database.url)) ? 0 : 1
  } finally {
    await database.stop()
  }
} finally {
  await rm(dir, { recursive: true, force: true })
}

/** Says what is wrong where something is. */
async function check(url: string): Promise<boolean> {
  const deployed = await prisma(['migrate', 'deploy'], { url })
  if (deployed.exitCode !== 0) {
    console.error(deployed.output)
    console.error('The migrations cannot be applied to an empty database.')
    return false
  }
  const compare = ['--from-config-datasource', '--to-schema', 'prisma/schema.prisma']
  const compared = await prisma(['migrate', 'diff', ...compare, '--exit-code'], { url })
  console.log(compared.output)
  // 0: the same, 2: not the same, anything else: not compared.
  if (compared.exitCode === 2) {
    console.error('The migrations do not lead to prisma/schema.prisma: `npm run db:migrate` adds')
    console.error('the migration that is missing.')
  }
  return compared.exitCode === 0
}
