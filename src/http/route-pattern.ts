/** `/events/:id(^\\d+$)/history` → `/events/:id/history`. */
export function routePattern(url: string): string {
  return url.replace(/\([^)]*\)/g, '')
}
