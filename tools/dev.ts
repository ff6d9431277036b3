import { join } from 'node:path'
import { PROJECT } from './prisma-cli.ts'
import { restartOnChange } from './start/restart-on-change.ts'
import { startServer } from './start/server-process.ts'
import { runSession } from './start/session.ts'

// What `npm run dev` runs: the server from its sources, started again when one of them changes, on
// the same database as `npm start`.

const args = ['--import=tsx', 'src/server.ts']

await runSession((env, onListening) =>
  restartOnChange(join(PROJECT, 'src'), () => startServer({ args, env, onListening })),
)
