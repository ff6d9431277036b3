/** Where a logger writes its lines. */
export interface LogDestination {
  write(line: string): void
}

/**
 * Standard output, for the log of a process: to be opened once. The lines of one turn of the event
 * loop are written together, as to write each by itself costs a tenth of what a read costs in all. A
 * process that is killed loses those of its last turn; one that ends in any other way loses none.
 * Where nobody reads the log any more, the process goes on.
 */
export function openLogDestination(): LogDestination {
  let lines: string[] = []
  const flush = (): void => {
    if (lines.length === 0) return
    const text = lines.join('')
    lines = []
    process.stdout.write(text)
  }
  process.on('exit', flush)
  // Whoever has read the log has gone: that is no reason to stop serving.
  process.stdout.on('error', () => undefined)
  return {
    write(line) {
      if (lines.push(line) === 1) setImmediate(flush)
    },
  }
}
