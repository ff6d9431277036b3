// Of the documentation.

export const reserveInputExample = { event_id: 1, user_id: 'user123' }

export const importLineExample = { user_id: 'user123', seats: 1 }

/** Two adults, and a child at a seat of its own. */
export const linesInputExample = {
  ...{ event_id: 1, user_id: 'user123' },
  lines: [
    { ticket_type: 'adult', seats: 2 },
    { ticket_type: 'child', seats: 1, labels: ['A-1-1'] },
  ],
}

export const bookingPatchExample = { seats: 2 }

export const confirmInputExample = { reacquire: true }

export const bookingExample = {
  id: 1,
  event_id: 1,
  user_id: 'user123',
  seats: 1,
  lines: [{ ticket_type: 'default', seats: 1, labels: [] }],
  status: 'confirmed' as const,
  expires_at: null,
  created_at: '2024-01-15T10:30:00.000Z',
  reference: 'TFP7XJZ3',
  metadata: {},
}

export const linesExample = {
  ...bookingExample,
  seats: 3,
  lines: [
    { ticket_type: 'adult', seats: 2, labels: [] },
    { ticket_type: 'child', seats: 1, labels: ['A-1-1'] },
  ],
}

export const holdExample = {
  ...bookingExample,
  status: 'held' as const,
  expires_at: '2024-01-15T10:40:00.000Z',
}

export const expiredExample = {
  ...holdExample,
  status: 'expired' as const,
  ended_at: '2024-01-15T10:40:00.000Z',
}

export const cancelledExample = {
  ...bookingExample,
  status: 'cancelled' as const,
  ended_at: '2024-01-15T12:00:00.000Z',
}

export const entryExample = {
  id: 1,
  event_id: 1,
  user_id: 'user456',
  seats: 2,
  lines: [{ ticket_type: 'default', seats: 2, labels: [] }],
  position: 1,
  created_at: '2024-01-15T10:31:00.000Z',
  metadata: {},
}
