/** Upper bounds of buckets, in seconds. */
export const SECONDS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const

/** What was observed under one set of labels. */
export class Observations {
  readonly #bounds: readonly number[]
  /** By bucket, the last one being without a bound. */
  readonly #counts: Float64Array
  #sum = 0

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
    this.#counts = new Float64Array(bounds.length + 1)
  }

  observe(value: number): void {
    const bounds = this.#bounds
    let bucket = 0
    while (bucket < bounds.length && value > (bounds[bucket] ?? Infinity)) bucket += 1
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#sum += value
  }

  /** Its lines in Prometheus's text format. */
  lines(name: string, labels: string): string[] {
    const before = labels === '' ? '' : `${labels},`
    let count = 0
    const buckets = [...this.#bounds, '+Inf'].map((bound, bucket) => {
      count += this.#counts[bucket] ?? 0
      return `${name}_bucket{${before}le="${bound}"} ${count}`
    })
    const braced = labels === '' ? '' : `{${labels}}`
    return [...buckets, `${name}_sum${braced} ${this.#sum}`, `${name}_count${braced} ${count}`]
  }
}

interface HistogramOptions {
  readonly name: string
  readonly help: string
  /** Upper bounds of its buckets; those for seconds, unless told otherwise. */
  readonly bounds?: readonly number[]
}

/**
 * A histogram whose labels are looked up once and not with each observation. Each request makes one:
 * prom-client's own sorts, checks and hashes the labels every time, which takes half a microsecond.
 */
export class Histogram<Label extends string> {
  readonly #name: string
  readonly #help: string
  readonly #bounds: readonly number[]
  readonly #children: (readonly [labels: string, observations: Observations])[] = []

  constructor({ name, help, bounds = SECONDS }: HistogramOptions) {
    this.#name = name
    this.#help = help
    this.#bounds = bounds
  }

  /** Where to observe what has these labels: to be asked for once and kept. */
  child(labels: Readonly<Record<Label, string | number>>): Observations {
    const observations = new Observations(this.#bounds)
    const text = Object.entries(labels).map(([name, value]) => `${name}="${escape(String(value))}"`)
    this.#children.push([text.join(','), observations])
    return observations
  }

  /** All of it in Prometheus's text format. */
  text(): string {
    const head = [`# HELP ${this.#name} ${this.#help}`, `# TYPE ${this.#name} histogram`]
    const lines = this.#children.flatMap(([labels, child]) => child.lines(this.#name, labels))
    return [...head, ...lines].join('\n')
  }
}

interface HistogramByOptions<Value extends string> extends HistogramOptions {
  readonly label: string
  readonly values: readonly Value[]
}

/** A histogram by one label of which all values are known: each of them is told of from the start. */
export class HistogramBy<Value extends string> extends Histogram<string> {
  readonly #ofValue: ReadonlyMap<Value, Observations>

  constructor({ label, values, ...options }: HistogramByOptions<Value>) {
    super(options)
    this.#ofValue = new Map(values.map((value) => [value, this.child({ [label]: value })]))
  }

  observe(value: Value, amount: number): void {
    this.#ofValue.get(value)?.observe(amount)
  }
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['"', '\\"'],
  ['\n', '\\n'],
])

function escape(value: string): string {
  return value.replace(/[\\"\n]/g, (character) => ESCAPES.get(character) ?? character)
}
