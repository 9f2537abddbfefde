/** Takes NGINX's questions straight from node:http, which costs a tenth of the way through the application, and gives it everything else. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import { type AppOptions, logFault } from './app.ts'
import type { Reply } from './gate/reply.ts'
import { readPlainQuestion } from './question.ts'
import { validate } from './validate.ts'

/** @param options those that the application was made of; it answers `GET /validate` too, for questions of any other form */
export function createListener(app: Hono, options: Pick<AppOptions, 'gate' | 'onStepUp' | 'log'>): RequestListener {
  const application = getRequestListener(app.fetch)
  return (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const gate = options.gate()
    const asked = gate && readPlainQuestion(incoming)
    if (gate === null || asked === null) return void application(incoming, outgoing)
    const failed = (error: unknown): void => fail(outgoing, logFault(options.log, error))
    try {
      const answer = validate(asked, gate, options)
      if (answer instanceof Promise) answer.then((found) => send(outgoing, found)).catch(failed)
      else send(outgoing, answer)
    } catch (error) {
      failed(error)
    }
  }
}

function send(outgoing: ServerResponse, { status, headers }: Reply): void {
  outgoing.writeHead(status, headers)
  outgoing.end()
}

function fail(outgoing: ServerResponse, body: object): void {
  outgoing.writeHead(500, { 'content-type': 'application/json' })
  outgoing.end(JSON.stringify(body))
}
