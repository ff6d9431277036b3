import { startServer } from './start/server-process.ts'
import { runSession } from './start/session.ts'

// What `npm start` runs: the built server, on an embedded PostgreSQL where DATABASE_URL names no
// database. A burst's requests die young: with a larger young generation (in MiB) the collector
// copies less.

const args = ['--max-semi-space-size=64', 'dist/server.js']

await runSession((env, onListening) => startServer({ args, env, onListening }))
