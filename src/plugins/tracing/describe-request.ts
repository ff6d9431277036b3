import type { Span } from '@opentelemetry/api'
import type { FastifyRequest } from 'fastify'
import { loggedPath } from '../../http/logging/logged-path.ts'
import { routePattern } from '../../http/route-pattern.ts'

/**
 * Names a request's span as OpenTelemetry's conventions for HTTP have it, and keeps of its URL what the
 * log keeps: a query may have users' ids in it.
 */
export function describeRequest(span: Span, request: FastifyRequest): void {
  const { method, url, routeOptions } = request
  span.setAttribute('url.path', loggedPath(url))
  if (routeOptions.url === undefined) {
    span.updateName(method)
    return
  }
  const route = routePattern(routeOptions.url)
  span.updateName(`${method} ${route}`)
  span.setAttribute('http.route', route)
}
