/** MCP servers that answer as they should not, and what a client must not be shown. */
import type { Backend } from '../support/backend.ts'
import type { Answer } from '../support/raw.ts'
import { type Case, DELIVERED, postTo } from './table.ts'

export const BODY = '{"jsonrpc":"2.0","id":1,"result":{"from":"the MCP server"}}'

/** An answer with these header lines; every value but the last one of a name is kept. */
export const answering =
  (lines: readonly string[], status = 200, body = BODY): Backend['answer'] =>
  (_request, response) => {
    const flat = lines.flatMap((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()])
    const type = lines.some((line) => /^content-type:/i.test(line)) ? [] : ['Content-Type', 'application/json']
    response.writeHead(status, [...type, 'Content-Length', String(body.length), ...flat]).end(body)
  }

/** These very bytes, and then the end of the connection. */
export const writing =
  (bytes: string): Backend['answer'] =>
  (request) =>
    request.socket.end(Buffer.from(bytes, 'latin1'))

export const hostile = (id: string, name: string, answer: Backend['answer'], part: Partial<Case> = {}): Case => ({
  id,
  name,
  prepare: ({ gateway }) => {
    gateway.currenttime.answer = answer
  },
  send: (w) => postTo('/currenttime/mcp', [w.agent]),
  status: 200,
  backend: DELIVERED,
  ...part,
})

export const lacks =
  (...names: readonly string[]) =>
  ([answer]: readonly Answer[]): string | undefined => {
    const found = names.filter((name) => answer?.headers[name] !== undefined)
    return found.length > 0 ? `the client was shown ${found.join(', ')}` : undefined
  }
export const ownBody = ([answer]: readonly Answer[]): string | undefined => (answer?.body === BODY ? undefined : `body ${answer?.body}`)
export const all =
  (...checks: readonly ((answers: readonly Answer[]) => string | undefined)[]) =>
  (answers: readonly Answer[]) =>
    checks.map((check) => check(answers)).find((problem) => problem !== undefined)
