/** All routes of the stand-in, and what every answer has in common. */
import { randomUUID } from 'node:crypto'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { backchannelRoutes } from './backchannel.ts'
import { browserRoutes } from './browser.ts'
import { discoveryRoutes } from './discovery.ts'
import type { Service } from './service.ts'

/** Far above any form that is sent here. */
const MOST_BYTES = 64 * 1024

export function createApp(service: Service): Hono {
  const app = new Hono()
  app.use(async (c, next) => {
    await next()
    c.header('x-amz-cognito-request-id', randomUUID())
  })
  app.use(bodyLimit({ maxSize: MOST_BYTES, onError: (c) => c.json({ error: 'invalid_request' }, 413) }))
  app.route('/', discoveryRoutes(service))
  app.route('/', browserRoutes(service))
  app.route('/', backchannelRoutes(service))
  app.notFound((c) => c.text('Not Found', 404))
  app.onError((error, c) => {
    // Only the kind of the error: its text may hold what a client sent.
    process.stderr.write(`cognito stand-in: ${error.name} at ${c.req.method} ${c.req.path}\n`)
    return c.json({ error: 'server_error' }, 500)
  })
  return app
}
