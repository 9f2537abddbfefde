/** Takes NGINX's questions straight from node:http, at a tenth of what the way through the application costs, and gives it everything else. */
import { createServer, type Server, type ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { type AppOptions, logFault } from './app.ts'
import type { Reply } from './gate/reply.ts'
import { readPlainQuestion } from './question.ts'
import { validate } from './validate.ts'

/** Bytes: more than NGINX lets through, so that too large a credential is refused for what it is and not as a fault. */
const MAX_HEADERS = 128 * 1024

/**
 * The server, which does not listen yet.
 * @param app answers `GET /validate` too, for questions of an unusual form
 * @param options those that the application was made of
 */
export function createGateServer(app: Hono, options: Pick<AppOptions, 'gate' | 'onStepUp' | 'onDecision' | 'onFault' | 'log'>): Server {
  const application = getRequestListener(app.fetch)
  return createServer({ maxHeaderSize: MAX_HEADERS, joinDuplicateHeaders: true }, (incoming, outgoing) => {
    const gate = options.gate()
    const asked = gate && readPlainQuestion(incoming)
    if (gate === null || asked === null) {
      application(incoming, outgoing)
      return
    }
    const failed = (error: unknown): void => fail(outgoing, logFault(options, error))
    try {
      const answer = validate(asked, gate, options)
      if (answer instanceof Promise) answer.then((found) => send(outgoing, found)).catch(failed)
      else send(outgoing, answer)
    } catch (error) {
      failed(error)
    }
  })
}

function send(outgoing: ServerResponse, { status, headers }: Reply): void {
  outgoing.writeHead(status, headers)
  outgoing.end()
}

function fail(outgoing: ServerResponse, body: object): void {
  const text = JSON.stringify(body)
  outgoing.writeHead(500, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  outgoing.end(text)
}
