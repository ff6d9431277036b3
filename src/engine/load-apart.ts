import { classifyFailure } from '../store/failure.ts'
import { readErrorOf } from './read-error.ts'
import { retryRead } from './retry-read.ts'

/** Reads what there is under keys, in one statement; a key that has nothing is missing. */
export type Load<K, V> = (keys: readonly K[]) => Promise<ReadonlyMap<K, V>>

/** What came of one key. */
export type Loaded<V> = { readonly value: V | null } | { readonly error: Error }

/**
 * Reads keys together, and gives each its own fate where that fails: what the next try may mend is
 * tried again; what may be the fault of one key is halved until that one stands alone. Never rejects.
 */
export async function loadApart<K, V>(
  load: Load<K, V>,
  keys: readonly K[],
): Promise<Map<K, Loaded<V>>> {
  if (keys.length === 0) return new Map()
  try {
    const values = await retryRead(() => load(keys))
    return new Map(keys.map((key) => [key, { value: values.get(key) ?? null }]))
  } catch (error) {
    if (mayBeOfOne(error) && keys.length > 1) return halve(load, keys)
    const loaded = { error: readErrorOf(error) }
    return new Map(keys.map((key) => [key, loaded]))
  }
}

function mayBeOfOne(error: unknown): boolean {
  const kind = classifyFailure(error)
  return kind === 'refused_data' || kind === 'data_fault' || kind === 'unknown'
}

async function halve<K, V>(load: Load<K, V>, keys: readonly K[]): Promise<Map<K, Loaded<V>>> {
  const middle = Math.ceil(keys.length / 2)
  const first = await loadApart(load, keys.slice(0, middle))
  const second = await loadApart(load, keys.slice(middle))
  return new Map([...first, ...second])
}
