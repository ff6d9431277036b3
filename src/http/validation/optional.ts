import { Type, type Static, type TSchema } from '@sinclair/typebox'

/** The keyword of members that count as not given where they are null. */
export const NULL_IS_ABSENT_KEYWORD = 'x-null-is-absent'

/**
 * A member of a body that need not be given: many clients write null for it. Where null has a meaning
 * of its own, `Type.Optional` is right.
 */
export function Optional<T extends TSchema>(schema: T) {
  const keywords: Record<string, unknown> = schema
  const values: unknown = keywords['enum']
  return Type.Optional(
    Type.Unsafe<Static<T>>({
      ...keywords,
      type: [keywords['type'], 'null'],
      ...(Array.isArray(values) && { enum: values.concat(null) }),
      [NULL_IS_ABSENT_KEYWORD]: true,
    }),
  )
}
