/**
 * A path as it may be logged: up to the first character that no path of ours has. Behind it a query may
 * follow that is written in another way, such as `%3F` or `#`.
 */
export function loggedPath(url: string): string {
  const end = url.search(/[^-\w./]/)
  return end === -1 ? url : url.slice(0, end)
}
