import t from 'tap'
import { classifyFailure } from '../../src/store/failure.ts'
import type { FailureKind } from '../../src/store/failure-kinds.ts'

// As Prisma hands them on: the SQLSTATE stands in the adapter's error.
function prismaError(originalCode: string, more: object = {}): Error {
  const driverAdapterError = Object.assign(new Error(), { cause: { originalCode, ...more } })
  return Object.assign(new Error(), { code: 'P2010', meta: { driverAdapterError } })
}

const KINDS: Record<string, FailureKind> = {
  '22001': 'refused_data',
  '22021': 'refused_data',
  '22P02': 'refused_data',
  '22P05': 'refused_data',
  '23503': 'refused_data',
  '23505': 'refused_data',
  '23514': 'refused_data',
  '23P01': 'refused_data',
  P0001: 'refused_data',
  '22003': 'data_fault',
  '22012': 'data_fault',
  '23502': 'data_fault',
  '54000': 'data_fault',
  P0004: 'data_fault',
  '2200H': 'data_fault',
  '0A000': 'data_fault',
  '40P01': 'conflict',
  '55P03': 'lock_timeout',
  '57014': 'out_of_time',
  '25P03': 'unavailable',
  '25P04': 'out_of_time',
  RS001: 'unavailable',
  '42501': 'forbidden',
  '42883': 'unknown',
}

t.test('a SQLSTATE tells what may be done about a failure', async (t) => {
  for (const [sqlState, kind] of Object.entries(KINDS)) {
    t.equal(classifyFailure(prismaError(sqlState)), kind, sqlState)
    t.equal(classifyFailure({ code: sqlState }), kind, `${sqlState} from the driver`)
  }
})

t.test('a duplicate is the client’s, except that of an id which a sequence gave', async (t) => {
  const duplicateOf = (index: string) => prismaError('23505', { constraint: { index } })
  t.equal(classifyFailure(duplicateOf('one_booking_a_user')), 'refused_data')
  t.equal(classifyFailure(duplicateOf('bookings_pkey')), 'data_fault')
  t.equal(classifyFailure({ code: '23505', constraint: 'bookings_pkey' }), 'data_fault')
})

t.test('an idempotency key that another transaction has stored is a conflict', (t) => {
  for (const index of ['idempotency_keys_pkey', 'idempotency_keys_0_pkey']) {
    t.equal(classifyFailure(prismaError('23505', { constraint: { index } })), 'conflict')
  }
  t.end()
})
