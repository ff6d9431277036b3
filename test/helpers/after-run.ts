import { cleanUpRun } from './clean-up.ts'
import { ownRun } from './run-state.ts'

// Runs once after all test files: what before-run.ts made goes away again.

await cleanUpRun(await ownRun())
