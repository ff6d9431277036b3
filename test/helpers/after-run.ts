import { cleanUpRun } from './clean-up.ts'

// Runs once after all test files: what before-run.ts made goes away again.

await cleanUpRun()
