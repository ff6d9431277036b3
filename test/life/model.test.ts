import t from 'tap'
import { follow } from './follow.ts'
import { createMemorySystem } from './memory.ts'
import { EVERYTHING, runScripts } from './run-scripts.ts'
import { TOUR } from './tour.ts'

t.test('the tour alone meets everything', async (t) => {
  const seen = new Set<string>()
  await follow(createMemorySystem(), TOUR, seen)
  t.strictSame(
    EVERYTHING.filter((name) => !seen.has(name)),
    [],
  )
})

t.test('the rules agree with the model', async (t) => {
  await runScripts(t, createMemorySystem, { runs: 400, maxRounds: 25 })
})
