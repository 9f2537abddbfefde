/** The HTTP routes of the validator, nothing else. */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { decodeCall } from './gate/call.ts'
import { decide, type Gate } from './gate/decide.ts'
import { refusal } from './gate/refusal.ts'
import { corsHeaders, type Decision, reply } from './gate/reply.ts'
import { type Logger, logDecision } from './log.ts'
import { StoreUnavailable } from './session/ended.ts'

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
  /** Carries out an operator's sealed order; null when it is none. */
  revoke(order: string): Promise<string | null>
  log: Logger
}

/** Builds the application. The only route that can answer 204 is `GET /validate`. */
export function createApp(options: AppOptions): Hono {
  const app = new Hono()
  app.on(['GET'], '/health', (c) => c.text('ok\n'))
  app.on(['GET'], '/ready', (c) => {
    const missing = options.missing()
    return missing.length === 0 ? c.json({ ready: true }) : c.json({ ready: false, missing }, 503)
  })
  app.all('/validate', async (c): Promise<Response> => {
    return c.req.method === 'GET' ? validate(c, options) : c.json({ reason: 'method_not_allowed' }, 405, { allow: 'GET' })
  })
  // Before the pages, which have an answer for everything else there.
  app.route('/', options.oauth)
  app.route('/', options.login)
  // NGINX passes nobody here: it is for the operator's own program.
  app.post('/sessions/revoke', bodyLimit({ maxSize: MAX_ORDER, onError: (c) => c.json({ reason: 'body_too_large' }, 413) }), (c) =>
    revoke(c, options),
  )
  app.notFound((c) => c.json({ reason: 'not_found', message: 'There is nothing here.' }, 404))
  app.onError((error, c) => {
    options.log.error({ error: error.message, code: (error as NodeJS.ErrnoException).code, stack: error.stack }, 'unexpected error')
    return c.json({ reason: 'internal_error' }, 500)
  })
  return app
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

async function validate(c: Context, { gate: current, onStepUp, log }: AppOptions): Promise<Response> {
  const started = process.hrtime.bigint()
  const header = (name: string): string => c.req.header(name) ?? ''
  const server = header('x-mcp-server')
  const httpMethod = header('x-mcp-http-method')
  const call = header('x-mcp-call')
  const origin = c.req.header('origin')
  const gate = current()
  if (gate === null) return c.json({ reason: 'policy_unavailable', message: refusal('policy_unavailable').message }, 503)
  const decision: Decision = await decide(
    {
      authorization: c.req.header('authorization'),
      cookie: c.req.header('cookie'),
      origin,
      server,
      httpMethod,
      call,
    },
    gate,
  )
  if (decision.kind === 'refuse' && decision.lacking?.remedy === 'token' && decision.principal?.signIn) onStepUp(decision.principal.signIn)
  const { status, headers } = reply(decision, server, gate.gateway, header('x-mcp-transport') === 'sse' ? 'sse' : 'mcp')
  const { method = '', name = '' } = (call && decodeCall(call)) || {}
  logDecision(log, decision, {
    requestId: header('x-request-id'),
    server,
    httpMethod,
    method,
    name: name ?? '',
    url: header('x-original-url'),
    microseconds: Number((process.hrtime.bigint() - started) / 1000n),
  })
  return new Response(null, { status, headers: { ...headers, ...corsHeaders(origin, gate.allowedOrigins) } })
}
