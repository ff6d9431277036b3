import { HELP, readArguments, UsageError } from './cli/arguments.ts'
import { runKeys } from './cli/keys.ts'
import { loadConfig, loadEnvironmentFile } from './config/config.ts'
import { report, reportAside, reportFatal } from './report.ts'

// The command line of whoever runs the service: `node dist/cli.js keys create …`. What was asked for
// goes to stdout, alone, so that it can be piped; all else to stderr.

try {
  const command = readArguments(process.argv.slice(2))
  if (command.type === 'help') {
    report(HELP)
  } else {
    loadEnvironmentFile()
    const { database } = loadConfig(process.env)
    await runKeys(command, database, { print: report, hint: reportAside })
  }
} catch (error) {
  reportFatal(error)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
