import type pg from 'pg'
import type { Arranged } from '../arrange.ts'
import type { PageAsk } from '../load/job.ts'
import { insertLists, type ListRows } from './list-rows.ts'

/** Of the short lists. */
const EVENTS = 1000
const BOOKINGS = 10_000
const IN_LINE = 1000
const FACTS = 1000

/** The pages that are asked for, by the name of their list. */
export type Lists = Readonly<Record<ListName, readonly PageAsk[]>>

interface List {
  readonly path: (rows: ListRows) => string
  /** The sort keys of a row in the middle of the list, as the service's cursors have them. */
  readonly middle: string
}

const SORT_KEYS = {
  id: 'id',
  name: 'name, id',
  start: `to_char(starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS+00'), id`,
}

/** By the query that it has, and by what finds the row in its middle. */
export const LISTS = {
  'events by id': events('', 'ORDER BY id'),
  'events by id, descending': events('?order=desc', 'ORDER BY id DESC'),
  'events by name': events('?sort=name', 'ORDER BY name, id', 'name'),
  'events by name, descending': events(
    '?sort=name&order=desc',
    'ORDER BY name DESC, id DESC',
    'name',
  ),
  'events by start': events('?sort=starts_at', 'ORDER BY starts_at, id', 'start'),
  'events by start, descending': events(
    '?sort=starts_at&order=desc',
    'ORDER BY starts_at DESC NULLS LAST, id DESC',
    'start',
  ),
  'events by part of the name': events('?name=gala', `WHERE name ILIKE '%gala%' ORDER BY id`),
  'events that are upcoming': events('?upcoming=true', 'WHERE starts_at > now() ORDER BY id'),
  'upcoming events by start': events(
    '?upcoming=true&sort=starts_at',
    'WHERE starts_at > now() ORDER BY starts_at, id',
    'start',
  ),
  bookings: bookings('', ''),
  'bookings of an event': bookings('?event_id=$event', 'WHERE event_id = $event'),
  'bookings of a user': bookings('?user_id=regular', `WHERE user_id = 'regular'`),
  'held bookings': bookings('?status=held', `WHERE status = 'held'`),
  'confirmed bookings': bookings('?status=confirmed', `WHERE status = 'confirmed'`),
  'held bookings of an event': bookings(
    '?event_id=$event&status=held',
    `WHERE event_id = $event AND status = 'held'`,
  ),
  'confirmed bookings of an event': bookings(
    '?event_id=$event&status=confirmed',
    `WHERE event_id = $event AND status = 'confirmed'`,
  ),
  'waitlist of an event': {
    path: ({ full }: ListRows) => `/api/events/${full}/waitlist`,
    middle: `SELECT json_build_array(id, place) FROM (
      SELECT id, row_number() OVER (ORDER BY id) AS place FROM waitlist_entries) AS line
      ORDER BY id`,
  },
  'history of an event': {
    path: ({ event }: ListRows) => `/api/events/${event}/history`,
    middle: 'SELECT json_build_array(last_sequence) FROM event_history ORDER BY last_sequence',
  },
} as const satisfies Record<string, List>

export type ListName = keyof typeof LISTS

/** Writes lists so many times as long as the short ones, and finds the middle of each. */
export async function arrangeLists(pool: pg.Pool, times: number): Promise<Arranged> {
  const rows = await insertLists(pool, {
    events: EVENTS * times,
    bookings: BOOKINGS * times,
    inLine: IN_LINE * times,
    facts: FACTS * times,
  })
  const lists: Partial<Record<ListName, PageAsk[]>> = {}
  for (const [name, list] of Object.entries(LISTS) as [ListName, List][]) {
    const path = list.path(rows)
    lists[name] = [{ path }, { path, after: await middleOf(pool, list, rows) }]
  }
  return {
    ...{ eventIds: [rows.event], stormedId: undefined, waiting: rows.inLine },
    bookings: rows.bookings,
    lists: lists as Lists,
  }
}

async function middleOf(pool: pg.Pool, { middle }: List, { event }: ListRows) {
  const from = middle.replaceAll('$event', String(event))
  const { rows } = await pool.query<{ keys: (string | number)[] }>(
    `WITH list AS MATERIALIZED (
       SELECT keys, row_number() OVER () AS place FROM (${from}) AS l (keys))
     SELECT keys FROM list WHERE place = (SELECT count(*) / 2 FROM list)`,
  )
  const [row] = rows
  if (row === undefined) throw new Error('a list without a middle')
  return row.keys
}

function events(query: string, from: string, by: keyof typeof SORT_KEYS = 'id'): List {
  return {
    path: () => `/api/events${query}`,
    middle: `SELECT json_build_array(${SORT_KEYS[by]}) FROM events ${from}`,
  }
}

function bookings(query: string, where: string): List {
  return {
    path: ({ event }) => `/api/bookings${query.replace('$event', String(event))}`,
    middle: `SELECT json_build_array(id) FROM bookings ${where} ORDER BY id`,
  }
}
