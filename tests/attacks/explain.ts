/** What a refusal must say to the client, and bodies of a given size or depth. */
import { call } from '../support/gateway.ts'
import type { Answer } from '../support/raw.ts'

/** The largest body of the shipped configuration. */
export const LIMIT = 1024 * 1024

/**
 * A check of a refusal's body: the reason, one sentence, and the form of a JSON-RPC error where the id is known.
 * @param id the id as JSON text; left out when the client must get the plain form
 */
export function explained(reason: string, id?: string, code = -32600): (answers: Answer[]) => string | undefined {
  return ([answer]) => {
    if (answer?.headers['content-type']?.join() !== 'application/json') return `Content-Type ${answer?.headers['content-type']}`
    const text = Buffer.from(answer.body, 'latin1').toString('utf8')
    const body = JSON.parse(text)
    const sentence = id === undefined ? body.message : body.error?.message
    if (typeof sentence !== 'string' || !/^[A-Z].*\.$/.test(sentence)) return `no sentence for a person: ${text}`
    const expected =
      id === undefined
        ? { reason, message: sentence }
        : { jsonrpc: '2.0', id: JSON.parse(id), error: { code, message: sentence, data: { reason } } }
    return JSON.stringify(body) === JSON.stringify(expected) ? undefined : `${text} instead of ${JSON.stringify(expected)}`
  }
}

/** A call of exactly this many bytes. */
export function padded(tool: string, size: number): string {
  const body = call(tool).replace('{}', '{"pad":""}')
  return body.replace('"pad":""', `"pad":"${'p'.repeat(size - body.length)}"`)
}

/** A call of `now` whose arguments nest this deep. */
export const deep = (depth: number): string => call('now').replace('{}', '['.repeat(depth) + ']'.repeat(depth))
