/** Where a page begins: after the row with these sort keys. */
export type Position = readonly (string | number)[]
