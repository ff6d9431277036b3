import type { FastifyInstance } from 'fastify'

/**
 * The methods that the router has a route for at this path, parametric routes included. OPTIONS is not
 * one of them: where browsers of other origins may ask, it has a route that takes every path.
 * @param url path of the request, with or without a query
 */
export function allowedMethods(app: FastifyInstance, url: string): string[] {
  const path = url.split('?', 1).join('')
  return app.supportedMethods
    .filter((method) => method !== 'OPTIONS' && hasRouteFor(app, method, path))
    .sort()
}

function hasRouteFor(app: FastifyInstance, method: string, url: string): boolean {
  // The type promises a route; for an unknown path it is null.
  const route: unknown = app.findRoute({ method, url })
  return route !== null
}
