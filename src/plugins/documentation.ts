import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { basePathOf } from '../http/base-path.ts'
import { encode, sendEncoded, unencoded, type Encoded } from '../http/encoded.ts'
import { once } from '../http/once.ts'

const PREFIX = '/documentation'

// Swagger UI's styles are inline and its icons are data: URLs. Nothing is loaded from other hosts.
const CONTENT_SECURITY_POLICY = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'", 'data:'],
  'connect-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
}

const FORMATS = ['json', 'yaml'] as const
type Format = (typeof FORMATS)[number]

const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  json: 'application/json; charset=utf-8',
  yaml: 'application/yaml; charset=utf-8',
}

/**
 * Swagger UI, and the OpenAPI document as JSON and YAML. The document takes milliseconds to write out
 * and more to compress, so that is done once. Only the own base path has it compressed: others come
 * with a request, and a client may have made them up.
 */
async function documentation(app: FastifyInstance): Promise<void> {
  const made = once(async () => {
    const templates = templatesOf(app)
    const encodeOwn = (format: Format) =>
      encode(templates[format](app.proxying.basePath), CONTENT_TYPES[format])
    const [json, yaml] = await Promise.all([encodeOwn('json'), encodeOwn('yaml')])
    return { templates, own: { json, yaml } }
  })

  async function bytesFor(request: FastifyRequest, format: Format): Promise<Encoded> {
    const { templates, own } = await made()
    const basePath = basePathOf(request)
    return basePath === app.proxying.basePath
      ? own[format]
      : unencoded(templates[format](basePath), CONTENT_TYPES[format])
  }

  // Ahead of the plugin's own handlers of these routes.
  function answerAhead(request: FastifyRequest, reply: FastifyReply, next: (e?: Error) => void) {
    const path = request.routeOptions.url?.slice(PREFIX.length)
    const format = FORMATS.find((name) => path === `/${name}`)
    if (format !== undefined) {
      bytesFor(request, format)
        .then((bytes) => sendEncoded(request, reply, bytes))
        .catch(next)
    } else if (path === '/static/index.html') {
      // The plugin would redirect to a path without the base path.
      reply.redirect(`${basePathOf(request)}${PREFIX}/`)
    } else {
      next()
    }
  }

  // Otherwise the first reader would hold up everybody else.
  app.addHook('onListen', async () => {
    await made()
  })
  await app.register(swaggerUi, {
    routePrefix: PREFIX,
    // Makes the page's links relative, so that they hold behind any base path.
    indexPrefix: '.',
    staticCSP: CONTENT_SECURITY_POLICY,
    uiConfig: { validatorUrl: null, tryItOutEnabled: true },
    uiHooks: { onRequest: answerAhead },
    theme: { title: 'Reservation System API' },
  })
}

/** The document in each format, as a function of the base path. */
function templatesOf(app: FastifyInstance): Record<Format, (basePath: string) => string> {
  return {
    json: templateOf(JSON.stringify(app.swagger()), /(?<="servers":\[\{"url":")\/(?="\}\])/),
    yaml: templateOf(app.swagger({ yaml: true }), /(?<=^servers:\n {2}- url: )\/$/m),
  }
}

/** @throws Error if the server's URL is not there, or more than once */
function templateOf(text: string, url: RegExp): (basePath: string) => string {
  const [before, after, ...more] = text.split(url)
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`the document's server is not to be found by ${url}`)
  }
  return (basePath) => `${before}${basePath === '' ? '/' : basePath}${after}`
}

export default fp(documentation, {
  name: 'documentation',
  fastify: '5.x',
  dependencies: ['openapi'],
})
