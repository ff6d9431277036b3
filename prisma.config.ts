import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'prisma/config'

function pathOf(relativePath: string): string {
  return fileURLToPath(new URL(relativePath, import.meta.url))
}

// A variable that the shell has set wins: loadEnvFile does not override.
const envFile = pathOf('.env')
if (existsSync(envFile)) process.loadEnvFile(envFile)

// Without this Prisma downloads a native engine at first use, even to generate the client.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= pathOf('tools/schema-engine.mjs')

const url = process.env.DATABASE_URL

export default defineConfig({
  schema: pathOf('prisma/schema.prisma'),
  migrations: { path: pathOf('prisma/migrations') },
  // Left out where unset: Prisma's own env() would fail commands that need no database.
  ...(url ? { datasource: { url } } : {}),
})
