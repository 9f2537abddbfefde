/**
 * Questions over HTTP as a check needs them: the path goes out to the letter, redirects are not followed, and no answer is an answer too.
 * `fetch` would resolve the dot segments of a path before it is sent.
 */
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { GetDocument } from '../document.ts'

export interface Question {
  /** Scheme, host and port. */
  origin: string
  /** With the query. */
  path: string
  method?: string
  headers?: Readonly<Record<string, string>>
  body?: string
}

export interface Answer {
  status: number
  /** In lower case; several of one name are joined by a comma. */
  headers: Readonly<Record<string, string>>
  body: string
  /** By the asker's clock, milliseconds since 1970: halfway between question and answer. */
  at: number
}

/** No usable answer: the code of the operating system or of TLS, or `TIMEOUT`, `TOO_LONG`, `TOO_MANY_REQUESTS`. */
export interface Trouble {
  trouble: string
}

/** Never rejects. */
export type Ask = (question: Question) => Promise<Answer | Trouble>

export interface World {
  ask: Ask
  /** Milliseconds since 1970. */
  now(): number
}

export const TOO_MANY = 'TOO_MANY_REQUESTS'
export const isTrouble = (answer: Answer | Trouble): answer is Trouble => 'trouble' in answer

/** Milliseconds. */
const TIMEOUT = 10_000
const MAX_BYTES = 1024 * 1024

/** @param now milliseconds since 1970 */
export function createAsk(now: () => number, timeout = TIMEOUT): Ask {
  return ({ origin, path, method = 'GET', headers = {}, body = '' }) =>
    new Promise((resolve) => {
      const { protocol, hostname, port } = new URL(origin)
      const started = now()
      const send = protocol === 'https:' ? requestHttps : requestHttp
      let streamed: (() => void) | null = null
      // A stream need not end: that there is one is the answer.
      const failed = (error: NodeJS.ErrnoException): void => (streamed ? streamed() : resolve({ trouble: troubleOf(error) }))
      const length = method === 'GET' ? {} : { 'content-length': String(Buffer.byteLength(body)) }
      const options = {
        host: hostname.replace(/^\[|\]$/g, ''),
        port: port || undefined,
        path,
        method,
        headers: { accept: '*/*', 'user-agent': 'gatehouse-doctor', ...length, ...headers },
        agent: false,
        signal: AbortSignal.timeout(timeout),
      }
      const sent = send(options, (response) => {
        const chunks: Buffer[] = []
        let size = 0
        response.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size > MAX_BYTES) response.destroy(Object.assign(new Error('too long'), { code: 'TOO_LONG' }))
          else chunks.push(chunk)
        })
        response.on('error', failed)
        const answered = (): void => {
          const pairs = Object.entries(response.headersDistinct).map(([name, values]) => [name, (values ?? []).join(', ')])
          const text = Buffer.concat(chunks).toString('utf8')
          resolve({ status: response.statusCode ?? 0, headers: Object.fromEntries(pairs), body: text, at: (started + now()) / 2 })
        }
        if (response.headers['content-type']?.startsWith('text/event-stream')) streamed = answered
        response.on('end', answered)
      })
      sent.on('error', failed)
      sent.end(body)
    })
}

function troubleOf(error: NodeJS.ErrnoException): string {
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'TIMEOUT'
  const [first] = error instanceof AggregateError ? (error.errors as NodeJS.ErrnoException[]) : []
  return error.code ?? first?.code ?? 'UNKNOWN'
}

/** The same questions in the form in which keys are got. */
export function documentBy(ask: Ask): GetDocument {
  return async (url) => {
    const { origin, pathname, search } = new URL(url)
    const answer = await ask({ origin, path: pathname + search, headers: { accept: 'application/json' } })
    if (isTrouble(answer)) throw new Error(`no answer (${answer.trouble})`)
    return { status: answer.status, type: answer.headers['content-type'] ?? '', body: Buffer.from(answer.body) }
  }
}

/** An answer's body as an object; empty when it is none. */
export function objectOf({ body }: Answer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** What a trouble means, and what to do about it. */
export function explainTrouble(trouble: string, origin: string): { evidence: string; remedy: string } {
  const { hostname, protocol } = new URL(origin)
  const at = `${origin} gave no answer (${trouble})`
  if (trouble === TOO_MANY) return { evidence: `${origin} answers 429: too much is asked of it now`, remedy: 'Try again in a minute.' }
  if (['ENOTFOUND', 'EAI_AGAIN'].includes(trouble)) {
    return { evidence: `${at}: the name ${hostname} is not known`, remedy: 'Check its spelling, and that DNS works on this machine.' }
  }
  if (trouble === 'ECONNREFUSED') return { evidence: `${at}: nothing listens there`, remedy: 'Start it, or correct the host and port.' }
  if (/CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(trouble)) {
    const own = 'For a CA of your own set NODE_EXTRA_CA_CERTS to its certificate.'
    return { evidence: `${at}: its certificate is not accepted`, remedy: `Renew the certificate or correct the host. ${own}` }
  }
  if (/SSL|TLS|EPROTO/.test(trouble) && protocol === 'https:') {
    return { evidence: `${at}: it does not speak TLS`, remedy: 'Use http:// if that is meant, or the port that speaks TLS.' }
  }
  return { evidence: at, remedy: 'Check that this machine may connect there: firewall, proxy, security group, VPC endpoint.' }
}
