import t from 'tap'
import { createMemorySystem } from './memory.ts'
import { runScripts } from './run-scripts.ts'

t.test('the rules agree with the model', async (t) => {
  await runScripts(t, createMemorySystem, { runs: 400, maxRounds: 25 })
})
