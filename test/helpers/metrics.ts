import type { App } from '../../src/app.ts'

/** One line of an answer. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const LINE = /^(?<name>[a-zA-Z_:][\w:]*)(?:\{(?<labels>.*)\})? (?<value>\S+)$/
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(?:,|$)/y

/** Reads Prometheus's text format, version 0.0.4; throws at a line that is none. */
export function parseMetrics(text: string): Sample[] {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return lines.map((line) => {
    const { name, labels = '', value } = LINE.exec(line)?.groups ?? {}
    if (name === undefined || value === undefined) throw new Error(`not a sample: ${line}`)
    return { name, labels: parseLabels(labels, line), value: valueOf(value, line) }
  })
}

function parseLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {}
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < text.length) {
    const [, name, value] = LABEL.exec(text) ?? []
    if (name === undefined || value === undefined) throw new Error(`not labels: ${line}`)
    if (name in labels) throw new Error(`a label twice: ${line}`)
    labels[name] = value.replace(/\\(.)/g, (_, character: string) =>
      character === 'n' ? '\n' : character,
    )
  }
  return labels
}

function valueOf(text: string, line: string): number {
  if (text === '+Inf') return Infinity
  const value = Number(text)
  if (Number.isNaN(value) && text !== 'NaN' && text !== 'Nan') throw new Error(`no number: ${line}`)
  return value
}

/** What a service tells; the same for a second from when it was last asked. */
export async function samplesOf(app: App): Promise<Sample[]> {
  if (app.metrics === null) throw new Error('nothing is measured')
  return parseMetrics(await app.metrics.read())
}

/** The value of the one series of that name that has these labels; undefined where there is none. */
export function valueIn(
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const found = samples.filter((sample) => sample.name === name && hasAll(sample, labels))
  if (found.length > 1) throw new Error(`${name} is no single series`)
  return found[0]?.value
}

function hasAll(sample: Sample, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(labels).every(([name, value]) => sample.labels[name] === value)
}
