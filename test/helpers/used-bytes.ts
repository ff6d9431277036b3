import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage: unknown = runInNewContext('gc')

/** Of the heap and of buffers, without what nobody uses any more. */
export function usedBytes(): number {
  if (typeof collectGarbage === 'function') Reflect.apply(collectGarbage, undefined, [])
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
