/** Any JSON object of the client's. */
export type Metadata = Readonly<Record<string, unknown>>

/** Something that may carry metadata. */
export interface Carrying {
  /** Absent where it is `{}`: most things have none, which is to cost nothing. */
  readonly metadata?: Metadata
}

export const NO_METADATA: Metadata = Object.freeze({})

export function isEmpty(metadata: Metadata): boolean {
  for (const _ in metadata) return false
  return true
}

/** The thing with this metadata; the thing itself where that is none. */
export function withMetadata<T extends Carrying>(thing: T, metadata?: Metadata | null): T {
  const isNone = metadata === undefined || metadata === null || isEmpty(metadata)
  return isNone ? thing : { ...thing, metadata }
}

/** Whether two are written alike. */
export function isSameMetadata(a: Metadata, b: Metadata = NO_METADATA): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
