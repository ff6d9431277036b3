import { compiled } from './compiled.ts'
import { NOT_BLANK_KEYWORD, Text } from './text.ts'

/** What an API key may be called. */
export const KeyNameText = Text({
  [NOT_BLANK_KEYWORD]: true,
  description: 'What it is for, for people',
})

/** Whether a key may be called so: over HTTP and on the command line alike. */
export const isKeyName = compiled(KeyNameText)
