import { compiled } from './compiled.ts'
import { NOT_BLANK_KEYWORD, Text } from './text.ts'

/** What a user's id may be, wherever one comes from. */
export function UserIdText(options: { description: string }) {
  return Text({ [NOT_BLANK_KEYWORD]: true, ...options })
}

/** Whether the value may be a user's id: what a body may not name, a token may not either. */
export const isUserId = compiled(UserIdText({ description: 'The subject of a token' }))
