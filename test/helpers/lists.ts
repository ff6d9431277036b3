import type pg from 'pg'
import type { Test } from 'tap'
import type { PrismaClient } from '../../src/generated/prisma/client.ts'
import type { Page } from '../../src/store/reads/page.ts'
import type { Position } from '../../src/store/reads/position.ts'
import { createTestApp } from './app.ts'
import { createTestDatabase } from './database.ts'
import { randomOf, seedFor } from './random.ts'

interface Row {
  readonly id: number
}

/** The ids of a list, page by page; `pages` counts them, `short` those that end before their limit. */
export async function walk<R extends Row>(
  readPage: (after: Position | undefined, limit: number) => Promise<Page<R>>,
  limitOf: () => number,
  between: () => Promise<void> = async () => undefined,
) {
  const ids: number[] = []
  let short = 0
  let after: Position | undefined
  for (;;) {
    const limit = limitOf()
    const { rows, next } = await readPage(after, limit)
    ids.push(...rows.map(({ id }) => id))
    if (next === null) return { ids, short }
    if (rows.length < limit) short += 1
    after = next
    await between()
  }
}

/** What a plain statement gives, in the session that the service would read in. */
export async function plainIds(
  prisma: PrismaClient,
  from: string,
  where: readonly string[],
  order: string,
  values: unknown[],
): Promise<number[]> {
  const rows = await prisma.$queryRawUnsafe<{ id: bigint | number }[]>(
    `SELECT id FROM ${from} WHERE ${['true', ...where].join(' AND ')} ORDER BY ${order}`,
    ...values,
  )
  return rows.map(({ id }) => Number(id))
}

/** A service on a database that `fill` has filled, and limits of pages at random. */
export async function createLists(t: Test, fill: (pool: pg.Pool) => Promise<void>) {
  const database = await createTestDatabase(t)
  await fill(database.pool)
  const { readPrisma, prisma } = await createTestApp(t, { database })
  const { below } = randomOf(seedFor(t))
  return { pool: database.pool, readPrisma, prisma, limitOf: () => 1 + below(100) }
}
