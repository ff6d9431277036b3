import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readlink, rename, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { becomeOwner, follow, freeFolder, ownerOf } from '../../tools/embedded/owner.ts'
import { isRunning, tokenOf } from '../../tools/embedded/process.ts'

// Of all that want a folder at the same instant one gets it, also from a process that was killed.

const WORKERS = 4
/** Without protection two have the folder within the first 150 turns or so. */
const TURNS = 1000
/** The control ends with the first two. */
const MAX_TURNS_OF_CONTROL = 20_000
/** No process has this number. */
const DEAD = '999999999-1'

const ourToken = (await tokenOf(process.pid)) ?? ''

type Step = (root: string) => Promise<unknown>

t.test('a folder has one owner at a time', async (t) => {
  const root = await makeFolder(t)
  const free: Step = async () => freeFolder(root, await ownerOf(root))
  t.equal(await mostTogether(root, TURNS, becomeOwner, free), 1)
  t.equal((await readdir(root)).length, 1, 'who had it before is forgotten')
})

t.test('the race is there: with the stale link replaced, two get it', async (t) => {
  const root = await makeFolder(t)
  const free: Step = () => rm(join(root, 'owner-1'), { force: true })
  t.equal(await mostTogether(root, MAX_TURNS_OF_CONTROL, replaceStale, free), 2)
})

t.test('whoever looked long ago does not get it', async (t) => {
  const root = await makeFolder(t)
  await follow(root, { number: 5, token: DEAD })
  const seen = await ownerOf(root)
  const late = { number: seen.number + 1, token: ourToken }
  await follow(root, { number: 6, token: DEAD })
  await follow(root, { number: 7, token: ourToken })
  t.same(await readdir(root), ['owner-7'])
  t.equal(await follow(root, late), false)
  t.same(await readdir(root), ['owner-7'])
  await freeFolder(root, { number: 6, token: DEAD })
  t.equal((await ownerOf(root)).token, ourToken, 'nor does it free what another one has')
  await t.resolves(symlink(ourToken, join(root, 'owner-6')), 'control: the number is free')
})

t.test('what killed processes have left goes', async (t) => {
  const root = await makeFolder(t)
  for (const name of ['owner', 'owner-1', 'owner-7']) await symlink(DEAD, join(root, name))
  await becomeOwner(root)
  t.same(await readdir(root), ['owner-8'])
  t.equal(await readlink(join(root, 'owner-8')), ourToken)
  await t.rejects(becomeOwner(root), { message: `Process ${process.pid} holds the database in` })
})

t.test('who has it is known by his start too, and whatever wrote the link', async (t) => {
  const root = await makeFolder(t)
  await symlink(`${process.pid}-1`, join(root, 'owner-1'))
  await becomeOwner(root)
  const old = await makeFolder(t)
  await symlink(ourToken, join(old, 'owner'))
  await t.rejects(becomeOwner(old), { message: 'holds the database' })
})

async function makeFolder(t: Test): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'owner-test-'))
  t.teardown(() => rm(root, { recursive: true, force: true }))
  return root
}

/** How many had the folder at the same time, while all tried again and again; ends with two. */
async function mostTogether(root: string, turns: number, take: Step, free: Step): Promise<number> {
  let left = turns
  let owners = 0
  let most = 1
  let refused = 0
  let working = WORKERS
  const work = async (): Promise<void> => {
    while (left > 0 && most === 1) {
      try {
        await take(root)
      } catch (error) {
        if (!String(error).includes('holds')) throw error
        refused += 1
        continue
      }
      owners += 1
      most = Math.max(most, owners)
      left -= 1
      // Until another one has tried meanwhile.
      const before = refused
      while (refused === before && working > 1 && most === 1) await nextTurn()
      owners -= 1
      // Every second one is killed, and leaves its link.
      await (left % 2 === 0 ? free(root) : die(root))
    }
    working -= 1
  }
  await Promise.all(Array.from({ length: WORKERS }, work))
  return most
}

/** Makes the owner one that no longer runs. */
async function die(root: string): Promise<void> {
  const numbers = (await readdir(root)).map((name) => Number(/^owner-(\d+)$/.exec(name)?.[1] ?? 0))
  const dead = join(root, randomUUID())
  await symlink(DEAD, dead)
  await rename(dead, join(root, `owner-${Math.max(...numbers)}`))
}

/** The naive way: makes sure that nobody runs who has the folder, and then takes it. */
async function replaceStale(root: string): Promise<void> {
  const link = join(root, 'owner-1')
  if (await isRunning(await readlink(link).catch(() => ''))) throw new Error('a process holds it')
  await nextTurn()
  await rm(link, { force: true })
  await symlink(ourToken, link).catch(() => {
    throw new Error('a process holds it')
  })
}
