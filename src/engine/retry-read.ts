import { isWorthRepeating } from '../store/failure.ts'

/**
 * Reads, and once more where the failure was one of the session or of the moment: a plan that fits
 * no longer, a connection that was ended. A read that was slow is not repeated.
 */
export async function retryRead<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (!isWorthRepeating(error)) throw error
    return read()
  }
}
