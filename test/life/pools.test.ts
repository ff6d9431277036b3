import { deepStrictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { ModelPools } from '../domain/pools-model.ts'
import { gathering, poolBatches, poolEvents } from '../domain/pools-script.ts'
import { capacitiesOf, stepOf } from '../domain/pools-world.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { seedFor } from '../helpers/random.ts'
import { checkHistory, commandOf, compare, createLive, expire, settleAll } from './live.ts'

// Pools on PostgreSQL, and beside it the slow model: two engines on one database, as two processes have
// them, that settle few entries at a time, with events of two tenants.

const RUNS = 25
const FEW = { MAX_SETTLED_PER_BATCH: '3' }

t.test('pools and lines on PostgreSQL', async (t) => {
  const { url, pool } = await createTestDatabase(t)
  const engines = [1, 2].map(() => startEngine(t, url, { environment: FEW }).reservations)
  let expired = 0

  await t.test('one by one, all is decided as the slow model has it', async (t) => {
    const property = fc.asyncProperty(poolEvents, poolBatches(1), async (offer, batches) => {
      const live = await createLive(pool, engines, offer)
      let sold = offer
      const model = new ModelPools(capacitiesOf(offer))
      for (const step of [...gathering(offer), ...batches].flat()) {
        if (step.type === 'cancel' && (await expire(live, step.user))) {
          expired += 1
          model.cancel(step.user)
        } else {
          const word = await live.execute(await commandOf(live, step, sold))
          deepStrictEqual(word, stepOf(model, step, sold))
          if (step.type === 'change' && word === 'event') sold = step.offer
        }
        await settleAll(live)
        await compare(live, model)
      }
      await checkHistory(live)
    })
    await fc.assert(property, { numRuns: RUNS, seed: seedFor(t), endOnFailure: true })
    t.ok(expired > 0, `holds expired: ${expired}`)
  })

  await t.test('at once, nobody is overtaken wrongly, and the history replays', async (t) => {
    const property = fc.asyncProperty(poolEvents, poolBatches(6), async (offer, batches) => {
      const live = await createLive(pool, engines, offer)
      for (const steps of [...gathering(offer), ...batches]) {
        // What an event sells when the steps are made may be another thing when they are decided.
        const commands = await Promise.all(steps.map((step) => commandOf(live, step, offer)))
        await Promise.all(commands.map((command) => live.execute(command)))
      }
      await settleAll(live)
      await checkHistory(live)
    })
    await fc.assert(property, { numRuns: RUNS, seed: seedFor(t), endOnFailure: true })
  })
})
