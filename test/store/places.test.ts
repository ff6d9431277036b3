import type pg from 'pg'
import t from 'tap'
import { readEntries } from '../../src/store/reads/waitlist.ts'
import { asked } from '../helpers/commands.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { startEngine } from '../helpers/engine.ts'
import { randomOf, seedFor, type Random } from '../helpers/random.ts'
import { DIFFERENCES } from '../helpers/waitlist-blocks.ts'

// The promise: a place in line is what counting those in front gives, wherever in the line it is,
// however far apart its ids are, and whatever has happened to the line.

const [SMALL, LARGE] = [512, 16_384]
const EVENTS = 4
const ROUNDS = 25
const BORDERS = [1, SMALL, 2 * SMALL, LARGE, LARGE + SMALL, 2 * LARGE].flatMap((id) =>
  [id - 1, id, id + 1].filter((near) => near > 0),
)

/** Ids that are close to each other, far from each other, or at the borders of blocks. */
function randomIds({ below }: Random): number[] {
  const from = below(4 * LARGE)
  const step = [1, 3, 100, SMALL, 2 * LARGE][below(5)] ?? 1
  const row = Array.from({ length: below(400) }, (_, i) => 1 + from + i * step)
  return [...row, ...BORDERS.filter(() => below(3) === 0)]
}

/** Who joins, leaves, and gets into another line or another place. */
async function change(pool: pg.Pool, random: Random): Promise<void> {
  const event = () => 1 + random.below(EVENTS)
  await pool.query(
    `INSERT INTO waitlist_entries (id, event_id, user_id)
     SELECT DISTINCT id, $2::int, 'user ' || id FROM unnest($1::bigint[]) AS id
     ON CONFLICT DO NOTHING`,
    [randomIds(random), event()],
  )
  await pool.query('DELETE FROM waitlist_entries WHERE id % $1 = $2', [
    2 + random.below(9),
    random.below(2),
  ])
  await pool.query('UPDATE waitlist_entries SET event_id = $1 WHERE event_id = $2 AND id % 5 = 0', [
    event(),
    event(),
  ])
}

async function countedPlaces(pool: pg.Pool): Promise<Map<number, number>> {
  const { rows } = await pool.query<{ id: number; place: number }>(
    'SELECT id, row_number() OVER (PARTITION BY event_id ORDER BY id) AS place FROM waitlist_entries',
  )
  return new Map(rows.map(({ id, place }) => [id, place]))
}

/** Some of the ids, in any order, among them such as nobody has. */
function someOf(ids: readonly number[], { below }: Random): number[] {
  const share = 1 + below(20)
  return [...ids, ...BORDERS].filter(() => below(share) === 0).sort(() => below(3) - 1)
}

t.test('places are those that counting gives', async (t) => {
  const database = await createTestDatabase(t)
  const { pool } = database
  const { prisma } = startEngine(t, database.url)
  const random = randomOf(seedFor(t))
  await pool.query(
    `INSERT INTO events (name, total_seats) SELECT 'E' || n, 1 FROM generate_series(1, $1::int) AS n`,
    [EVENTS],
  )
  let compared = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    await change(pool, random)
    t.same((await pool.query(DIFFERENCES)).rows, [], 'the blocks are counted right')
    const counted = await countedPlaces(pool)
    const all = [...counted.keys()]
    for (const ids of [someOf(all, random), someOf(all, random), all.slice(0, 1), all]) {
      const read = [...(await readEntries(prisma, asked(...ids)))].map(
        ([, { entry, position }]) => [entry.id, position] as const,
      )
      const there = ids.filter((id) => counted.has(id))
      const expected = new Map(there.map((id) => [id, counted.get(id)]))
      t.same(new Map(read), expected, `${expected.size} places`)
      compared += expected.size
    }
  }
  t.ok(compared > 1000, `${compared} places were compared`)
})
