/**
 * Whether PostgreSQL takes the text: its `text` has no NUL, and UTF-8 no lone surrogate. Nothing that is
 * stored can be equal to any other.
 */
export function isStorableText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}
