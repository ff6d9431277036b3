/** Writes one plain line for people to stdout. Such lines are no log: they stay as they are. */
export function report(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Writes one plain line to stderr: what is said beside the output that was asked for. */
export function reportAside(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Writes to stderr, in one line, why the process ends or can't do as it was told. */
export function reportFatal(reason: unknown): void {
  reportAside(lineOf(reason))
}

function lineOf(reason: unknown): string {
  if (!(reason instanceof Error)) return String(reason)
  const code = 'code' in reason ? reason.code : undefined
  if (code === 'EADDRINUSE' && 'port' in reason) {
    return `Port ${String(reason.port)} is in use: stop what listens there, or set PORT to another`
  }
  if (code === 'EACCES' && 'port' in reason) {
    return `Port ${String(reason.port)} needs more rights: set PORT to 1024 or more`
  }
  if (code === 'ENOTFOUND' && 'hostname' in reason) {
    return `HOST cannot be resolved: ${String(reason.hostname)}`
  }
  return reason.message.replaceAll(/\s*\n\s*/g, ' ')
}
