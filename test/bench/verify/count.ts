/** What the clients were told. */
export interface Count {
  /** Answers of a status. */
  readonly of: (status: number) => number
  readonly unanswered: number
}

/** The number in the database must be that of the answers, but for those that never came. */
export function mustBe(
  what: string,
  found: number,
  { unanswered }: Count,
  answers: number,
): string[] {
  if (found >= answers && found <= answers + unanswered) return []
  return [`${what}: ${found} in the database, ${answers} in the answers (${unanswered} unknown)`]
}
