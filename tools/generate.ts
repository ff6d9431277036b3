import { prisma } from './prisma-cli.ts'

// Generates Prisma's client for a command whose own output is all that may be seen: without a word where
// it succeeds. Where it fails, what the CLI said goes to standard error, and the status is its own.

const { exitCode, output } = await prisma(['generate', ...process.argv.slice(2)])
if (exitCode !== 0) {
  console.error(output.trim())
  process.exitCode = typeof exitCode === 'number' ? exitCode : 1
}
