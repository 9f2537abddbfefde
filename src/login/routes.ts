/** All routes below /oauth2/, and what every answer there has in common. */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { answerPage } from './answers.ts'
import { ASSETS } from './assets.ts'
import { loginRoutes } from './login_routes.ts'
import { ErrorPage } from './pages/error.tsx'
import type { LoginService } from './service.ts'
import { sessionRoutes } from './session_routes.ts'

/** Bytes: more than any form that is sent here. */
const MOST = 16 * 1024

export function createLoginRoutes(service: LoginService): Hono {
  const app = new Hono()
  app.use('/oauth2/*', async (c, next) => {
    await next()
    const { headers } = c.res
    if (!headers.has('cache-control')) headers.set('cache-control', 'no-store')
    headers.set('x-content-type-options', 'nosniff')
    // Not no-referrer: with that browsers send forms with "Origin: null".
    headers.set('referrer-policy', 'same-origin')
    headers.set('cross-origin-opener-policy', 'same-origin')
    headers.set('cross-origin-resource-policy', 'same-origin')
  })
  app.use('/oauth2/*', bodyLimit({ maxSize: MOST, onError: (c) => c.json({ reason: 'body_too_large' }, 413) }))
  for (const [name, { body, type }] of Object.entries(ASSETS)) {
    app.get(`/oauth2/${name}`, (c) => c.body(body, 200, { 'content-type': type, 'cache-control': 'public, max-age=31536000, immutable' }))
  }
  app.route('/', loginRoutes(service))
  app.route('/', sessionRoutes(service))
  app.all('/oauth2/*', (c) =>
    answerPage(
      c,
      ErrorPage({ title: 'Nothing here', happened: 'There is no page at this address.', advice: 'Go to the start page.' }),
      404,
    ),
  )
  return app
}
