/**
 * The least that a validator in Node can be: the same status and headers to everybody. `read`, `hash` and `line` do what no validator can leave
 * out besides, each with the step before it.
 *
 *   ANSWER='{"status":204,"headers":{…}}' node --import tsx bench/programs/bare.ts http|read|hash|line|hono PORT
 */
import { createServer } from 'node:http'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { keyOf } from '../../src/credential_memory.ts'
import type { Decision } from '../../src/gate/reply.ts'
import { createLog, logDecision } from '../../src/log.ts'
import { type Asked, readPlainQuestion } from '../../src/question.ts'

const [kind, port] = process.argv.slice(2)
const { status, headers } = JSON.parse(process.env.ANSWER ?? '') as { status: 204; headers: Record<string, string> }

const known = new Map<string, Decision>()
const log = createLog('info')
const yes: Decision = {
  kind: 'allow',
  principal: {
    ...{ user: headers['x-user'] ?? '', clientId: headers['x-client-id'] ?? '', authMethod: 'jwt' },
    ...{ groups: [], scopes: [], attainable: null, expiresAt: 0 },
  },
  allowSet: null,
  cacheSeconds: 0,
}

/** What is remembered of the credential: always the same. */
function recall({ authorization = '' }: Asked): Decision {
  const key = keyOf(authorization)
  const found = known.get(key) ?? yes
  if (!known.has(key)) known.set(key, found)
  return found
}

function note(decision: Decision, { requestId, server, httpMethod, url }: Asked): void {
  logDecision(log, decision, { requestId, server, httpMethod, url, method: '', name: '', microseconds: 1, traceId: '' })
}

type Step = (asked: Asked | null) => void
const steps: Record<string, Step | undefined> = {
  read: () => {},
  hash: (asked) => asked && recall(asked),
  line: (asked) => asked && note(recall(asked), asked),
}

if (kind === 'hono') {
  const app = new Hono()
  app.get('/validate', () => new Response(null, { status, headers }))
  serve({ fetch: app.fetch, port: Number(port), hostname: '127.0.0.1' })
} else {
  const step = steps[kind ?? '']
  // As that of the validator.
  const server = createServer({ joinDuplicateHeaders: true }, (request, response) => {
    step?.(readPlainQuestion(request))
    // As the validator does.
    response.removeHeader('connection')
    response.writeHead(status, headers).end()
  })
  server.keepAliveTimeout = 75_000
  server.listen(Number(port), '127.0.0.1')
}
