import type pg from 'pg'

/** What is there, without that of events whose rows are being removed in the background. */
const IS_OF_LIVE = 'event_id IN (SELECT id FROM events WHERE deleted_at IS NULL)'
const TABLES: Readonly<Record<string, string>> = {
  events: 'deleted_at IS NULL',
  event_pools: IS_OF_LIVE,
  event_seatings: IS_OF_LIVE,
  blocked_seats: IS_OF_LIVE,
  taken_seats: IS_OF_LIVE,
  bookings: IS_OF_LIVE,
  waitlist_entries: IS_OF_LIVE,
  waitlist_blocks: IS_OF_LIVE,
  expired_holds: IS_OF_LIVE,
  event_history: 'true',
  idempotency_keys: 'true',
  api_keys: 'true',
}
const SEQUENCES = ['events_id_seq', 'bookings_id_seq', 'waitlist_entries_id_seq']

/** What happens to an event by itself when its time has come, whoever looks at it. */
const BY_ITSELF = new Set(['expired', 'promoted'])
/** Likewise of a cancelled event, where nobody asks for it. */
const ENDED = new Set(['cancelled', 'released', 'left_waitlist'])

const NEXT_TRANSACTION = 'txid_snapshot_xmax(txid_current_snapshot())::bigint'
const SEQUENCE_STATES = SEQUENCES.map((name) => `(SELECT last_value FROM ${name}) AS ${name}`)

/**
 * Tells whether a request has changed anything in the database. Every change is a new version of a
 * row, which carries its transaction's number, or a row less. As long as no transaction has got a
 * number, which is nearly always so after a refusal, there is nothing to look for.
 */
export class Watch {
  readonly #pool: pg.Pool
  #next = 0n
  #counts = ''
  #sequences = ''

  constructor(pool: pg.Pool) {
    this.#pool = pool
  }

  /** What has changed since it was last asked, but for what happens by itself; for a person. */
  async changes(): Promise<string[]> {
    const since = this.#next
    const { next, sequences } = await this.#read()
    const isStill = next === since && sequences === this.#sequences
    const drawn = sequences === this.#sequences ? [] : ['a sequence']
    this.#next = next
    this.#sequences = sequences
    if (isStill) return []
    const counts = await this.#count(since)
    const changed = Object.entries(counts).filter(([, { written }]) => written > 0)
    const text = JSON.stringify(Object.values(counts).map(({ all }) => all))
    const removed = text === this.#counts ? [] : ['rows more or less']
    this.#counts = text
    if (await this.#isByItself(since)) return []
    return [...changed.map(([table]) => table), ...removed, ...drawn]
  }

  async #read(): Promise<{ next: bigint; sequences: string }> {
    const { rows } = await this.#pool.query<Record<string, string>>(
      `SELECT ${NEXT_TRANSACTION}::text AS next, ${SEQUENCE_STATES.join(', ')}`,
    )
    const { next = '0', ...sequences } = rows[0] ?? {}
    return { next: BigInt(next), sequences: JSON.stringify(sequences) }
  }

  async #count(since: bigint): Promise<Record<string, { all: number; written: number }>> {
    const counts = Object.entries(TABLES).map(
      ([table, condition]) => `SELECT '${table}' AS name, count(*)::int AS all,
        (count(*) FILTER (WHERE xmin::text::bigint >= $1))::int AS written
        FROM ${table} WHERE ${condition}`,
    )
    const { rows } = await this.#pool.query<{ name: string; all: number; written: number }>(
      counts.join(' UNION ALL '),
      [String(since)],
    )
    return Object.fromEntries(rows.map(({ name, all, written }) => [name, { all, written }]))
  }

  /** Whether the history tells of nothing but what happens by itself, and does tell of that. */
  async #isByItself(since: bigint): Promise<boolean> {
    const { rows } = await this.#pool.query<{ type: string; is_asked: boolean }>(
      `SELECT DISTINCT change->>'type' AS type, change->>'request_id' IS NOT NULL AS is_asked
      FROM event_history, json_array_elements(changes) AS change
      WHERE xmin::text::bigint >= $1`,
      [String(since)],
    )
    const isByItself = ({ type, is_asked: isAsked }: { type: string; is_asked: boolean }) =>
      BY_ITSELF.has(type) || (!isAsked && ENDED.has(type))
    return rows.length > 0 && rows.every(isByItself)
  }
}
