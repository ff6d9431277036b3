import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

// They would ask other hosts for news, and send what they have seen.
const QUIET = { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', NO_COLOR: '1' }

/** Runs a program in a folder; what it says, and whether it failed. */
export async function run(folder: string, program: string, ...args: string[]) {
  const options = { cwd: folder, env: { ...process.env, ...QUIET } }
  try {
    const { stdout, stderr } = await promisify(execFile)(program, args, options)
    return { failed: false, output: stdout + stderr }
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    return { failed: true, output: `${String(error)}\n${stdout}${stderr}` }
  }
}
