import { Prisma } from '../generated/prisma/client.ts'

const MARK = '/* then COMMIT */'

/**
 * Ends the text of a statement that is its transaction's last: COMMIT is sent along with it. The text
 * is all that Prisma hands on of a statement but its values.
 */
export const THEN_COMMIT = Prisma.raw(MARK)

export function isLastStatement(text: string): boolean {
  return text.endsWith(MARK)
}

/**
 * Runs a transaction's last statement, which is marked {@link THEN_COMMIT}. Once it has succeeded, the
 * transaction may be committed.
 */
export type RunLast = <T>(statement: () => PromiseLike<T>) => Promise<T>
