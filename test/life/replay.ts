import { deepStrictEqual, ok } from 'node:assert/strict'
import type { FactType } from '../../src/domain/facts.ts'
import type { SettingsColumns } from '../../src/store/settings-rows.ts'
import { Replay } from './replayed.ts'
import { labelsOf, takenBy } from './replay-room.ts'
import type { Snapshot } from './snapshot.ts'

/**
 * Checks what must hold of every event at any time, whatever was done to it, and that its history
 * replays to it. Returns the kinds of changes in its history.
 */
export function check(snapshot: Snapshot): Set<FactType> {
  checkCounters(snapshot)
  checkSeats(snapshot)
  const { history } = snapshot
  const replay = new Replay(snapshot.firstCapacity)
  let sequence = 0
  for (const { first, last, changes } of history) {
    deepStrictEqual([first, last], [sequence + 1, sequence + changes.length], 'without gaps')
    sequence = last
    for (const change of changes) replay.apply(change)
    ok(!replay.isSomebodyLeft, 'nobody waits who could be served')
  }
  checkReplayed(replay, snapshot)
  return new Set(history.flatMap(({ changes }) => changes.map(({ type }) => type)))
}

/** The counters are the sums of the lines and of the blocks, and within the capacities. */
function checkCounters({ pools, bookings, blocked }: Snapshot): void {
  for (const { key, capacity, ...counted } of pools) {
    const taken = bookings.reduce((sum, booking) => sum + (takenBy(booking).get(key) ?? 0), 0)
    const ofBlocks = blocked.filter(({ pool }) => key === null || pool === key).length
    deepStrictEqual(counted, { taken, blocked: ofBlocks }, `${key}: the counters are the sums`)
    ok(taken + ofBlocks <= capacity, `${key}: no more seats are taken than there are`)
  }
  for (const { seats, lines } of bookings) {
    const ofLines = (lines ?? [{ seats }]).reduce((sum, line) => sum + line.seats, 0)
    deepStrictEqual(ofLines, seats, 'the lines are all of the seats')
  }
}

/** Who has which seat by the lines of bookings, and what is blocked: no seat twice, and each of them known. */
function checkSeats({ bookings, blocked, seats, labels }: Snapshot): void {
  const held = [
    ...bookings.flatMap((each) => labelsOf(each).map((label) => ({ label, booking: each.id }))),
    ...blocked.map(({ label }) => ({ label, booking: null })),
  ]
  const byLabel = held.sort((a, b) => (a.label < b.label ? -1 : 1))
  deepStrictEqual(new Set(held.map(({ label }) => label)).size, held.length, 'no seat twice')
  deepStrictEqual(byLabel, seats, 'the table of seats says who has which')
  const known = new Set(labels)
  const unknown = held.filter(({ label }) => !known.has(label))
  deepStrictEqual(unknown, [], 'nobody has a seat that is not there')
}

function checkReplayed(replay: Replay, snapshot: Snapshot): void {
  const { totalSeats, bookings } = snapshot
  deepStrictEqual(replay.capacity, totalSeats)
  if (replay.settings !== null && totalSeats !== null) {
    deepStrictEqual(inJson(replay.settings), inJson(snapshot.settings), 'the whole event replays')
  }
  deepStrictEqual(
    [...replay.bookings.values()].sort(byId),
    bookings
      .map(({ id, user, seats, lines, status, expiresAt, metadata }) => ({
        ...{ id, user, seats, lines, status, metadata },
        expiresAt: expiresAt?.toISOString() ?? null,
      }))
      .sort(byId),
  )
  deepStrictEqual(replay.line, snapshot.line)
  const blocked = [...replay.blocked].map(([label, pool]) => ({ label, pool }))
  deepStrictEqual(
    blocked.sort((a, b) => (a.label < b.label ? -1 : 1)),
    snapshot.blocked,
  )
  if (totalSeats !== null) deepStrictEqual(replay.seating, snapshot.seating)
}

/** As JSON has it, whatever the order of the members. */
function inJson(settings: SettingsColumns | null): unknown {
  const members = Object.entries(settings ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.parse(JSON.stringify(Object.fromEntries(members)))
}

function byId(a: { id: number }, b: { id: number }): number {
  return a.id - b.id
}
