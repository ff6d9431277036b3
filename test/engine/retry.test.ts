import t from 'tap'
import { refuse } from '../../src/domain/outcomes.ts'
import { EngineError } from '../../src/engine/engine-error.ts'
import { runSafely } from '../../src/engine/retry.ts'
import { done, type Submission, type SubmissionResult } from '../../src/engine/submission.ts'
import { TransactionFailure } from '../../src/engine/transaction.ts'
import { plainReserve } from '../helpers/commands.ts'

const SIZE = 64
const OUTCOME = done(refuse('sold_out'))

const crowd: Submission[] = Array.from({ length: SIZE }, (_, i) => ({
  command: plainReserve(1, `user ${i}`),
  idempotency: null,
}))

/** Runs the crowd where a batch with one of these has met what `cause` says. */
async function runWith(cause: object, isCulprit: (submission: Submission) => boolean) {
  const sizes: number[] = []
  const startedAt = performance.now()
  const results = await runSafely(
    async (submissions) => {
      sizes.push(submissions.length)
      if (submissions.some(isCulprit)) throw new TransactionFailure('work', cause)
      return submissions.map(() => OUTCOME)
    },
    crowd,
    'skip',
  )
  return { reasons: results.map(reasonOf), sizes, tookMs: performance.now() - startedAt }
}

function reasonOf(result: SubmissionResult): string {
  if (result.status !== 'failed') return result.status
  return result.error instanceof EngineError ? result.error.reason : 'another'
}

const all = (reason: string): string[] => crowd.map(() => reason)

t.test('a plan that stays stale is tried three times, never parted, and 503', async (t) => {
  const { reasons, sizes } = await runWith(
    { code: '0A000', routine: 'RevalidateCachedQuery' },
    () => true,
  )
  t.same(reasons, all('database_unavailable'))
  t.same(sizes, [SIZE, SIZE, SIZE])
})

t.test('what PostgreSQL does not support fails alone, at two transactions each', async (t) => {
  const { reasons, sizes } = await runWith({ code: '0A000' }, (each) => each === crowd[5])
  t.same(
    reasons,
    crowd.map((each) => (each === crowd[5] ? 'internal_error' : 'done')),
  )
  t.ok(sizes.length <= 2 * Math.log2(SIZE) + 1, `${sizes.length} transactions`)
})

t.test('a conflict that lasts for all is given up soon', async (t) => {
  const { reasons, sizes, tookMs } = await runWith({ code: '40001' }, () => true)
  t.same(reasons, all('event_busy'))
  // Three commands alone pause for 40 ms at most, twice each: without a bound, for 2.5 s on average.
  t.ok(tookMs < 2_000, `${tookMs} ms`)
  t.ok(sizes.length < 3 + 5 * SIZE, `${sizes.length} transactions`)
  t.equal(sizes.filter((size) => size === SIZE / 2).length, 2, 'each half is tried once')
})

t.test('a conflict of one command does not keep the others from their answers', async (t) => {
  const { reasons, sizes } = await runWith({ code: '40001' }, (each) => each === crowd[5])
  t.same(
    reasons,
    crowd.map((each) => (each === crowd[5] ? 'event_busy' : 'done')),
  )
  t.equal(sizes.filter((size) => size === 1).length, 3 + 1, 'alone it has three tries')
})

t.test('what runs out of time is halved once: a half may be through', async (t) => {
  const limit = { code: '57014' }
  const whole = await runWith(limit, (each) => each === crowd[5])
  t.same(
    whole.reasons,
    crowd.map((_, i) => (i < SIZE / 2 ? 'database_unavailable' : 'done')),
  )
  t.same(whole.sizes, [SIZE, SIZE / 2, SIZE / 2])
  const frozen = await runWith(limit, () => true)
  t.same(frozen.reasons, all('database_unavailable'))
  t.equal(frozen.sizes.length, 3, 'no more than others are tried')
})
