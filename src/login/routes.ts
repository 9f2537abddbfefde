/** The routes for people below /oauth2/. */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { answerHeaders, overHttps } from './answer_headers.ts'
import { answerPage } from './answers.ts'
import { ASSETS } from './assets.ts'
import { loginRoutes } from './login_routes.ts'
import { ErrorPage } from './pages/error.tsx'
import { LONGEST_PROBE, opensProbe } from './probe.ts'
import type { LoginService } from './service.ts'
import { sessionRoutes } from './session_routes.ts'

/** Bytes: more than any form that is sent here. */
const MOST = 16 * 1024

const tooLarge = (c: Context): Response => c.json({ reason: 'body_too_large' }, 413)

export function createLoginRoutes(service: LoginService): Hono {
  const app = new Hono()
  app.use('/oauth2/*', answerHeaders, overHttps(service.gateway))
  app.use('/oauth2/*', bodyLimit({ maxSize: MOST, onError: tooLarge }))
  for (const [name, { body, type, href }] of Object.entries(ASSETS)) {
    // Of another validator's version, in a rolling change: nothing to keep under that address.
    const cacheOf = (url: string): string => (url.endsWith(href) ? 'public, max-age=31536000, immutable' : 'no-store')
    app.get(`/oauth2/${name}`, (c) => c.body(body, 200, { 'content-type': type, 'cache-control': cacheOf(c.req.url) }))
  }
  app.route('/', loginRoutes(service))
  app.route('/', sessionRoutes(service))
  app.post('/oauth2/probe', bodyLimit({ maxSize: LONGEST_PROBE, onError: tooLarge }), async (c) =>
    c.json(await opensProbe(service, await c.req.text())),
  )
  app.all('/oauth2/*', (c) =>
    answerPage(
      c,
      ErrorPage({ title: 'Nothing here', happened: 'There is no page at this address.', advice: 'Go to the start page.' }),
      404,
    ),
  )
  return app
}
