/**
 * Takes NGINX's questions straight from node:http, at a tenth of what the way through the application costs, and whether it is ready; everything
 * else is for the application, where the same questions get the same answers.
 */
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { Hono } from 'hono'
import { type AppOptions, logFault, readiness } from './app.ts'
import type { Gate } from './gate/decide.ts'
import type { Reply } from './gate/reply.ts'
import { createLateListener } from './late_listener.ts'
import { PLAIN_ANSWER } from './login/answer_headers.ts'
import { type Asked, isPlain, readPlainQuestion } from './question.ts'
import { validate } from './validate.ts'

/** Bytes: more than NGINX lets through, so that too large a credential is refused for what it is and not as a fault. */
const MAX_HEADERS = 128 * 1024

/**
 * Milliseconds after which the way to the application is loaded: all of `fetch` comes with it, which is a good part of a start. Soon, so that
 * nobody who signs in waits for it, and an update of the files does not meet a server that has not read them.
 */
const AFTER_START = 1000

type Options = Pick<AppOptions, 'gate' | 'missing' | 'onStepUp' | 'onDecision' | 'onFault' | 'log'>
type Fail = (outgoing: ServerResponse, error: unknown) => void

/**
 * The server, which does not listen yet.
 * @param app answers `GET /validate` and `GET /ready` too, for requests of an unusual form
 * @param options those that the application was made of
 */
export function createGateServer(app: Hono, options: Options): Server {
  const failed: Fail = (outgoing, error) => sendJson(outgoing, { status: 500, body: logFault(options, error) })
  const application = createLateListener(async () => (await import('@hono/node-server')).getRequestListener(app.fetch), failed)
  const server = createServer({ maxHeaderSize: MAX_HEADERS, joinDuplicateHeaders: true }, (incoming, outgoing) => {
    const gate = options.gate()
    const asked = gate && readPlainQuestion(incoming)
    if (gate !== null && asked !== null) answer(asked, gate, options, outgoing, failed)
    else if (incoming.url === '/ready' && isPlain(incoming)) sendJson(outgoing, readiness(options), PLAIN_ANSWER)
    else application.listen(incoming, outgoing)
  })
  server.once('listening', () => setTimeout(application.load, AFTER_START).unref())
  return server
}

function answer(asked: Asked, gate: Gate, options: Options, outgoing: ServerResponse, failed: Fail): void {
  try {
    const found = validate(asked, gate, options)
    if (found instanceof Promise) found.then((reply) => send(outgoing, reply)).catch((error) => failed(outgoing, error))
    else send(outgoing, found)
  } catch (error) {
    failed(outgoing, error)
  }
}

function send(outgoing: ServerResponse, { status, headers }: Reply): void {
  // That a connection stays is understood in HTTP/1.1 (RFC 9112 section 9.3). NGINX would read it again with each call that it remembers.
  if (outgoing.shouldKeepAlive) outgoing.removeHeader('connection')
  outgoing.writeHead(status, headers)
  outgoing.end()
}

function sendJson(
  outgoing: ServerResponse,
  { status, body }: { status: number; body: object },
  headers: Record<string, string> = {},
): void {
  const text = JSON.stringify(body)
  outgoing.writeHead(status, { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  outgoing.end(text)
}
