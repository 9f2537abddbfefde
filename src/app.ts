/** The HTTP routes of the validator, nothing else. */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Gate } from './gate/decide.ts'
import { refusal } from './gate/refusal.ts'
import type { Logger } from './log.ts'
import { plainAnswer } from './login/answer_headers.ts'
import { readQuestion } from './question.ts'
import { StoreUnavailable } from './session/ended.ts'
import { type Answering, validate } from './validate.ts'

/** Bytes. */
const MAX_ORDER = 4096

export interface AppOptions {
  /** The gate as of now; null while there is no policy. */
  gate(): Gate | null
  /** What is missing to decide, each as a sentence; empty when ready. */
  missing(): readonly string[]
  /** What people and MCP clients sign in by: below /oauth2/, and the documents that lead there. */
  oauth: Hono
  login: Hono
  /** The client of a sign-in has been told to come back with more scopes. */
  onStepUp(signIn: string): void
  onDecision?: Answering['onDecision']
  /** Told of each error that should not have happened. */
  onFault?: (() => void) | undefined
  /** Carries out an operator's sealed order; null when it is none. */
  revoke(order: string): Promise<string | null>
  log: Logger
}

/** Builds the application. The only route that can answer 204 is `GET /validate`. */
export function createApp(options: AppOptions): Hono {
  const app = new Hono()
  app.all('/validate', async (c): Promise<Response> => {
    return c.req.method === 'GET' ? answer(c, options) : c.json({ reason: 'method_not_allowed' }, 405, { allow: 'GET' })
  })
  // NGINX alone reads the answers above, and in a hurry.
  app.use(plainAnswer)
  app.on(['GET'], '/health', (c) => c.text('ok\n'))
  app.on(['GET'], '/ready', (c) => {
    const { status, body } = readiness(options)
    return c.json(body, status)
  })
  // Before the pages, which have an answer for everything else there.
  app.route('/', options.oauth)
  app.route('/', options.login)
  // NGINX passes nobody here: it is for the operator's own program.
  app.post('/sessions/revoke', bodyLimit({ maxSize: MAX_ORDER, onError: (c) => c.json({ reason: 'body_too_large' }, 413) }), (c) =>
    revoke(c, options),
  )
  app.notFound((c) => c.json({ reason: 'not_found', message: 'There is nothing here.' }, 404))
  app.onError((error, c) => c.json(logFault(options, error), 500))
  return app
}

/** Whether there is all that it takes to decide, as it is said to who asks for that. */
export function readiness({ missing }: Pick<AppOptions, 'missing'>): { status: 200 | 503; body: object } {
  const lacking = missing()
  return lacking.length === 0 ? { status: 200, body: { ready: true } } : { status: 503, body: { ready: false, missing: lacking } }
}

/** Logs what should not have happened, and gives what is said of it. */
export function logFault({ log, onFault }: Pick<AppOptions, 'log' | 'onFault'>, error: unknown): { reason: 'internal_error' } {
  const { message, code, stack } = error as NodeJS.ErrnoException
  onFault?.()
  log.error({ error: message, code, stack }, 'unexpected error')
  return { reason: 'internal_error' }
}

async function answer(c: Context, options: AppOptions): Promise<Response> {
  const gate = options.gate()
  if (gate === null) return c.json({ reason: 'policy_unavailable', message: refusal('policy_unavailable').message }, 503)
  const { status, headers } = await validate(
    readQuestion((name) => c.req.header(name)),
    gate,
    options,
  )
  return new Response(null, { status, headers })
}

async function revoke(c: Context, { revoke: carryOut, log }: AppOptions): Promise<Response> {
  try {
    const user = await carryOut(await c.req.text())
    if (user === null)
      return c.json({ reason: 'order_refused', message: 'The order was sealed with another SECRET_KEY, or is too old.' }, 403)
    log.info({ user }, 'sessions revoked')
    return c.json({ revoked: user })
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error
    return c.json({ reason: 'session_store_unavailable', message: refusal('session_store_unavailable').message }, 503)
  }
}
