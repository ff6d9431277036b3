import t from 'tap'
import { DEFAULT_TENANT } from '../../src/domain/access.ts'
import type { Command } from '../../src/domain/commands.ts'
import { booked, DONE, refuse, type Success } from '../../src/domain/outcomes.ts'
import { isOutcomeOf } from '../../src/domain/successes.ts'
import { viewOf } from '../../src/domain/capacity.ts'
import { newEventState } from '../../src/domain/state.ts'
import { DEFAULT_SETTINGS } from '../../src/domain/policy.ts'
import {
  cancel,
  cancelOfUser,
  changeEvent,
  confirm,
  createEventCommand,
  deleteEvent,
  extend,
  leaveWaitlist,
  plainReserve,
  resize,
  settle,
} from '../helpers/commands.ts'
import { NOW } from '../helpers/state.ts'

const claim = { id: 1, eventId: 1, userId: 'ann', seats: 1, lines: null, createdAt: NOW }
const SUCCESSES: readonly Success[] = [
  booked({ ...claim, status: 'confirmed', expiresAt: null }),
  { kind: 'waiting', entry: claim, position: 1 },
  {
    kind: 'event',
    event: viewOf(
      newEventState(1, DEFAULT_TENANT, { ...DEFAULT_SETTINGS, name: 'Event', totalSeats: 4 }),
    ),
  },
  DONE,
]

const COMMANDS: readonly (readonly [Command, readonly Success['kind'][]])[] = [
  [plainReserve(1, 'ann'), ['booking', 'waiting']],
  [confirm(1, 1), ['booking']],
  [extend(1, 1), ['booking']],
  [cancel(1, 1), ['done']],
  [cancelOfUser(1, 'ann'), ['done']],
  [resize(1, 1, 1), ['booking']],
  [leaveWaitlist(1, 1), ['done']],
  [createEventCommand(), ['event']],
  [changeEvent(1, {}), ['event']],
  [deleteEvent(1), ['done']],
  [settle(1), ['done']],
]

t.test('what a command can come to', async (t) => {
  for (const [command, kinds] of COMMANDS) {
    const possible = SUCCESSES.filter((success) => isOutcomeOf(command, success))
    t.same(
      possible.map(({ kind }) => kind),
      kinds,
      command.type,
    )
    t.ok(isOutcomeOf(command, refuse('event_not_found')), `${command.type} can be refused`)
  }
})

t.test('a refusal names a limit only where it turns on one', async (t) => {
  t.same(refuse('sold_out'), { kind: 'refused', refusal: 'sold_out' })
  t.notOk('limit' in refuse('sold_out'))
  t.same(refuse('too_many_seats', 0), { kind: 'refused', refusal: 'too_many_seats', limit: 0 })
})
